"""Each test keeps its files in a folder of its own."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.peers.s3 import s3 as s3


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = settings.MEDIA_ROOT / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    return tmp_path


def left(folder: Path) -> list[str]:
    """The names of all files that are left anywhere."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
