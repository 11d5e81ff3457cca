"""Servers on loopback for the bad days no real server gives on demand."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Says:
    """One answer. `body` is sent as JSON, or as it stands if it is a string."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Hangs:
    """Reads the request and says nothing, until the block ends."""


class Drops:
    """Reads the request and closes the connection."""


@dataclass(slots=True)
class Double:
    """The running server. It gives its answers in turn, the last one for ever, and keeps what it was asked."""

    base_url: str
    answers: list[Says | Hangs | Drops]
    asked: list[dict[str, Any]] = field(default_factory=list)


def _read(body: bytes) -> Any:
    """A request's body: JSON, or as it stands if it is a file."""
    try:
        return json.loads(body or b"null")
    except ValueError:
        return body


@contextmanager
def answering(*answers: Says | Hangs | Drops) -> Iterator[Double]:
    """This will serve `answers` on a free port of loopback."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            double.asked.append({
                "path": self.path, "token": self.headers.get("Authorization", ""), "body": _read(body),
            })  # fmt: skip
            said = double.answers.pop(0) if len(double.answers) > 1 else double.answers[0]
            if isinstance(said, Hangs):
                over.wait(30)
            if not isinstance(said, Says):
                self.close_connection = True
                return
            raw = said.body.encode() if isinstance(said.body, str) else json.dumps(said.body).encode()
            kind = "text/html" if isinstance(said.body, str) else "application/json"
            self.send_response(said.status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(raw)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        do_GET = answer  # noqa: N815  # the library's names
        do_POST = answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        double = Double(f"http://127.0.0.1:{server.server_port}", list(answers))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield double
        finally:
            over.set()
            server.shutdown()
            thread.join()


@contextmanager
def losing_answers(base_url: str) -> Iterator[str]:
    """This will stand before a real server: requests reach it, and each answer is dropped once it has come."""
    parts = urlsplit(base_url)
    upstream = (parts.hostname or "", parts.port or 80)

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, socket.create_connection(upstream) as server:
                threading.Thread(target=_pump, args=(client, server), daemon=True).start()
                server.recv(65536)
                # Wakes the pump, and ends the client's connection without a word.
                client.shutdown(socket.SHUT_RDWR)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


@dataclass(slots=True)
class Delayed:
    """What stands before a real server and keeps what it is sent."""

    base_url: str
    upstream: tuple[str, int]
    kept: list[bytes] = field(default_factory=list)

    def deliver(self) -> list[int]:
        """This will send the real server all that was kept, and give the statuses it answers with."""
        statuses = []
        for request in self.kept:
            with socket.create_connection(self.upstream) as server:
                server.sendall(request)
                statuses.append(int(server.recv(65536).split(b" ")[1]))
        self.kept.clear()
        return statuses


@contextmanager
def delaying(base_url: str) -> Iterator[Delayed]:
    """This will stand before a real server: requests reach it only when they are delivered, with no answer."""
    parts = urlsplit(base_url)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            head = f"{self.requestline}\n{self.headers}".replace("\n", "\r\n")
            double.kept.append(head.encode() + body)
            self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        double = Delayed(f"http://127.0.0.1:{server.server_port}", (parts.hostname or "", parts.port or 80))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
    except OSError:
        pass


def unused_address() -> str:
    """An address of loopback at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
