"""What a message of Celery's carries beside its task: when it was sent, for which request, in which trace.

All of it in one header. What a task sends on its own account begins anew: it is about another post.
"""

from contextlib import AbstractContextManager
from contextvars import ContextVar
from time import perf_counter, time
from typing import Any, NamedTuple

from celery import current_task
from celery.signals import beat_init, before_task_publish, task_postrun, task_prerun, worker_ready, worker_shutdown

from openpost import logs
from openpost.api import request_id

from . import meters, sums, tracing

HEADER = "openpost"

TASKS = meters.histogram("openpost_task_seconds", "How long a task took", "task", "outcome")
WAITED = meters.histogram(
    "openpost_message_wait_seconds",
    "How long a message waited for a worker",
    "queue",
    buckets=(*meters.SECONDS, 120, 600),
)


class _Running(NamedTuple):
    began: float
    span: AbstractContextManager[Any]


_running: ContextVar[_Running | None] = ContextVar("running", default=None)


def _sent(headers: dict[str, Any], **_: Any) -> None:
    said: dict[str, Any] = {"sent_at": time()}
    if not current_task:
        said |= {"request_id": logs.ids().get("request_id"), **tracing.carry()}
    headers[HEADER] = said


def _begins(task: Any, **_: Any) -> None:
    # A message of a version before this one, or a call that was no message, has none.
    said = getattr(task.request, HEADER, None) or {}
    logs.about_nothing()
    if said.get("request_id"):
        request_id.begin(said["request_id"])
    else:
        request_id.end()
    if "sent_at" in said:
        WAITED.labels(task.request.delivery_info["routing_key"]).observe(max(0.0, time() - said["sent_at"]))
    span = tracing.span(task.name, kind="CONSUMER", carried={"traceparent": said.get("traceparent", "")})
    span.__enter__()
    _running.set(_Running(perf_counter(), span))


def _ends(task: Any, state: str | None = None, **_: Any) -> None:
    if running := _running.get():
        running.span.__exit__(None, None, None)
        TASKS.labels(task.name, "done" if state == "SUCCESS" else "broke").observe(perf_counter() - running.began)
    _running.set(None)
    logs.about_nothing()
    request_id.end()


def _counts(**_: Any) -> None:
    sums.adding.begin()


def _adds(**_: Any) -> None:
    sums.adding.add()


def listen() -> None:
    """This will have Celery call all of these."""
    before_task_publish.connect(_sent)
    task_prerun.connect(_begins)
    task_postrun.connect(_ends)
    worker_ready.connect(_counts)
    beat_init.connect(_counts)
    worker_shutdown.connect(_adds)
