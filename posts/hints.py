"""How due targets ask for a worker's attention: by the task's name, without waiting for an answer.

The rows are handed off first and the messages sent after that commit. A message that is lost is made good by the
clock. When the broker is away the rest is not even tried: it waits for the first tick after.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from integrations.platforms import registry
from openpost import clock, failpoints
from openpost.celery import backlogs, hint

from . import lifecycle
from .lifecycle import HandedOff

PUBLISH_TASK = "publishing.publish"
#: How many targets are handed out at once: the next tick comes a second later.
MOST = 500
#: A queue with so many messages is long: more of them would only wait.
LONG = 500


def queue_of(platform: str) -> str:
    """Each platform has a queue of its own, so that a slow one keeps no worker from another."""
    return f"publish.{platform}"


def hand_out(*, now: datetime, accounts: Collection[uuid.UUID] | None = None) -> int:
    """This will send a message for every target whose turn it is, at most MOST, and give the number sent.

    With `accounts`, of these only: for what has just become due, and for what may follow a target that has ended.
    Without, a platform whose queue is long is passed by: its messages wait there, none is lost, and more of them, or
    the same again, would only make every later one wait longer.
    """
    full = _full() if accounts is None else []
    return _send(lifecycle.hand_off(now=now, most=MOST, accounts=accounts, without=full), now=now)


def hand_on(*, now: datetime, account: uuid.UUID) -> HandedOff | None:
    """This will hand out what is due of one account, its first to the caller, who publishes it at once."""
    handed = lifecycle.hand_off(now=now, most=MOST, accounts=[account])
    _send(handed[1:], now=now)
    return handed[0] if handed else None


def _send(handed: Sequence[HandedOff], *, now: datetime) -> int:
    for index, one in enumerate(handed):
        failpoints.reach("handed_off", one.target_id)
        if not hint(PUBLISH_TASK, str(one.target_id), one.token.isoformat(), queue=queue_of(one.platform)):
            lifecycle.give_back([left.target_id for left in handed[index:]], token=one.token, now=now)
            return index
    return len(handed)


def after_commit(accounts: Collection[uuid.UUID]) -> None:
    """This will hand out what is due of these accounts once the caller's transaction has been committed."""
    # Robust: whatever the broker says, the caller's request has succeeded.
    transaction.on_commit(lambda: hand_out(now=clock.now(), accounts=accounts), robust=True)


def _full() -> list[str]:
    """The platforms whose queue is long."""
    waiting = backlogs([queue_of(name) for name in registry.NAMES])
    return [name for name, number in zip(registry.NAMES, waiting, strict=True) if number >= LONG]
