"""Record keys: timestamp identifiers that we choose before anything is sent.

13 characters of sortable base32: 53 bits of microseconds since 1970, then 10 bits that tell writers apart.
https://atproto.com/specs/tid
"""

import os
import secrets
import threading
from datetime import UTC, datetime, timedelta

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_LENGTH = 13
_CLOCK_BITS = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def encode(microseconds: int, clock_id: int) -> str:
    """The TID of a moment (microseconds since 1970) and a writer (0 to 1023)."""
    number = (microseconds << _CLOCK_BITS) | clock_id
    return "".join(_ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(_LENGTH)))


class Clock:
    """Hands out TIDs that only rise, one by one, within a process, whatever the wall clock does.

    Each process draws its own clock id, anew after a fork, so that workers do not meet in one microsecond.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._pid = 0
        self._clock_id = 0

    def next(self, *, now: datetime) -> str:
        """A key no earlier call of this process has given; `now` must carry a time zone."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid, self._clock_id = os.getpid(), secrets.randbelow(1 << _CLOCK_BITS)
            self._last = max(self._last + 1, (now - _EPOCH) // _MICROSECOND)
            return encode(self._last, self._clock_id)
