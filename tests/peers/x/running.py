"""X's double as a fixture: a plugin of tests/conftest.py."""

from collections.abc import Iterator

import pytest

from .process import XPeer


@pytest.fixture(scope="session")
def x() -> Iterator[XPeer]:
    """X's strict double, in a process of its own."""
    with XPeer() as peer:
        yield peer
