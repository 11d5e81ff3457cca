"""The bad network before a real Bluesky server: it passes everything on, unless a fault is scripted for the call.

    with BadNetwork(pds.base_url) as network:
        network.fault("putRecord", "drop", "after", user=did)

Accounts are connected with `network.url` as their server. It speaks HTTP as a reverse proxy does: the server's own
address in an answer (its identity documents name it) becomes the proxy's, so that nobody walks round it.
"""

import base64
import json
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx

from .faults import Fault, Faults

#: Headers that belong to one connection, or that no longer fit the body.
OWN = frozenset({
    "connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host", "accept-encoding",
})  # fmt: skip


class BadNetwork:
    """A running proxy. `url` is its address; `requests` is what came through, oldest first."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.faults = Faults()
        self.requests: list[dict[str, Any]] = []
        self.client = httpx.Client(base_url=upstream, timeout=60, trust_env=False)
        self._server = _Server(self)
        # The server takes `localhost` for a development host and lets it be without TLS.
        self.url = f"http://localhost:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.client.close()

    def fault(self, endpoint: str, do: str, when: str = "before", **how: Any) -> None:
        """This will script what befalls the next call of `endpoint`, such as `putRecord` (faults.py)."""
        family = "server" if endpoint.endswith("Session") else "repo"
        method = "GET" if endpoint.startswith("get") else "POST"
        path = f"/xrpc/com.atproto.{family}.{endpoint}"
        self.faults.add({"method": method, "path": path, "do": do, "when": when, **how})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, network: BadNetwork) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.network = network

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # who asked was killed: that is what we are here for
            super().handle_error(request, client_address)


class _Gone(Exception):
    """The connection is to be cut, without another byte."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name
        pass

    def _handle(self) -> None:
        network, path = self.server.network, urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        user = asker(self.path, self.headers.get("authorization", ""), body)
        fault = network.faults.take(self.command, path, user)
        name = f"{fault.do} {fault.when}" if fault else None
        network.requests.append({"path": path, "user": user, "at": time.time(), "fault": name})
        try:
            if fault and fault.when == "before":
                answer = _befall(fault, None) or self._upstream(body)
            else:
                answer = self._upstream(body)
                answer = (_befall(fault, answer) if fault else None) or answer
            self._send(answer, fault)
        except _Gone:
            # Lingering for no second makes the close a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who asked is gone

    def _upstream(self, body: bytes) -> httpx.Response:
        network = self.server.network
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OWN}
        try:
            return network.client.request(self.command, self.path, content=body or None, headers=headers)
        except httpx.HTTPError:
            raise _Gone from None

    def _send(self, answer: httpx.Response, fault: Fault | None) -> None:
        network = self.server.network
        body = answer.content.replace(network.upstream.encode(), network.url.encode())
        self.send_response_only(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault and fault.do == "half":
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.close_connection = True
        elif fault and fault.do == "drip":
            for number in range(len(body)):
                self.wfile.write(body[number : number + 1])
                time.sleep(fault.seconds / len(body))
        else:
            self.wfile.write(body)


def _befall(fault: Fault, answer: httpx.Response | None) -> httpx.Response | None:
    """This will give the answer that replaces the server's, if the fault has one."""
    match fault.do:
        case "drop":
            raise _Gone
        case "hang":
            time.sleep(fault.seconds)
            return None
        case "answer":
            if isinstance(fault.body, str):
                return httpx.Response(fault.status, headers=fault.headers, text=fault.body)
            return httpx.Response(fault.status, headers=fault.headers, json=fault.body)
        case _ if answer is None:
            return httpx.Response(fault.status, json={"error": "InternalServerError", "message": "x" * 200})
    return None


def asker(target: str, authorization: str, body: bytes) -> str:
    """The DID of the account a request is about: by its token, its body or its query; "" for nobody's."""
    try:
        part = authorization.removeprefix("Bearer ").split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["sub"])
    except (IndexError, ValueError, KeyError):
        pass
    try:
        said = json.loads(body) if body else {}
    except ValueError:
        said = {}
    asked = parse_qs(urlsplit(target).query).get("repo", [""])
    return str(said.get("repo") or said.get("identifier") or asked[0])
