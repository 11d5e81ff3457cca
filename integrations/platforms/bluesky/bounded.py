"""A bound on a whole call, however slowly or endlessly its answer drips, and wherever its server says that it is.

httpx bounds each read by itself. Anybody may run a Bluesky server, and one that sends a byte now and then would keep a
worker's thread for ever. So the clock is looked at, and the bytes are counted, below HTTP: at each read of the socket.

And it could lead us to machines that only we can reach. So each connection goes to an address of the public internet,
looked at after its name was resolved. A proxy of the environment is whoever runs this service's own affair.
"""

import socket
import ssl
from collections.abc import Iterable
from time import monotonic
from typing import Any

import httpcore
import httpx
from django.conf import settings
from requests_hardened.ip_filter import InvalidIPAddress

from openpost.fetching import require_public

from .. import answers

#: Addresses of one name that are tried.
MOST_ADDRESSES = 16


class Bounds:
    """What one call may still take: seconds until its end, and bytes."""

    def __init__(self, *, seconds: float, size: int) -> None:
        self._ends = monotonic() + seconds
        self._left = size

    def seconds(self, timeout: float | None) -> float:
        """The shorter of `timeout` and what is left of the whole."""
        left = self._ends - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("The answer did not come to its end in time.")
        return left if timeout is None else min(timeout, left)

    def seconds_to_connect(self, timeout: float | None) -> float:
        try:
            return self.seconds(timeout)
        except httpcore.ReadTimeout as error:
            raise httpcore.ConnectTimeout("No connection stood in time.") from error

    def count(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise httpcore.ReadError("The answer is too large.")
        return data


def bound(client: httpx.Client, bounds: Bounds) -> None:
    """This will hold every connection that `client` opens from now on to `bounds`, those through a proxy too.

    Answers have to come as they are: a packed one of a few bytes could unpack to more than a process can hold.
    """
    client.headers["Accept-Encoding"] = "identity"
    client.event_hooks = {"response": [_seen, _refuse_packed]}
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            # There is no public way to hand httpx the network of its own connections.
            pool: Any = transport._pool
            public_only = transport is client._transport
            pool._network_backend = _Network(pool._network_backend, bounds, public_only=public_only)


def _seen(response: httpx.Response) -> None:
    headers = response.headers
    answers.seen(
        "bluesky", response.status_code, left=headers.get("ratelimit-remaining"), of=headers.get("ratelimit-limit")
    )


def _refuse_packed(response: httpx.Response) -> None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise httpx.DecodingError("The answer is packed, which nobody asked for.", request=response.request)


class _Network(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend, bounds: Bounds, *, public_only: bool) -> None:
        self._inner, self._bounds, self._public_only = inner, bounds, public_only

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        # By ourselves: the library gives each address of a name the whole time, and a name may have hundreds.
        failed: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in _addresses(host, port)[:MOST_ADDRESSES]:
            seconds = self._bounds.seconds_to_connect(timeout)
            if self._public_only:
                _require_public(address)
            try:
                stream = self._inner.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self._bounds)
        raise failed or httpcore.ConnectError(f"{host} has no address.")


def _require_public(address: str) -> None:
    try:
        require_public(address, loopback=settings.SERVICES_ON_LOOPBACK)
    except InvalidIPAddress as error:
        raise httpcore.ConnectError("The server's address is not on the public internet.") from error


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, bounds: Bounds) -> None:
        self._inner, self._bounds = inner, bounds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._bounds.count(self._inner.read(max_bytes, self._bounds.seconds(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._bounds.seconds(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._bounds.seconds(timeout)), self._bounds)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
