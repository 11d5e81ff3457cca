"""How a host reaches its servers, and how that line is cut: silently, both ways, as a cable is.

Where we may have network namespaces, each host is in one, and its packets are dropped. Elsewhere its line is a proxy
that stops passing on: then the kernel still says for the other side that all was received.
"""

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

PIECE = 64 * 1024
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Proxy:
    """`with Proxy(url, at="10.77.1.1") as proxy`: `proxy.url` is the same server by way of it.

    It listens in the network namespace `listens`, and looks for the server in `asks`; "" is our own.
    """

    def __init__(self, url: str, *, at: str = "127.0.0.1", listens: str = "", asks: str = "") -> None:
        parts = urlsplit(url)
        self._server, self._asks = (parts.hostname, parts.port), asks
        with inside(listens):
            self._listener = socket.create_server((at, 0), backlog=128)
        login, given, _ = parts.netloc.rpartition("@")
        self.url = parts._replace(netloc=f"{login}{given}{at}:{self._listener.getsockname()[1]}").geturl()
        self._whole = threading.Event()
        self._whole.set()
        self._ends: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._whole.set()
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                try:
                    with inside(self._asks):
                        there = socket.create_connection(self._server)
                except OSError:
                    here.close()  # nobody is there yet
                    continue
                self._ends += here, there
                for one, other in ((here, there), (there, here)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(PIECE):
                self._whole.wait()
                other.sendall(data)
        # Not even that one side has gone is known before the line is whole.
        self._whole.wait()
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)


class Place:
    """Where a host is: what stands `before` its commands, its `network`'s namespace ("" is ours), and the addresses at
    which it reaches `servers` and `world`, by the names of their variables: `environ`.

    `cut` takes the servers from it and leaves it the world; `mend` brings them back.
    """

    before: tuple[str, ...] = ()
    network = ""

    def __init__(self, name: str, servers: dict[str, str], world: dict[str, str]) -> None:
        self._exits = ExitStack()
        self.environ = dict(world)
        self._proxies: list[Proxy] = []
        for variable, url in servers.items():
            self._proxies.append(self._exits.enter_context(Proxy(url)))
            self.environ[variable] = self._proxies[-1].url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._exits.close()

    def url(self, port: int) -> str:
        """How we reach what listens on that port of the host's loopback."""
        return f"http://127.0.0.1:{port}"

    def cut(self) -> None:
        for proxy in self._proxies:
            proxy.cut()

    def mend(self) -> None:
        for proxy in self._proxies:
            proxy.mend()


class Namespace(Place):
    """A network namespace, with one cable to its servers and one to the world; both lead to a second namespace."""

    def __init__(self, name: str, servers: dict[str, str], world: dict[str, str]) -> None:
        self._exits = ExitStack()
        self.network, self._far = (f"openpost-{os.getpid()}-{name}{end}" for end in ("", "-far"))
        self.before = ("ip", "netns", "exec", self.network)
        self.environ = {}
        for namespace in (self.network, self._far):
            ip("netns", "add", namespace)
            self._exits.callback(ip, "netns", "delete", namespace)
            ip("-n", namespace, "link", "set", "lo", "up")
        for cable, network in (("servers", "10.77.1"), ("world", "10.77.2")):
            ip("-n", self.network, "link", "add", cable, "type", "veth", "peer", "name", cable, "netns", self._far)
            for namespace, number in ((self._far, 1), (self.network, 2)):
                ip("-n", namespace, "address", "add", f"{network}.{number}/24", "dev", cable)
                ip("-n", namespace, "link", "set", cable, "up")
        for urls, at in ((servers, "10.77.1.1"), (world, "10.77.2.1")):
            for variable, url in urls.items():
                self.environ[variable] = self._exits.enter_context(Proxy(url, at=at, listens=self._far)).url

    def url(self, port: int) -> str:
        return self._exits.enter_context(Proxy(f"http://127.0.0.1:{port}", asks=self.network)).url

    def cut(self) -> None:
        # Its far end: on the host all looks as before, and what it sends arrives nowhere.
        ip("-n", self._far, "link", "set", "servers", "down")

    def mend(self) -> None:
        ip("-n", self._far, "link", "set", "servers", "up")


def place(name: str, *, servers: dict[str, str], world: dict[str, str]) -> Place:
    """This will make room for a host: where a network ends, if we may."""
    return (Namespace if namespaces_are_allowed() else Place)(name, servers, world)


@cache
def namespaces_are_allowed() -> bool:
    try:
        ip("netns", "add", probe := f"openpost-{os.getpid()}-probe")
        ip("netns", "delete", probe)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def ip(*command: str) -> None:
    subprocess.run(["ip", *command], check=True, capture_output=True)


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """Sockets that this thread makes meanwhile belong to that network namespace, wherever they are used then."""
    if not namespace:
        yield
        return
    with Path("/proc/thread-self/ns/net").open("rb") as own, Path("/run/netns", namespace).open("rb") as other:
        _enter(other.fileno())
        try:
            yield
        finally:
            _enter(own.fileno())


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no way into the network namespace")
