"""Facts of the whole service, asked of PostgreSQL and Redis when somebody wants to know: no process counts them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import time
from typing import Any

from redis import Redis

from openpost.celery import app
from openpost.redis import Passing

_redis = Passing("nobody knows how long the queues are")


@dataclass(frozen=True, slots=True)
class Fact:
    """A gauge: `values` by its label's value; with no label, under "".

    `says` ends without a full stop, as Prometheus's own do.
    """

    name: str
    says: str
    label: str = ""
    values: Mapping[str, float] = field(default_factory=dict)


def queues() -> Iterator[Fact]:
    """How many messages wait in each of Celery's queues, and for how long the oldest has; nothing without Redis."""
    names = sorted(app.conf.task_queues or ())
    if not names:
        return
    found = _redis.ask(lambda redis: _looked(redis, names))
    if found is None:
        return
    lengths, oldest = found[::2], found[1::2]
    waiting = dict(zip(names, lengths, strict=True))
    yield Fact("openpost_queue_messages", "Messages that wait in a queue", "queue", waiting)
    ages = {name: _age(message) for name, message in zip(names, oldest, strict=True)}
    yield Fact("openpost_queue_age_seconds", "For how long a queue's oldest message has waited", "queue", ages)


def _looked(redis: Redis, names: Sequence[str]) -> Sequence[Any]:
    """Kombu puts messages in at a list's left, and takes them at its right: a length and an oldest, queue by queue."""
    with redis.pipeline(transaction=False) as together:
        for name in names:
            together.llen(name)
            together.lindex(name, -1)
        looked: Sequence[Any] = together.execute()
    return looked


def _age(message: bytes | None) -> float:
    if message is None:
        return 0.0
    sent_at: float = (json.loads(message)["headers"].get("openpost") or {}).get("sent_at") or time()
    return max(0.0, time() - sent_at)
