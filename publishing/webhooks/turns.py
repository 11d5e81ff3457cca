"""Whose turn it is: what is due, in turn across endpoints, so that none waits for another that is slow or dead."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from integrations.models import WebhookDelivery

#: How long a message may lie in a queue before the delivery is due again.
HAND_OFF = timedelta(seconds=30)
#: How many deliveries of an endpoint that answers well and soon are in workers' hands at a time.
IN_FLIGHT = 4
#: Any other (new, slow, failing) has one, and all of these together have so many. So of a worker's threads, which
#: are there for posts as well, only these can wait for somebody.
SLOW_IN_FLIGHT = 3


def hand_off(
    *, now: datetime, most: int, endpoints: Collection[uuid.UUID] | None = None
) -> tuple[list[uuid.UUID], datetime]:
    """This will take up to `most` due deliveries for sending to workers; the time is the token they are claimed with.

    Two callers never get the same row: SKIP LOCKED. If no worker comes, the row is due again after HAND_OFF.
    """
    token = now + HAND_OFF
    values: dict[str, Any] = {
        "now": now,
        "most": most,
        "every_endpoint": endpoints is None,
        "endpoints": list(endpoints or ()),
        "in_flight": IN_FLIGHT,
        "slow_in_flight": SLOW_IN_FLIGHT,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        taken = [id_ for (id_,) in cursor.fetchall()]
        WebhookDelivery.objects.filter(id__in=taken).update(due_at=token, in_hand=True)
    return taken, token


def give_back(delivery_ids: Collection[uuid.UUID], *, token: datetime, now: datetime) -> None:
    """This will return what was handed out at `token` and never begun: it may be handed out again at once."""
    WebhookDelivery.objects.filter(id__in=delivery_ids, due_at=token, in_hand=True).update(due_at=now, in_hand=False)


_DUE = """
    WITH waiting AS (
        SELECT endpoint.id, endpoint.quick
        FROM (SELECT DISTINCT endpoint_id AS id FROM integrations_webhookdelivery WHERE due_at <= %(now)s) due
        JOIN integrations_webhookendpoint endpoint USING (id)
        WHERE endpoint.disabled_at IS NULL AND coalesce(endpoint.resting_until <= %(now)s, true)
          AND (%(every_endpoint)s OR endpoint.id = ANY(%(endpoints)s::uuid[]))
    ), chosen AS (
        SELECT due.id, due.due_at, waiting.quick,
            row_number() OVER (PARTITION BY waiting.id ORDER BY due.due_at, due.event_id) AS turn
        FROM waiting CROSS JOIN LATERAL (
            SELECT id, due_at, event_id FROM integrations_webhookdelivery delivery
            WHERE endpoint_id = waiting.id AND due_at <= %(now)s
              -- What happened to the same post before is delivered, or given up, first. (Asked row by row, in the
              -- index's order, until there are enough: NOT EXISTS would be joined with all that is pending.)
              AND (SELECT 1 FROM integrations_webhookdelivery earlier
                   WHERE earlier.endpoint_id = waiting.id AND earlier.subject = delivery.subject
                     AND earlier.event_id < delivery.event_id AND earlier.due_at IS NOT NULL
                   LIMIT 1) IS NULL
            ORDER BY due_at, event_id
            LIMIT greatest(0, CASE WHEN waiting.quick THEN %(in_flight)s ELSE 1 END - (
                SELECT count(*) FROM integrations_webhookdelivery
                WHERE endpoint_id = waiting.id AND in_hand AND due_at > %(now)s))
        ) due
    ), ranked AS (
        SELECT id, turn, due_at, quick, row_number() OVER (PARTITION BY quick ORDER BY turn, due_at) AS place
        FROM chosen
    )
    SELECT delivery.id
    FROM ranked JOIN integrations_webhookdelivery delivery USING (id)
    WHERE delivery.due_at <= %(now)s AND (ranked.quick OR ranked.place <= %(slow_in_flight)s - (
        SELECT count(*) FROM integrations_webhookdelivery held
        JOIN integrations_webhookendpoint endpoint ON endpoint.id = held.endpoint_id
        WHERE held.in_hand AND held.due_at > %(now)s AND NOT endpoint.quick))
    ORDER BY ranked.turn, ranked.due_at
    LIMIT %(most)s
    FOR UPDATE OF delivery SKIP LOCKED
"""
