"""Whom a service tells how it does: servers on loopback that keep what they are sent."""

import gzip
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Receiver:
    """`with Receiver() as server`: answers every POST with 200, and keeps path and unpacked body."""

    def __init__(self) -> None:
        self.came: list[tuple[str, bytes]] = []
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                packed = self.headers.get("Content-Encoding") == "gzip"
                came.append((self.path, gzip.decompress(body) if packed else body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def soon(find: Callable[[], T | None], *, within: float = 60) -> T:
    """This will wait until something is found."""
    give_up = time.monotonic() + within
    while (found := find()) is None:
        assert time.monotonic() < give_up, f"not found within {within} s"
        time.sleep(0.1)
    return found


def spans_in(body: bytes) -> list[Any]:
    """The spans of one request of an exporter, as OTLP's protobuf has them."""
    if sys.modules.get("opentelemetry") is None:  # the service keeps itself from loading it (switch.py)
        sys.modules.pop("opentelemetry", None)
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    said = ExportTraceServiceRequest.FromString(body)
    return [span for one in said.resource_spans for scope in one.scope_spans for span in scope.spans]
