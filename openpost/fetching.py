"""Asking an address that somebody gave us: on the public internet only, within a time and a size.

    with fetch(url, most_bytes=1_000_000, within=10) as answer:
        if answer.status == 200:
            page = answer.read()

`fetch` gets, `post` sends.

`requests-hardened` resolves each name once, refuses addresses that are not public, and connects to the very address it
has looked at, so that a name cannot change its meaning in between; the certificate is still checked by name. We add
what it leaves open: a bound on the whole (names, connections, redirects and the last byte together), a bound on bytes,
redirects looked at one by one, and a rule for IPv6 that names what is good instead of what is bad.

Proxies of the environment are not used: they would resolve the name themselves, past every check. Nor are cookies, and
no password of a `.netrc`.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

T = TypeVar("T")

MOST_REDIRECTS = 4
_REDIRECTS = requests.sessions.SessionRedirectMixin()
#: Bytes that are read at a time.
PIECE = 64 * 1024
#: All IPv6 addresses that lead to one public machine.
#: https://www.iana.org/assignments/ipv6-address-space/ipv6-address-space.xhtml
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


class Unfetchable(Exception):
    """What an address did not give us, and why. `code` is stable; `sentence` is for whoever gave the address."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. `url` is where it was found after redirects; `content_type` the server's word, bare, in lower case.

    The body is read once, by `pieces` or `read`; both raise Unfetchable when it is packed, breaks off, is too large or
    too slow.
    """

    status: int
    content_type: str
    headers: Mapping[str, str]
    url: str
    pieces: Callable[[], Iterator[bytes]]

    def read(self) -> bytes:
        """The whole body, which is no larger than what was asked for."""
        return b"".join(self.pieces())


@contextmanager
def fetch(
    url: str, *, most_bytes: int, within: float, schemes: Sequence[str] = ("https",), accept: str = "*/*"
) -> Iterator[Answer]:
    """This will GET an address somebody gave us; raises Unfetchable.

    `within`: seconds for all of it, the reading of the body included. Any status but a redirect is an answer.
    """
    with _Deadline(within) as deadline:
        for _ in range(MOST_REDIRECTS + 1):
            require_fetchable(url, schemes, loopback=settings.FETCH_FROM_LOOPBACK)
            request = requests.Request("GET", url, {"Accept": accept})
            with _send(request, deadline, loopback=settings.FETCH_FROM_LOOPBACK) as response:
                place = _REDIRECTS.get_redirect_target(response)
                if place is None:
                    yield _answer(response, url, deadline, most_bytes)
                    return
                url = urljoin(url, place)
    raise Unfetchable("too_many_redirects", f"The address leads on to others, more than {MOST_REDIRECTS} times.")


@contextmanager
def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    most_bytes: int,
    within: float,
    schemes: Sequence[str] = ("https",),
    loopback: bool = False,
) -> Iterator[Answer]:
    """This will POST to an address somebody gave us; raises Unfetchable.

    As `fetch`, but any status is an answer: redirects are not followed. `loopback` allows this machine's own addresses.
    """
    with _Deadline(within) as deadline:
        require_fetchable(url, schemes, loopback=loopback)
        with _send(requests.Request("POST", url, headers, data=body), deadline, loopback=loopback) as response:
            yield _answer(response, url, deadline, most_bytes)


def require_fetchable(url: str, schemes: Sequence[str], *, loopback: bool = False) -> None:
    """This will raise Unfetchable for what can be seen to be no address to ask, without asking anybody."""
    try:
        parts = urlsplit(url)
        complete = parts.scheme in schemes and parts.hostname and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise Unfetchable("invalid_address", f"The address, or one it leads to, is not {wanted} and a host's name.")
    if "@" in parts.netloc:
        raise Unfetchable("invalid_address", "The address, or one it leads to, holds a user's name or a password.")
    try:
        require_public(str(parts.hostname), loopback=loopback)
    except InvalidIPAddress as error:
        raise _meaning(error) from error
    except ValueError:
        pass  # a name: what it stands for is looked at when it is used


@contextmanager
def _send(request: requests.Request, deadline: "_Deadline", *, loopback: bool) -> Iterator[requests.Response]:
    # Without a session: that adds what the environment says, and reads the body of a redirect whatever its size.
    request.headers = {"User-Agent": "OpenPost", "Accept-Encoding": "identity", **request.headers}
    with closing(_PublicOnly(deadline, tls=urlsplit(request.url).scheme == "https", loopback=loopback)) as adapter:
        with _understood(deadline):
            verify = settings.FETCH_CA_BUNDLE or True
            response = adapter.send(request.prepare(), stream=True, timeout=deadline.left(), verify=verify)
        with response:
            yield response


def _answer(response: requests.Response, url: str, deadline: "_Deadline", most_bytes: int) -> Answer:
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Answer(
        response.status_code, content_type, response.headers, url, lambda: _pieces(response, deadline, most_bytes)
    )


def _pieces(response: requests.Response, deadline: "_Deadline", most_bytes: int) -> Iterator[bytes]:
    if response.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity"):
        # A few packed bytes may unpack to more than a machine holds.
        raise Unfetchable("packed", "The server sent the file packed, although nobody asked for that.")
    came = response.raw.length_remaining or 0  # what the server says; if that is less, we count ourselves
    if came <= most_bytes:
        came = 0
        while piece := _piece(response, deadline):
            came += len(piece)
            if came > most_bytes:
                break
            yield piece
    if came > most_bytes:
        raise Unfetchable("too_large", f"What is at the address is larger than {most_bytes:,} bytes.")


def _piece(response: requests.Response, deadline: "_Deadline") -> bytes:
    with _understood(deadline):
        # Not `stream` or `iter_content`: they read a chunk's size line of any length into memory.
        piece: bytes = response.raw.read(PIECE, decode_content=False)
    return piece


@contextmanager
def _understood(deadline: "_Deadline") -> Iterator[None]:
    """This will give the libraries' many errors the one form of ours; whatever happens after the end is too slow."""
    deadline.left()
    try:
        yield
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        deadline.left()
        raise _meaning(error) from error
    deadline.left()  # what looks like the end of a body may be our own cut


