from collections.abc import Iterator

import pytest

from tests.peers.pds import pds
from tests.peers.x.process import XPeer

from .stack import Program, Stack

__all__ = ["pds"]


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


@pytest.fixture
def program(stack: Stack) -> Program:
    """A program with a key of the sandbox workspace."""
    return Program(stack.url, stack.key)
