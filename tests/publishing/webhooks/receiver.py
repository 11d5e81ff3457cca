"""Somebody's program that takes webhooks: a real HTTP server on loopback that believes nothing it cannot verify."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True, slots=True)
class Received:
    """One request, verified."""

    id: str
    event: str
    data: dict[str, Any]
    timestamp: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: bytes = b"ok"
    headers: tuple[tuple[str, str], ...] = ()
    after: float = 0


class Receiver:
    """`url` takes events; `secret` must be set before the first; `answer` decides what each is answered."""

    def __init__(self) -> None:
        self.secret = ""
        self.received: list[Received] = []
        self.refused: list[str] = []
        self.answer: Callable[[Received], Answer] = lambda _: Answer()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    came = receiver.verified(body, dict(self.headers.items()))
                except (WebhookVerificationError, LookupError, ValueError) as error:
                    receiver.refused.append(repr(error))
                    answer = Answer(401, b"not from OpenPost")
                else:
                    answer = receiver.answer(came)
                    receiver.received.append(came)
                time.sleep(answer.after)
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def verified(self, body: bytes, headers: dict[str, str]) -> Received:
        """By the stock library, and by the plain signature; anything else raises."""
        lower = {name.lower(): value for name, value in headers.items()}
        said = Webhook(self.secret).verify(body, lower)
        plain = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(plain, lower["x-openpost-signature"]):
            raise ValueError("wrong plain signature")
        if lower["content-type"] != "application/json" or said != json.loads(body):
            raise ValueError("not JSON")
        if set(said) != {"event", "data", "timestamp"}:
            raise ValueError(f"other keys: {sorted(said)}")
        return Received(lower["webhook-id"], said["event"], said["data"], said["timestamp"], lower, body)

    def events(self) -> list[str]:
        return [one.event for one in self.received]
