"""A line that is cut is silent: nobody is told, nothing is lost that TCP would repeat, and the world is still there."""

import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from .lines import Namespace, Place, inside, namespaces_are_allowed

KINDS = [Place, Namespace] if namespaces_are_allowed() else [Place]


@pytest.fixture
def echo() -> Iterator[str]:
    """The address of a server that sends back what it is sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        def answer(connection: socket.socket) -> None:
            with connection:
                while data := connection.recv(100):
                    connection.sendall(data)

        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_silent_while_it_is_cut_and_goes_on_when_it_is_whole(kind: type[Place], echo: str) -> None:
    with kind("lines", {"SERVER": echo}, {"WORLD": echo}) as place:
        server, world = connected(place, "SERVER"), connected(place, "WORLD")
        with server, world:
            assert said(server, b"one") == b"one"
            place.cut()
            server.sendall(b"two")
            with pytest.raises(TimeoutError):
                server.recv(100)
            assert said(world, b"still") == b"still"
            place.mend()
            server.settimeout(20)
            assert server.recv(100) == b"two"


def connected(place: Place, name: str) -> socket.socket:
    parts = urlsplit(place.environ[name])
    with inside(place.network):
        return socket.create_connection((parts.hostname, parts.port or 0), timeout=1)


def said(to: socket.socket, words: bytes) -> bytes:
    to.sendall(words)
    return to.recv(100)
