"""The web process's worker: gunicorn's threads, none of which waits for a client before its request is here.

gunicorn gives a connection to a thread as soon as its first byte is here, and the thread waits for the rest without
end: eight clients that stall, without any key, stop a process of eight threads. So requests arrive in the one loop that
watches all connections, as they do in front of other servers in a router that buffers. A thread is taken by what is
here as a whole, and by bodies that are files (receiving.py), of which a part of the threads is always free.

For plain HTTP/1.1, as it comes from a router that ends TLS.
"""

import selectors
import socket
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from openpost.pace import SILENCE, SLOWEST, paced

from .arriving import MOST_BODY, Arriving, Stage
from .refusing import refusal

#: Seconds for a whole head, from the first moment of a connection.
HEAD_WITHIN = 10.0
#: Bytes of unfinished requests that one process holds; what comes beyond is treated as a file.
MOST_HELD = 64 * 1024 * 1024
#: Seconds that an answered client has to read its answer and leave, whatever it was still sending (RFC 9112, 9.6).
LEAVE_WITHIN = 5.0
#: Seconds for what is left of a body after its answer.
A_MOMENT = 0.05
PIECE = 64 * 1024


class _Visit:
    """A connection that the loop watches until `ends`."""

    def __init__(self, conn: TConn, seconds: float) -> None:
        self.conn = conn
        self.began = monotonic()
        self.ends = self.began + seconds
        self.request = Arriving()


class Worker(ThreadWorker):  # type: ignore[misc]  # the library has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._visits: set[_Visit] = set()
        self._held = 0
        self._large: set[TConn] = set()
        self._most_large = max(1, self.cfg.threads * 3 // 4)
        self._looked = 0.0

    # In the loop ---------------------------------------------------------------------------------------------------

    def enqueue_req(self, conn: TConn) -> None:
        """This will wait for a request, with what is here of it; a thread takes it when it is here."""
        conn.init()
        visit = _Visit(conn, HEAD_WITHIN)
        self._watch(visit, self._on_bytes)
        if ahead := conn.parser.unreader.take_buffered():
            self._arrived(visit, ahead)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        self._large.discard(conn)
        if fs.cancelled() or fs.exception() or not fs.result():
            self._let_go(conn)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """This will end what takes too long; gunicorn calls it at every turn of the loop."""
        now = monotonic()
        if now < self._looked + 0.5:
            return
        self._looked = now
        for visit in list(self._visits):
            silent = not self.alive and not visit.request.came
            if now >= (min(visit.ends, visit.began + STOP_KEEPALIVE_LINGER) if silent else visit.ends):
                self._late(visit)

    def _watch(self, visit: _Visit, readable: Any) -> None:
        visit.conn.sock.setblocking(False)
        self._visits.add(visit)
        self.poller.register(visit.conn.sock, selectors.EVENT_READ, partial(readable, visit))

    def _unwatch(self, visit: _Visit) -> None:
        self._visits.discard(visit)
        self._held -= len(visit.request.came)
        self.poller.unregister(visit.conn.sock)

    def _on_bytes(self, visit: _Visit, sock: socket.socket) -> None:
        data = _received(sock)
        if data:
            self._arrived(visit, data)
        elif data is not None:
            self._gone(visit)

    def _arrived(self, visit: _Visit, data: bytes) -> None:
        request, was = visit.request, visit.request.stage
        request.add(data)
        self._held += len(data)
        if request.stage == Stage.HEAD_TOO_LARGE:
            self._refuse(visit, 431)
        elif request.stage == Stage.WHOLE:
            self._hand_over(visit)
        elif request.stage == Stage.LARGE or self._held > MOST_HELD:
            self._hand_over_large(visit)
        elif was == Stage.HEAD and request.stage == Stage.BODY:
            visit.ends = monotonic() + SILENCE + (request.length or MOST_BODY) / SLOWEST
            if request.expects:
                with suppress(OSError):
                    visit.conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over_large(self, visit: _Visit) -> None:
        if len(self._large) < self._most_large:
            self._large.add(visit.conn)
            self._hand_over(visit)
        else:
            self._refuse(visit, 503, "Retry-After: 5")

    def _hand_over(self, visit: _Visit) -> None:
        self._unwatch(visit)
        visit.conn.parser.unreader.unread(bytes(visit.request.came))
        super().enqueue_req(visit.conn)

    def _late(self, visit: _Visit) -> None:
        if visit.request.came:
            self._refuse(visit, 408)
        else:
            self._gone(visit)

    def _refuse(self, visit: _Visit, status: int, *headers: str) -> None:
        self._unwatch(visit)
        with suppress(OSError):
            visit.conn.sock.send(refusal(status, *headers))
        self._let_go(visit.conn)

    def _let_go(self, conn: TConn) -> None:
        """This will close an answered connection when its client has left: before, it might lose the answer.

        gunicorn waits for that in the loop itself, two seconds for each, and nobody else is served.
        """
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
        else:
            self._watch(_Visit(conn, LEAVE_WITHIN), self._on_leaving)

    def _on_leaving(self, visit: _Visit, sock: socket.socket) -> None:
        if _received(sock) == b"":
            self._gone(visit)

    def _gone(self, visit: _Visit) -> None:
        self._unwatch(visit)
        self._close(visit.conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    # In a thread ---------------------------------------------------------------------------------------------------

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """This will have a large body come at its pace, and an answer taken within SILENCE seconds a piece."""
        conn.sock.settimeout(SILENCE)
        unreader = conn.parser.unreader
        unreader.chunk = paced(conn.sock, unreader.chunk)
        try:
            return super().handle_request(req, conn)
        finally:
            # The next request on this line has a time of its own.
            del unreader.chunk

    def _keepalive_after(self, conn: TConn, keepalive: Any) -> bool:
        """What nobody wanted of a large body is not waited for, as gunicorn does for five seconds."""
        return bool(keepalive and conn.parser.finish_body(deadline=monotonic() + A_MOMENT))

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """This will answer what gunicorn itself refuses in the one shape of errors."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Invalid request from %s: %a", (addr or [""])[0], str(exc))
        status = {LimitRequestLine: 414, LimitRequestHeaders: 431}.get(type(exc), 400)
        with suppress(OSError):
            client.send(refusal(status))


def _received(sock: socket.socket) -> bytes | None:
    """What is here; b"" at the end, None for nothing yet."""
    try:
        return sock.recv(PIECE)
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""
