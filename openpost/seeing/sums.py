"""The sums of all processes, in Redis: whoever asks one web process gets what every process has counted.

Processes come and go, and most cannot be reached: a dyno's address changes, a Heroku worker has no port, a router gives
a scrape to any of a dozen web processes. So each process adds, every few seconds, what it has counted since; the sums
only grow, whoever ends. What a killed process counted in its last seconds is lost, and so are all sums with Redis's
data: Prometheus takes that for a restart. An addition whose answer is lost is made again, and then counts twice.
"""

import atexit
import json
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from redis import Redis

from openpost.redis import Passing

from . import meters

log = logging.getLogger(__name__)

#: A hash: a sample's name and labels in JSON, and its sum. The number is of this form.
KEY = "openpost:metrics:1"
#: Seconds between two additions of one process.
EVERY = 5.0
#: Seconds after the last addition of anybody until the sums are forgotten.
KEPT = 30 * 24 * 3600

#: Nobody waits for these additions but the thread that makes them.
_redis = Passing("what is counted waits", patience=2.0)


class Adding:
    """One process's additions, by a thread of its own: whoever counts does not wait for Redis."""

    def __init__(self) -> None:
        self._pid = 0
        self._told: dict[str, float] = {}
        self._lock = threading.Lock()

    def begin(self) -> None:
        """This will begin to add, unless this process does already. After a fork the child begins anew."""
        if self._pid == os.getpid() or not settings.METRICS_TOKEN:
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
        threading.Thread(target=self._run, name="metrics", daemon=True).start()
        atexit.register(self.add)

    def add(self) -> None:
        """This will add what was counted since the last time. While Redis is away it waits for the next."""
        with self._lock:
            now = dict(_samples())
            more = {field: value - self._told.get(field, 0) for field, value in now.items()}
            more = {field: value for field, value in more.items() if value or field not in self._told}
            if not more or _redis.ask(lambda redis: _added(redis, more)):
                self._told = now

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY):
            try:
                self.add()
            except Exception:
                # Nobody waits for this thread, and it must go on: a post does not fail since it cannot be counted.
                log.exception("What was counted could not be added")


adding = Adding()


def read() -> dict[str, dict[tuple[tuple[str, str], ...], float]] | None:
    """This will give the sums of all processes, by sample and labels; None while Redis is away."""
    held: Mapping[Any, Any] | None = _redis.ask(lambda redis: redis.hgetall(KEY))
    if held is None:
        return None
    sums: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for field, value in held.items():
        name, labels = json.loads(field)
        sums.setdefault(name, {})[tuple(map(tuple, labels))] = float(value)
    return sums


def _samples() -> Iterator[tuple[str, float]]:
    for family in meters.registry().collect():
        for sample in family.samples:
            yield json.dumps([sample.name, sorted(sample.labels.items())]), sample.value


def _added(redis: Redis, more: Mapping[str, float]) -> bool:
    with redis.pipeline(transaction=True) as together:
        for field, value in more.items():
            together.hincrbyfloat(KEY, field, value)
        together.expire(KEY, KEPT)
        done: list[Any] = together.execute()
    return bool(done)
