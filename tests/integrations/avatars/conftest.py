"""Each test keeps its files in a folder of its own, and fetches from this machine."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Where the pictures are kept."""
    settings.MEDIA_ROOT = tmp_path
    settings.FETCH_FROM_LOOPBACK = True
    return tmp_path / "avatars"
