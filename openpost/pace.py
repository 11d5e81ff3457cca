"""The pace at which a request's body must come: who drips it would hold one of our threads for as long as they like.

A body has SILENCE seconds, and one more for each SLOWEST bytes of it that have come; so it is over, or refused, within
the time that its length needs at that rate. No Django here: the worker of the web process reads it before there is any.
"""

import os
from collections.abc import Callable
from socket import socket
from time import monotonic

#: Seconds of silence after which a client is taken to have left, in the middle of a body or of an answer.
SILENCE = float(os.environ.get("WEB_SILENCE") or 60)
#: Bytes a second that a body must bring on average, after the first SILENCE seconds.
SLOWEST = float(os.environ.get("WEB_SLOWEST") or 50_000)


class TooSlow(TimeoutError):
    """A body of which too little came for the time it took."""

    def __init__(self) -> None:
        super().__init__(f"It came more slowly than {SLOWEST:,.0f} bytes a second.")


def paced(line: socket, next_bytes: Callable[..., bytes]) -> Callable[..., bytes]:
    """This will give what reads the line as `next_bytes` does, and raises TooSlow when that takes too long in all."""
    begun, came = monotonic(), 0

    def read(*size: int | None) -> bytes:
        nonlocal came
        left = begun + SILENCE + came / SLOWEST - monotonic()
        if left <= 0:
            raise TooSlow
        line.settimeout(min(SILENCE, left))
        try:
            data = next_bytes(*size)
        except TimeoutError as error:
            if left < SILENCE:
                raise TooSlow from error
            raise
        finally:
            line.settimeout(SILENCE)
        came += len(data)
        return data

    return read
