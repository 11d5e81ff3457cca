import pytest

from integrations.platforms.client import Account
from tests.integrations.platforms.files import MemoryFiles
from tests.peers.pds import Pds, pds

from .people import connected

__all__ = ["pds"]


@pytest.fixture
def ann(pds: Pds) -> Account:
    """A person on the real server, connected."""
    return connected(pds, pds.create_account("ann"))


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles()
