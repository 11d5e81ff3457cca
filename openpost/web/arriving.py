"""A request on its way in, and how much of it there is to come. Pure: bytes in, no socket.

What a length means is decided by gunicorn's own parser, which reads the same bytes afterwards; here it is only found
out for how long to wait.
"""

import re
from enum import Enum, auto

#: Bytes of a request line and its headers together. Heroku's router takes as many, most servers fewer.
MOST_HEAD = 64 * 1024
#: Bytes of a body that is waited for as a whole: all that Django would hold in memory. Larger ones are files.
MOST_BODY = 5 * 1024 * 1024

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,18})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_PIECES = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue[ \t]*\r$", re.IGNORECASE | re.MULTILINE)


class Stage(Enum):
    """How far a request has come."""

    HEAD = auto()
    HEAD_TOO_LARGE = auto()
    BODY = auto()
    #: Its body is longer than what is waited for: a thread reads it as it comes.
    LARGE = auto()
    WHOLE = auto()


class Arriving:
    """One request: `add` what came, and `stage` says what to do now."""

    def __init__(self) -> None:
        self.came = bytearray()
        self.stage = Stage.HEAD
        #: Bytes of the body as far as they are announced.
        self.length = 0
        #: Whether the client waits for a word before it sends the body (RFC 9110, 10.1.1).
        self.expects = False
        self._head = 0
        self._pieces_at: int | None = None

    def add(self, data: bytes) -> None:
        self.came += data
        if self.stage == Stage.HEAD:
            self._read_head(looked_at=max(0, len(self.came) - len(data) - len(_HEAD_END)))
        if self.stage == Stage.BODY:
            self._read_body()

    def _read_head(self, *, looked_at: int) -> None:
        end = self.came.find(_HEAD_END, looked_at)
        if end > MOST_HEAD or (end < 0 and len(self.came) > MOST_HEAD):
            self.stage = Stage.HEAD_TOO_LARGE
        elif end >= 0:
            self.stage, self._head = Stage.BODY, end + len(_HEAD_END)
            head = self.came[: self._head]
            self.expects = bool(_EXPECTS.search(head))
            if _PIECES.search(head):
                self._pieces_at = self._head
            elif length := _LENGTH.search(head):
                self.length = int(length[1])

    def _read_body(self) -> None:
        if self._pieces_at is not None and not self._read_pieces():
            if len(self.came) - self._head > MOST_BODY:
                self.stage = Stage.LARGE
        elif self.length > MOST_BODY:
            self.stage = Stage.LARGE
        elif len(self.came) - self._head >= self.length:
            self.stage = Stage.WHOLE

    def _read_pieces(self) -> bool:
        """Whether the last piece is here, or something that is none: gunicorn will say so (RFC 9112, 7.1)."""
        while (line := self.came.find(b"\r\n", self._pieces_at)) >= 0:
            try:
                size = int(self.came[self._pieces_at : line].partition(b";")[0], 16)
            except ValueError:
                return True
            if not size:
                return self.came.find(_HEAD_END, line) >= 0
            self._pieces_at = line + 2 + size + 2
        return False
