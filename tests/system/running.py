"""The real processes that the tests of tests/system share, and likewise those of tests/browser, by their conftest.py.

Of a package, not of a session: processes that nobody asks any more take time from the tests that are left.
"""

from collections.abc import Iterator

import pytest

from tests.peers.x.process import XPeer

from .seeding import Seeder
from .stack import Stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, x: XPeer) -> Iterator[Stack]:
    app = {"X_CLIENT_ID": "openpost-client", "X_CLIENT_SECRET": "openpost-secret"}
    running = Stack(tmp_path_factory.mktemp("stack"), X_API_URL=x.url, **app)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="package")
def seed(stack: Stack) -> Iterator[Seeder]:
    """`seed(builders.workspace, "live")` makes on the stack's database what is not the test's point, or has no API."""
    with Seeder(stack.environ) as seeder:
        yield seeder
