"""The real processes that the tests of tests/system and tests/browser share: a plugin of tests/conftest.py."""

from collections.abc import Iterator

import pytest

from tests.peers.x.process import XPeer

from .seeding import Seeder
from .stack import Stack


@pytest.fixture(scope="session")
def x() -> Iterator[XPeer]:
    """X's strict double, in a process of its own."""
    with XPeer() as peer:
        yield peer


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, x: XPeer) -> Iterator[Stack]:
    app = {"X_CLIENT_ID": "openpost-client", "X_CLIENT_SECRET": "openpost-secret"}
    running = Stack(tmp_path_factory.mktemp("stack"), X_API_URL=x.url, **app)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def seed(stack: Stack) -> Iterator[Seeder]:
    """`seed(builders.workspace, "live")` makes on the stack's database what is not the test's point, or has no API."""
    with Seeder(stack.environ) as seeder:
        yield seeder
