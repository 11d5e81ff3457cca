import pytest

from publishing import publish

from .engine import ScriptedClient


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> ScriptedClient:
    """The platform behind every account: the one door that is not real here."""
    client = ScriptedClient()
    monkeypatch.setattr(publish, "client_for", lambda _integration: client)
    return client
