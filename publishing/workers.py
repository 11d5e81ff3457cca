"""Workers say that they live, each in a row of its own: in PostgreSQL, so that it is known without the broker, too.

Celery's own heartbeats are off (Procfile): they tell other workers over Redis, and nobody asks those.
"""

import logging
import os
import threading
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from celery.signals import worker_ready, worker_shutdown
from django.conf import settings
from django.db import DatabaseError, connection

from openpost import clock

from .models import Worker

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=10)
#: Who has said nothing for longer is dead, or cannot reach the database, which is as bad.
FRESH = timedelta(seconds=30)
#: For how long it is known of a dead one that it was there.
KNOWN = timedelta(hours=1)


def alive(now: datetime | None = None) -> list[Worker]:
    """The workers that live, the oldest first."""
    rows = Worker.objects.filter(seen_at__gt=(now or clock.now()) - FRESH)
    return list(rows.order_by("started_at", "name"))


def untaken(workers: Collection[Worker], queues: Collection[str]) -> list[str]:
    """Those of these queues from which none of these workers takes."""
    taken = {queue for worker in workers for queue in worker.queues}
    return [queue for queue in queues if queue not in taken]


class Heartbeat:
    """One worker process's own. It begins when that is ready for work, and ends with it."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._row: dict[str, Any] = {}
        self._name = ""

    def begin(self, consumer: Any) -> None:
        """This will say again and again that this process lives. Celery calls it after each reconnection, too."""
        if self._thread and self._thread.is_alive():
            return
        self._name = f"{consumer.hostname}:{os.getpid()}"[:255]
        self._row = {
            "queues": sorted(consumer.app.amqp.queues.consume_from),
            "threads": consumer.controller.concurrency,
            "version": settings.VERSION[:100],
        }
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """This will take back the row of a worker that ends as it should."""
        if self._thread is None:
            return
        self._ended.set()
        self._thread.join(timeout=2)
        try:
            Worker.objects.filter(name=self._name).delete()
        except DatabaseError as error:
            log.info("This worker's row stays until it lapses: %s", error)
        finally:
            connection.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self.say(now=clock.now())
            except DatabaseError as error:
                log.warning("It could not be said that this worker lives: %s", error)
            finally:
                connection.close()  # nobody needs it for the next seconds
            self._ended.wait(EVERY.total_seconds())

    def say(self, *, now: datetime) -> None:
        """This will say it once, and forget who has been dead for long."""
        if Worker.objects.filter(name=self._name).update(seen_at=now):
            return
        Worker.objects.filter(seen_at__lt=now - KNOWN).delete()
        Worker.objects.update_or_create(
            name=self._name,
            defaults={**self._row, "seen_at": now},
            create_defaults={**self._row, "seen_at": now, "started_at": now},
        )


heartbeat = Heartbeat()


def _begin(sender: Any, **_: Any) -> None:
    heartbeat.begin(sender)


def _end(**_: Any) -> None:
    heartbeat.end()


worker_ready.connect(_begin)
worker_shutdown.connect(_end)
