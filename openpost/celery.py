"""The Celery application, and the one way to send a hint.

PostgreSQL holds the truth; a message on the broker only makes something happen sooner. So a hint that cannot be
sent is logged and forgotten: the next tick finds the row.
"""

import logging
import os
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

from celery import Celery, bootsteps
from celery.signals import setup_logging, task_prerun
from django.conf import settings
from django.db import close_old_connections
from django.utils.functional import cached_property
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openpost.settings")

from . import cut_off
from .seeing import messages, meters, tracing  # what they do is a matter of the settings

if settings.DEBUG:
    # `make run` as root is fine on a developer's machine; in production the warning stays.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")


class OpenPost(Celery):  # type: ignore[misc]  # Celery has no types
    @cached_property
    def Beat(self) -> Any:  # noqa: N802  # Celery's name
        return self.subclass_with_self("openpost.beat:Beat")


app: Any = OpenPost("openpost")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

log = logging.getLogger(__name__)


def _write_as_everybody(**_: Any) -> None:
    """Whoever answers this signal has Celery leave logging alone: Django's LOGGING stands, in workers and beat too."""


setup_logging.connect(_write_as_everybody)
messages.listen()


def _keep_connections(**_: Any) -> None:
    """A thread keeps its database connection from task to task, as long as Django lets a request's (CONN_MAX_AGE).

    A new one costs PostgreSQL more than all that a publish asks of it.
    """
    close_old_connections()


task_prerun.connect(_keep_connections)
cut_off.listen()


class LookAgain(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """A full worker asks for its next message only when its event loop turns: without this, once a second.

    It goes with CELERY_WORKER_DISABLE_PREFETCH. Measured with tasks of 20 ms on 8 threads: 12 a second without it, 200
    with it.
    """

    requires = ("celery.worker.components:Hub",)

    def start(self, worker: Any) -> None:
        worker.hub.call_repeatedly(0.02, lambda: None)


app.steps["worker"].add(LookAgain)

#: A request that sends a hint must not wait for a broker that is away: one quick try, on connections of its own.
#: (The workers' own connections wait for messages, and may not be so impatient.)
_IMPATIENT = {"socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 0, "interval_start": 0}

HINTS = meters.counter("openpost_hints_total", "Hints for workers, by what became of them", "queue", "outcome")


@cache
def _connections(pid: int) -> Any:
    """The connections of this process: a fork makes its own."""
    return app.connection_for_write(transport_options=_IMPATIENT).Pool(4)


def backlogs(queues: Sequence[str]) -> list[int]:
    """This will give the number of messages that wait in each queue; zeros when the broker is away."""
    try:
        with _connections(os.getpid()).acquire(block=True, timeout=2) as connection:
            client = connection.default_channel.client
            return [client.llen(queue) for queue in queues]
    except (KombuError, RedisError, OSError):
        return [0] * len(queues)


def hint(task: str, *args: Any, queue: str) -> bool:
    """This will ask a worker, by the task's name, to look at something sooner. False when the broker is away."""
    try:
        with (
            tracing.span(f"hint {task}", kind="PRODUCER"),
            _connections(os.getpid()).acquire(block=True, timeout=2) as connection,
        ):
            app.send_task(task, args=args, queue=queue, retry=False, connection=connection)
    except (KombuError, RedisError, OSError) as error:
        HINTS.labels(queue, "lost").inc()
        log.warning("The broker is away; %s%r waits for the next tick: %s", task, args, error)
        return False
    HINTS.labels(queue, "sent").inc()
    return True
