"""Questions that are answered in time or not at all: who asks how a server does must not hang with it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from time import monotonic
from typing import Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction

T = TypeVar("T")

#: Seconds until PostgreSQL takes a connection. libpq knows no shorter time than two.
#: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT
CONNECT = 2
#: Milliseconds that PostgreSQL works on one statement.
STATEMENT = 1500


class TooSlow(Exception):
    """There is no answer yet."""


class Bounded(Generic[T]):
    """One question, in a thread of its own, for all who ask it at the same time.

    When it has hung for longer than `within` seconds nobody waits along any more: there is never a second thread.
    """

    def __init__(self, question: Callable[[], T], *, within: float) -> None:
        self._question, self._within = question, within
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._answer: Future[T] = Future()
        self._began = 0.0

    def begin(self) -> "Future[T]":
        """This will give the answer to come; raises TooSlow when the question hangs from an earlier time."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._answer, self._began = Future(), monotonic()
                self._thread = threading.Thread(target=self._ask, args=(self._answer,), daemon=True)
                self._thread.start()
            elif monotonic() - self._began > self._within:
                raise TooSlow
            return self._answer

    def _ask(self, done: "Future[T]") -> None:
        try:
            done.set_result(self._question())
        except BaseException as error:  # noqa: BLE001 - it is raised again, where somebody waits for it
            done.set_exception(error)


@contextmanager
def own_connection() -> Iterator[None]:
    """This will give this thread a connection to PostgreSQL that nobody else uses and that gives up soon."""
    before, impatient = connections[DEFAULT_DB_ALIAS], connections.create_connection(DEFAULT_DB_ALIAS)
    options = {**impatient.settings_dict["OPTIONS"], "connect_timeout": CONNECT}
    impatient.settings_dict = {**impatient.settings_dict, "OPTIONS": options}
    connections[DEFAULT_DB_ALIAS] = impatient
    try:
        yield
    finally:
        impatient.close()
        connections[DEFAULT_DB_ALIAS] = before


@contextmanager
def brief() -> Iterator[None]:
    """This will have PostgreSQL give up the statements of the body soon.

    In a transaction: a pooler between us and PostgreSQL would hand a setting of the session on to somebody else.
    """
    with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT}")
        yield
