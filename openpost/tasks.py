"""What the broker's messages mean to the frame. Ids in, one call."""

from . import clock
from .api import idempotency
from .celery import app

SWEEP_ANSWERS_TASK = "openpost.sweep_answers"


@app.task(name=SWEEP_ANSWERS_TASK)
def sweep_answers_task() -> None:
    idempotency.sweep(now=clock.now())
