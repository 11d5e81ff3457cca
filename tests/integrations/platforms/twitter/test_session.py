"""What stands between tweepy and the network."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_django import Settings

from integrations.platforms.twitter import session
from integrations.platforms.twitter.session import Bearer, Nobody, Session, Upload
from tests.openpost.web import Web, answer, certificate

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


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A certificate that this process trusts."""
    path = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    session._tls.cache_clear()
    yield path
    session._tls.cache_clear()


def test_it_reads_certificates_once_in_a_process(
    trusted: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    load = ssl.SSLContext.load_verify_locations

    def counted(context: ssl.SSLContext, *args: Any, **kwargs: Any) -> None:
        read.append(args)
        load(context, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    with Web(trusted) as web:
        settings.X_API_URL = web.url
        web.at["/2/tweets"] = answer(b"{}")
        for _ in range(3):
            with Session(Bearer("token")) as open_session:
                assert open_session.get("/2/tweets").status_code == 200
    assert len(read) == 1


def test_it_speaks_to_nobody_whose_certificate_it_does_not_trust(
    trusted: Path, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "another").mkdir()
    with Web(certificate(tmp_path / "another")) as web, Session(Bearer("token")) as open_session:
        settings.X_API_URL = web.url
        with pytest.raises(requests.exceptions.SSLError):
            open_session.get("/2/tweets")
    assert not web.seen
