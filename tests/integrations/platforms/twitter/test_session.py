"""What stands between tweepy and the network."""

import logging
from pathlib import Path

import pytest

from .conftest import Desk


def test_it_gives_the_token_to_nobody_who_logs_it(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        desk.publish("hello")
    assert "POST" in caplog.text
    assert desk.account.credentials["access_token"] not in caplog.text


def test_it_is_not_led_astray_by_a_netrc(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    desk.publish("hello")
    assert len(desk.live()) == 1
