"""How a target asks for a worker's attention: by the task's name, after commit, without waiting for an answer."""

import uuid
from datetime import datetime

from openpost.celery import hint

PUBLISH_TASK = "publishing.publish"


def queue_of(platform: str) -> str:
    """Each platform has a queue of its own, so that a slow one keeps no worker from another."""
    return f"publish.{platform}"


def look_now(*, target_id: uuid.UUID, token: datetime, platform: str) -> bool:
    """This will hand the target that is due at `token` to a worker; without a broker the next tick does it."""
    return hint(PUBLISH_TASK, str(target_id), token.isoformat(), queue=queue_of(platform))
