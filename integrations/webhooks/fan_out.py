"""From the outbox to the feed and to the endpoints: who gets which event, and in which place it stands."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

#: How many events are placed in one transaction: the next second does the rest.
MOST = 1000
#: Whoever places events holds this advisory lock. A number of our own choice, like every such key.
LOCK = 0x0_4F50_4556  # "OPEV"


@transaction.atomic
def place(*, now: datetime) -> int:
    """This will give events that were committed their places in the feed, and queue them for who wants them.

    Gives their number. One process at a time does it: so the places become visible in their order, and whoever has read
    up to one has missed none below it. While another one does it, nothing happens: it is done again every second.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_PLACE, {"most": MOST})
        placed = [id_ for (id_,) in cursor.fetchall()]
    if placed:
        _queue("event.id = ANY(%(placed)s)", {"placed": placed}, now=now)
    return len(placed)


def queue_again(*, endpoint_id: uuid.UUID, since: datetime, now: datetime) -> int:
    """This will queue what an endpoint wants and has not got of all that happened since; gives the number."""
    which = "endpoint.id = %(endpoint)s AND event.happened_at >= %(since)s AND event.position IS NOT NULL"
    return _queue(which, {"endpoint": endpoint_id, "since": since}, now=now)


def _queue(which: str, values: Mapping[str, Any], *, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE.replace("{which}", which), {**values, "now": now})
        queued: int = cursor.rowcount
    return queued


_PLACE = """
    UPDATE integrations_outboxevent event SET position = placed.position
    FROM (
        SELECT id, nextval('integrations_outboxevent_position') AS position
        FROM (SELECT id FROM integrations_outboxevent WHERE position IS NULL ORDER BY id LIMIT %(most)s) waiting
    ) placed
    WHERE event.id = placed.id
    RETURNING event.id
"""
# An endpoint that is being deleted is waited for and then passed by. A test is queued by who asks for it.
_QUEUE = """
    INSERT INTO integrations_webhookdelivery AS delivery (
        id, endpoint_id, event_id, subject, status, due_at, wanted_at, in_hand, attempts, failures,
        answer_body, error_code, error_message, created_at
    )
    SELECT gen_random_uuid(), endpoint.id, event.id, event.subject, 'pending', %(now)s, %(now)s, false, 0, 0,
        '', '', '', %(now)s
    FROM integrations_outboxevent event
    JOIN integrations_webhookendpoint endpoint ON endpoint.workspace_id = event.workspace_id
    WHERE endpoint.disabled_at IS NULL
      AND (endpoint.events = '{}' OR event.type = ANY(endpoint.events))
      AND event.type <> 'webhook.test'
      AND {which}
    ORDER BY event.id
    FOR KEY SHARE OF endpoint
    ON CONFLICT (endpoint_id, event_id) DO UPDATE
        SET status = 'pending', due_at = %(now)s, wanted_at = %(now)s, failures = 0
        WHERE delivery.status = 'failed'
"""
