"""Writing down what cannot be had twice, although the database is away for some seconds: it may be restarting."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")

#: Seconds for which the database is asked again. Less than a lease.
WITHIN = 20.0


def persistently(write: Callable[[], T]) -> T:
    """This will write, again and again while the database is away, for WITHIN at most.

    The answer to an earlier try may have been lost with the connection: `write` must know its own traces.
    """
    deadline = monotonic() + WITHIN
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or monotonic() > deadline:
                raise
            connection.close()
            sleep(0.2)
