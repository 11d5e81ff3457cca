"""The strict double of X and a real Bluesky server, for whoever needs a platform that keeps its own records."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.peers.pds import pds
from tests.peers.x.process import XPeer

__all__ = ["pds"]


@pytest.fixture(scope="session")
def _x_process() -> Iterator[XPeer]:
    with XPeer() as peer:
        yield peer


@pytest.fixture
def x(_x_process: XPeer, settings: Settings) -> XPeer:
    _x_process.reset()
    settings.X_API_URL = _x_process.url
    settings.X_AUTHORIZE_URL = f"{_x_process.url}/i/oauth2/authorize"
    settings.X_CLIENT_ID, settings.X_CLIENT_SECRET = "openpost-client", "openpost-secret"
    return _x_process
