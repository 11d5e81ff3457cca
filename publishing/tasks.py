"""What the broker's messages mean. Ids in, one call."""

import uuid
from datetime import datetime

from openpost import clock
from openpost.celery import app
from posts.hints import PUBLISH_TASK, hand_out

from .publish import publish
from .refresh_ahead import REFRESH_TASK, refresh, refresh_ahead

DISPATCH_TASK = "publishing.dispatch"
REFRESH_AHEAD_TASK = "publishing.refresh_ahead"


@app.task(name=DISPATCH_TASK)
def dispatch_task() -> None:
    hand_out(now=clock.now())


@app.task(name=PUBLISH_TASK)
def publish_task(target_id: str, token: str) -> None:
    account = publish(target_id=uuid.UUID(target_id), token=datetime.fromisoformat(token))
    if account:
        hand_out(now=clock.now(), accounts=[account])


@app.task(name=REFRESH_AHEAD_TASK)
def refresh_ahead_task() -> None:
    refresh_ahead(now=clock.now())


@app.task(name=REFRESH_TASK)
def refresh_task(integration_id: str) -> None:
    refresh(integration_id=uuid.UUID(integration_id))
