"""The outbox: what other programs are told, written in the very transaction of what it tells of.

So nothing is told of what was rolled back, and nothing that was committed goes untold. Who is told, and when, is
found out later (publishing/webhooks): whoever writes here waits for nobody.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from openpost import rows

from .models import EventType, Integration, OutboxEvent


def emit(
    type: EventType,  # noqa: A002  # the field's own name
    data: Mapping[str, Any],
    *,
    workspace_id: uuid.UUID,
    subject: uuid.UUID | None,
    now: datetime,
) -> int:
    """This will tell that something happened, if the caller's transaction is committed, and give the event's id.

    `data` is JSON as it is sent. Events of one `subject` are delivered in the order in which they were emitted: hold
    a lock on it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{type} must be emitted in the transaction of what it tells of")
    event_id: int = rows.insert(
        OutboxEvent,
        public_id=uuid.uuid4(),
        workspace_id=workspace_id,
        type=type,
        data=dict(data),
        subject=subject,
        happened_at=now,
    )
    return event_id


def connected(integration: Integration, *, now: datetime) -> None:
    """This will tell that we may speak for an account, for the first time or again."""
    data = {"platform": integration.platform, "username": integration.username}
    _of_account(EventType.INTEGRATION_CONNECTED, integration, data, now=now)


def disconnected(integration: Integration, *, reason: str, now: datetime) -> None:
    """This will tell that we may not speak for an account any more."""
    data = {"platform": integration.platform, "reason": reason}
    _of_account(EventType.INTEGRATION_DISCONNECTED, integration, data, now=now)


def _of_account(event: EventType, integration: Integration, data: Mapping[str, str], *, now: datetime) -> None:
    data = {"integration_id": str(integration.id), **data}
    emit(event, data, workspace_id=integration.workspace_id, subject=integration.id, now=now)
