"""The HTTP side: reading requests, finding the endpoint, letting faults befall it, sending answers."""

import gzip
import re
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..faults import Fault, Faults
from . import control, media, oauth, posts, reading
from .messages import Answer, Refuse, Request, invalid, plain
from .world import World

Endpoint = Callable[..., Answer]

#: Method and pattern; `:id` is handed to the endpoint.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "/2/tweets"): posts.create,
    ("GET", "/2/users/:id/tweets"): reading.timeline,
    ("GET", "/2/users/me"): reading.me,
    ("POST", "/2/media/upload"): media.upload,
    ("GET", "/2/media/upload"): media.status,
    ("POST", "/2/media/upload/initialize"): media.initialize,
    ("POST", "/2/media/upload/:id/append"): media.append,
    ("POST", "/2/media/upload/:id/finalize"): media.finalize,
    ("POST", "/2/media/metadata"): media.describe,
    ("POST", "/2/oauth2/token"): oauth.token,
    ("POST", "/2/oauth2/revoke"): oauth.revoke,
    ("GET", "/i/oauth2/authorize"): oauth.authorize,
}
_PATTERNS = [(method, path, re.compile(path.replace(":id", "([^/]+)"))) for method, path in ENDPOINTS]


class XServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, Handler)
        self.world = World()
        self.faults = Faults()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # who asked was killed: some tests do that
            super().handle_error(request, client_address)


def serve(*, port: int) -> XServer:
    """This will bind the double to loopback; `serve_forever` runs it."""
    return XServer(("127.0.0.1", port))


class Gone(Exception):
    """The connection is to be cut, without another byte."""


class Handler(BaseHTTPRequestHandler):
    server: XServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name
        pass

    def _handle(self) -> None:
        try:
            self._answer()
        except Gone:
            # Lingering for no second makes the close a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who asked is gone

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        request = Request(self.command, parts.path, dict(pairs), headers, b"")
        self._cut_short(request, length)
        request = replace(request, body=self.rfile.read(length))
        if len(request.body) < length:
            raise Gone  # who asked went away in the middle
        if parts.path.startswith("/_peer/"):
            self._send(self._guarded(lambda: control.answer(self.server.world, self.server.faults, request)))
            return
        pattern, found = _find(request)
        user = _asker(self.server.world, request)
        fault = self.server.faults.take(request.method, pattern, user) if found else None
        record = self._record(request, user, f"{fault.do} {fault.when}" if fault else None)
        answer = self._befall(fault, None) if fault and fault.when == "before" else None
        if answer is None:
            answer = self._guarded(lambda: _run(self.server.world, request, pairs, pattern, found))
            record["status"] = str(answer.status)
            if fault and fault.when == "after":
                answer = self._befall(fault, answer) or answer
        self._send(answer, fault)

    def _cut_short(self, request: Request, length: int) -> None:
        """This will take half of the body and cut the connection, if the fault `cut` befalls the call."""
        pattern, found = _find(request)
        user = _asker(self.server.world, request)
        if found and self.server.faults.take(request.method, pattern, user, cut=True):
            self.rfile.read(length // 2)
            self._record(request, user, "cut before")
            raise Gone

    def _record(self, request: Request, user: str, fault: str | None) -> dict[str, Any]:
        record = {"method": request.method, "path": request.path, "user": user, "at": time.time(), "fault": fault}
        with self.server.world.lock:
            self.server.world.requests.append(record)
        return record

    def _guarded(self, work: Callable[[], Answer]) -> Answer:
        try:
            with self.server.world.lock:
                return work()
        except Refuse as refusal:
            return refusal.answer

    def _befall(self, fault: Fault, answer: Answer | None) -> Answer | None:
        """This will give the answer that replaces X's, if the fault has one."""
        match fault.do:
            case "drop":
                raise Gone
            case "hang":
                time.sleep(fault.seconds)
                return None
            case "answer":
                body = fault.body.encode() if isinstance(fault.body, str) else fault.body
                return Answer(fault.status, body, fault.headers)
            case _ if answer is None:
                return Answer(fault.status, fault.body or {"title": "cut", "detail": "x" * 200})
        return None

    def _send(self, answer: Answer, fault: Fault | None = None) -> None:
        body = answer.encoded()
        self.send_response_only(answer.status)
        headers = {
            "Date": formatdate(self.server.world.now(), usegmt=True),
            "Content-Type": "application/json; charset=utf-8",
        }
        if "gzip" in self.headers.get("accept-encoding", "") and not isinstance(answer.body, bytes):
            body = gzip.compress(body, mtime=0)  # as X does
            headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        for name, value in (headers | answer.headers).items():
            self.send_header(name, value)
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


def _asker(world: World, request: Request) -> str:
    """Whose token comes with the request, good or not; "" for nobody's."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if bearer in world.owners:
        return world.owners[bearer]
    spent = dict(parse_qsl(request.body.decode(errors="replace"))).get("refresh_token", "")
    return world.owners.get(spent, "")


def _find(request: Request) -> tuple[str, re.Match[str] | None]:
    for method, path, pattern in _PATTERNS:
        if method == request.method and (found := pattern.fullmatch(request.path)):
            return path, found
    return "", None


def _run(
    world: World, request: Request, pairs: list[tuple[str, str]], pattern: str, found: re.Match[str] | None
) -> Answer:
    if found is None:
        raise plain(404, "Not Found")
    if len(request.query) < len(pairs):
        raise invalid("A query parameter was given twice")
    return ENDPOINTS[request.method, pattern](world, request, *found.groups())
