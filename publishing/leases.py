"""Keeping a worker's leases alive for as long as it really works, and not a moment longer.

One thread per worker process renews them all. A job that runs past its deadline is no longer renewed: it may hang,
and another worker must be able to take over and look. One that moves on, as a long upload does, has its deadline moved.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

from django.db import Error, connection

from openpost import clock
from posts import lifecycle
from posts.lifecycle import Claim

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=10)


class LeaseLost(Exception):
    """Another worker holds the target now: this one must stop without a trace."""


def hold(claim: Claim) -> None:
    """This will make sure, until the transaction ends, that the claim still holds its target."""
    if not lifecycle.hold(claim):
        raise LeaseLost(f"{claim.target_id} was taken over from attempt {claim.number}")


class LeaseKeeper:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deadlines: dict[Claim, float] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def keep(self, claim: Claim, *, within: timedelta) -> Iterator[None]:
        """This will renew the claim's lease while the body runs, at most for `within`."""
        with self._lock:
            self._deadlines[claim] = monotonic() + within.total_seconds()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._deadlines.pop(claim, None)

    def prolong(self, claim: Claim, *, by: timedelta) -> None:
        """This will give a job that has just moved on at least so much more time."""
        with self._lock:
            if claim in self._deadlines:
                self._deadlines[claim] = max(self._deadlines[claim], monotonic() + by.total_seconds())

    def working(self) -> list[Claim]:
        """The claims whose bodies run, hung ones included."""
        with self._lock:
            return list(self._deadlines)

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY.total_seconds()):
            self._renew()

    def _renew(self) -> None:
        now = monotonic()
        with self._lock:
            working = [claim for claim, deadline in self._deadlines.items() if now < deadline]
        if not working:
            return
        try:
            lifecycle.extend(working, now=clock.now())
        except Error as error:
            # The database is away: the leases lapse, which is what they are for.
            log.warning("Leases could not be renewed: %s", error)
        finally:
            connection.close()


keeper = LeaseKeeper()
