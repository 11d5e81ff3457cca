"""What the broker's messages mean. Ids in, one call."""

import uuid
from datetime import datetime

from openpost import clock
from openpost.celery import app
from posts.hints import PUBLISH_TASK, hand_out

from .publish import publish

DISPATCH_TASK = "publishing.dispatch"


@app.task(name=DISPATCH_TASK)
def dispatch_task() -> None:
    hand_out(now=clock.now())


@app.task(name=PUBLISH_TASK)
def publish_task(target_id: str, token: str) -> None:
    account = publish(target_id=uuid.UUID(target_id), token=datetime.fromisoformat(token))
    if account:
        hand_out(now=clock.now(), accounts=[account])
