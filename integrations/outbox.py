"""The outbox: what other programs are told, written in the very transaction of what it tells of.

So nothing is told of what was rolled back, and nothing that was committed goes untold. Who is told, and when, is
found out later (publishing/webhooks): whoever writes here waits for nobody.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from .models import EventType, OutboxEvent


def emit(
    type: EventType,  # noqa: A002  # the field's own name
    data: Mapping[str, Any],
    *,
    workspace_id: uuid.UUID,
    subject: uuid.UUID | None,
    now: datetime,
) -> OutboxEvent:
    """This will tell that something happened, if the caller's transaction is committed.

    `data` is JSON as it is sent. Events of one `subject` are delivered in the order in which they were emitted: hold
    a lock on it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{type} must be emitted in the transaction of what it tells of")
    return OutboxEvent.objects.create(
        type=type, data=dict(data), workspace_id=workspace_id, subject=subject, happened_at=now
    )
