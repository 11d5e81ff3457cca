"""What the broker's messages mean to the frame. Ids in, one call."""

from django.core.management import call_command

from . import clock
from .api import idempotency
from .celery import app

SWEEP_ANSWERS_TASK = "openpost.sweep_answers"
CLEAR_SESSIONS_TASK = "openpost.clear_sessions"


@app.task(name=SWEEP_ANSWERS_TASK)
def sweep_answers_task() -> None:
    idempotency.sweep(now=clock.now())


@app.task(name=CLEAR_SESSIONS_TASK)
def clear_sessions_task() -> None:
    call_command("clearsessions")
