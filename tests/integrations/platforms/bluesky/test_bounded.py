"""A server that drips, or never ends, keeps nobody: neither in its headers nor in its body."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_django import Settings

from integrations.platforms.bluesky import bounded, xrpc
from integrations.platforms.bluesky.xrpc import Failed, bounds, procedure

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


@contextmanager
def saying(first: bytes, then: bytes, every: float) -> Iterator[str]:
    """A server that says `first` and goes on with `then` without end."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    connection.sendall(first)
                    while True:
                        connection.sendall(then)
                        time.sleep(every)
                except OSError:
                    pass  # the caller has gone

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("first", "then", "every"),
    [(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.05), (HEAD, b" ", 0.05), (HEAD, b" " * 65536, 0)],
    ids=["headers that drip", "a body that drips", "a body without end"],
)
def test_an_answer_without_end_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, first: bytes, then: bytes, every: float
) -> None:
    monkeypatch.setattr(xrpc, "ANSWER_SIZE", 1_000_000)
    begun = time.monotonic()
    with saying(first, then, every) as server, pytest.raises(Failed) as caught:
        procedure(server, "com.atproto.repo.putRecord", {}, within=bounds(0.5))
    assert time.monotonic() - begun < 5
    assert not caught.value.unsent, "the post may be live"
    assert caught.value.answer is None


def test_a_packed_answer_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n"
    with saying(head + bomb, b"", 1) as server, pytest.raises(Failed, match="packed"):
        procedure(server, "com.atproto.repo.putRecord", {}, within=bounds(5))


def test_a_name_with_many_addresses_has_no_more_time_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def swallow(address: tuple[str, int], timeout: float, *_: Any, **__: Any) -> socket.socket:
        waited.append(timeout)
        time.sleep(min(timeout, 0.2))
        raise TimeoutError

    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{number}", 443)) for number in range(200)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    monkeypatch.setattr(socket, "create_connection", swallow)
    with pytest.raises(Failed) as caught:
        procedure("https://many.example", "com.atproto.repo.putRecord", {}, within=bounds(0.5))
    assert caught.value.unsent
    assert len(waited) <= bounded.MOST_ADDRESSES
    assert sum(min(seconds, 0.2) for seconds in waited) < 1


@pytest.mark.parametrize(
    "server", ["http://127.0.0.1:9", "http://localhost:9", "https://10.0.0.1", "https://[fd00::1]"]
)
def test_a_server_that_leads_to_us_or_our_neighbours_is_not_asked(settings: Settings, server: str) -> None:
    settings.SERVICES_ON_LOOPBACK = False
    with pytest.raises(Failed, match="public internet") as caught:
        procedure(server, "com.atproto.repo.putRecord", {}, within=bounds(5))
    assert caught.value.unsent
