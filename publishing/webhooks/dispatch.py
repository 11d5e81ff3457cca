"""The second of the webhooks: what was committed is placed and queued, what is due is sent to the workers."""

import uuid
from collections.abc import Collection
from datetime import datetime

from integrations.webhooks import fan_out
from openpost.celery import backlogs, hint

from . import turns

DELIVER_TASK = "publishing.deliver_webhook"
QUEUE = "webhooks"
#: How many deliveries are handed out at once.
MOST = 200
#: A queue with so many messages is long: more of them would only wait.
LONG = 200


def tick(*, now: datetime) -> int:
    """This will place what happened, and hand out what is due; gives the number of messages sent."""
    while fan_out.place(now=now) == fan_out.MOST:
        pass
    return 0 if backlogs([QUEUE])[0] >= LONG else hand_out(now=now)


def hand_out(*, now: datetime, endpoints: Collection[uuid.UUID] | None = None) -> int:
    """This will send a message for every delivery whose turn it is, and give the number sent.

    With `endpoints`, of these only: for what may follow a delivery that has ended. When the broker is away the rest
    is not even tried: it waits for the next tick.
    """
    taken, token = turns.hand_off(now=now, most=MOST, endpoints=endpoints)
    for index, delivery_id in enumerate(taken):
        if not hint(DELIVER_TASK, str(delivery_id), token.isoformat(), queue=QUEUE):
            turns.give_back(taken[index:], token=token, now=now)
            return index
    return len(taken)
