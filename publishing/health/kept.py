"""The latest findings of this process: whoever asks in a flood gets them, and costs nothing."""

import threading
from time import monotonic

from . import service
from .finding import Finding

#: Seconds for which findings are given out.
KEPT = 2.0


class Kept:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._findings: list[Finding] = []
        self._until = 0.0

    def look(self) -> list[Finding]:
        """This will give findings that are at most KEPT old; while one caller looks, others get the ones before."""
        if self._findings and monotonic() < self._until:
            return self._findings
        if not self._lock.acquire(blocking=not self._findings):
            return self._findings
        try:
            if monotonic() >= self._until:
                self._findings = service.look()
                self._until = monotonic() + KEPT
            return self._findings
        finally:
            self._lock.release()


kept = Kept()
