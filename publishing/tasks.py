"""What the broker's messages mean. Ids in, one call."""

import uuid
from datetime import datetime

from openpost import clock
from openpost.celery import app
from posts.hints import PUBLISH_TASK

from .dispatch import dispatch
from .publish import publish

DISPATCH_TASK = "publishing.dispatch"


@app.task(name=DISPATCH_TASK)
def dispatch_task() -> None:
    dispatch(now=clock.now())


@app.task(name=PUBLISH_TASK)
def publish_task(target_id: str, token: str) -> None:
    publish(target_id=uuid.UUID(target_id), token=datetime.fromisoformat(token))