def _meaning(error: Exception) -> Unfetchable:
    match error:
        case InvalidIPAddress():
            return Unfetchable("address_not_public", "The address, or one it leads to, is not on the public internet.")
        case requests.Timeout() | TimeoutError():
            return _too_slow()
        case requests.exceptions.InvalidURL() | UnicodeError():
            return Unfetchable("invalid_address", "The address, or one it leads to, cannot be understood.")
        case requests.exceptions.SSLError():
            return Unfetchable("unreachable", "No safe connection can be made: the server's certificate may be wrong.")
        case _:
            return Unfetchable("unreachable", "The server cannot be reached, or broke off its answer.")


def _too_slow() -> Unfetchable:
    return Unfetchable("too_slow", "The server took too long.")


class _Deadline:
    """The end of the whole fetch. When it comes, the connection is cut, whatever waits on it."""

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds
        self._open: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def left(self) -> float:
        seconds = self._ends - monotonic()
        if seconds <= 0:
            raise _too_slow()
        return seconds

    def hold(self, connection: socket.socket) -> None:
        """This will cut the connection when the time is over."""
        self._open.append(connection)
        if self._ends <= monotonic():
            self._cut()

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """This will wait for what cannot be interrupted no longer than there is time. A thread of its own goes on."""
        done: Future[T] = Future()

        def work() -> None:
            try:
                done.set_result(function(*args))
            except BaseException as error:  # noqa: BLE001 - it is raised again, where somebody waits for it
                done.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return done.result(self.left())

    def _cut(self) -> None:
        for connection in self._open:
            with suppress(OSError):
                # The plain socket's: the TLS layer's would be changed under the thread that reads from it.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _PublicOnly(IPFilterAdapter):  # type: ignore[misc]  # the library has no types
    """The library's filter, with our own rule after its own, and every connection under the deadline."""

    def __init__(self, deadline: _Deadline, *, tls: bool, loopback: bool) -> None:
        super().__init__(is_https_proto=tls, allow_loopback=loopback)
        self._deadline = deadline
        self._loopback = loopback

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        # Here the name is resolved, which has no time limit of its own.
        host, pool = self._deadline.call(super().build_connection_pool_key_attributes, request, verify, cert)
        require_public(host["host"].strip("[]"), loopback=self._loopback)
        return host, pool

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool: HTTPConnectionPool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _held(pool.ConnectionCls, self._deadline)
        return pool


def require_public(address: str, *, loopback: bool = False) -> None:
    """This will raise InvalidIPAddress for an address that does not lead to one machine of the public internet."""
    ip = ipaddress.ip_address(address)
    public = ip.is_global and not ip.is_multicast and not ip.is_reserved and (ip.version == 4 or ip in GLOBAL_UNICAST)
    if not public and not (ip.is_loopback and loopback):
        raise InvalidIPAddress(ip)


def _held(connection: Any, deadline: _Deadline) -> Any:
    class Held(connection):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            deadline.hold(self.sock)

    return Held
