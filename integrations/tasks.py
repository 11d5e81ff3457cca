"""What the broker's messages mean to accounts. Ids in, one call."""

import uuid

from openpost.celery import app

from .avatars import looking
from .connect import AVATAR_TASK

AVATARS_TASK = "integrations.avatars"


@app.task(name=AVATARS_TASK)
def avatars_task() -> None:
    looking.look_at_due()


@app.task(name=AVATAR_TASK)
def avatar_task(integration_id: str) -> None:
    looking.look(integration_id=uuid.UUID(integration_id))
