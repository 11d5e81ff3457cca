"""Pages on loopback, as strangers serve them."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Page:
    """What is at one path. `endless`: the body is repeated until the reader has enough; `every`: seconds between."""

    body: bytes
    type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    endless: bool = False
    every: float = 0


@dataclass(frozen=True, slots=True)
class Site:
    """The running server; `asked` are the paths that somebody wanted."""

    base_url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving(pages: Mapping[str, Page]) -> Iterator[Site]:
    """This will serve `pages` on a free port of loopback; every other path is a 404."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            site.asked.append(self.path)
            page = pages.get(self.path, Page(b"not here", status=404))
            self.send_response(page.status)
            length = {} if page.endless else {"Content-Length": str(len(page.body))}
            for name, value in {"Content-Type": page.type, **length, **page.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(page.body)
                while page.endless and not over.is_set():
                    self.wfile.write(page.body)
                    time.sleep(page.every)
            except OSError:
                pass  # the reader has gone

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site = Site(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield site
        finally:
            over.set()
            server.shutdown()
            thread.join()
