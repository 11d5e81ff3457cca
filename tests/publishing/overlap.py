"""Two callers that meet, each with a connection of its own, overlapping exactly where a test wants them to."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from django.db import connection, connections

from openpost.api.errors import ApiError
from posts.models import Post
from publishing.leases import LeaseLost

#: Seconds after which a test is not slow but stuck.
PATIENCE = 20

#: What a caller may be told. Anything else that is raised is a bug.
TOLD = (ApiError, Post.DoesNotExist, LeaseLost)

Caller = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller got: a value, or the error it was told."""

    value: object = None
    told: Exception | None = None


class Gate:
    """Holds one caller at its nth step, until it is let go. Steps are: before a COMMIT, after it, and `step` itself."""

    def __init__(self, nth: int) -> None:
        self.nth, self.steps = nth, 0
        self.arrived, self.open = threading.Event(), threading.Event()

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.nth:
            self.arrived.set()
            assert self.open.wait(PATIENCE), "nobody let the first one go"

    @contextmanager
    def on_commits(self) -> Iterator[None]:
        """This will make steps of this thread's commits."""
        here = connections["default"]
        commit = here.commit

        def stepped() -> None:
            self.step()
            commit()
            self.step()

        with patch.object(here, "commit", stepped):
            yield


_here = threading.local()


def step() -> None:
    """A step between two commits, where its caller may be held: for what happens outside the database."""
    gate: Gate | None = getattr(_here, "gate", None)
    if gate:
        gate.step()


@contextmanager
def apart() -> Iterator[ThreadPoolExecutor]:
    """A thread with a connection of its own to PostgreSQL."""
    with ThreadPoolExecutor(1) as thread:
        yield thread
        thread.submit(lambda: connection.close()).result()  # that thread's own


class Two:
    """Two callers, each on a thread of its own."""

    def __init__(self, *threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._pids = [thread.submit(_pid).result() for thread in threads]

    def held(self, first: Caller, second: Caller, *, nth: int) -> tuple[Answer, Answer, bool]:
        """The first is held at its nth step until the second has ended, or waits for a lock of the first.

        The flag says whether the first has more steps than these. If it has fewer, the second came when it had ended.
        """
        gate = Gate(nth)
        one = self._threads[0].submit(_call, first, gate)
        one.add_done_callback(lambda _: gate.arrived.set())
        assert gate.arrived.wait(PATIENCE)
        two = self._threads[1].submit(_call, second)
        while not two.done() and not self._second_waits_for_first():
            wait([two], timeout=0.001)
        gate.open.set()
        return _answer(one), _answer(two), gate.steps > nth

    def together(self, first: Caller, second: Caller) -> tuple[Answer, Answer]:
        """Both begin at the same moment, and what happens happens."""
        start = threading.Barrier(2, timeout=PATIENCE)

        def begin(caller: Caller) -> Answer:
            start.wait()
            return _call(caller)

        one, two = (thread.submit(begin, caller) for thread, caller in zip(self._threads, (first, second), strict=True))
        return _answer(one), _answer(two)

    def _second_waits_for_first(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s = ANY(pg_blocking_pids(%s))", self._pids)
            waits: bool = cursor.fetchone()[0]
        return waits


def _pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    return pid


def _call(caller: Caller, gate: Gate | None = None) -> Answer:
    try:
        if gate is None:
            return Answer(caller())
        _here.gate = gate
        with gate.on_commits():
            return Answer(caller())
    except TOLD as error:
        return Answer(told=error)
    finally:
        _here.gate = None


def _answer(future: "Future[Answer]") -> Answer:
    return future.result(timeout=PATIENCE)
