"""What stands between tweepy and the network."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from integrations.platforms.twitter import session
from integrations.platforms.twitter.session import Nobody, Session, Upload

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


SIZE = 4 * 1024 * 1024


@pytest.fixture
def slow_server() -> Iterator[str]:
    """Whoever listens here takes about a second for four megabytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        threading.Thread(target=_take_slowly, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _take_slowly(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        taken = 0
        while taken < SIZE:
            taken += len(connection.recv(64 * 1024))
            time.sleep(0.016)
        connection.sendall(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")


def test_it_gives_a_file_more_time_than_a_connection(
    slow_server: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.X_API_URL = slow_server
    monkeypatch.setattr(session, "CONNECT_TIMEOUT", 0.2)
    began = time.monotonic()
    with Session(Nobody(), within=session.UPLOAD_WITHIN) as open_session:
        assert open_session.post("/2/media/upload", data=Upload(bytes(SIZE))).status_code == 204
    assert time.monotonic() - began > 0.4
