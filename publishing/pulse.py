"""When what must go on for ever last went on.

Two pulses, since two processes take part in a tick: beat sends it, a worker takes it up. So it can be told which of
them stands still.
"""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from celery.signals import before_task_publish
from django.db import DatabaseError, connection

from openpost import clock

from .models import Pulse

TICK, BEAT, WATCH = Pulse.TICK, Pulse.BEAT, Pulse.WATCH

#: How exact the record is: of the ticks, one a second, one in so long is written.
EVERY = timedelta(seconds=5)
#: A tick older than this means that something stands still.
FRESH = timedelta(seconds=20)


def beat(*, now: datetime, name: str = TICK, every: timedelta = EVERY) -> bool:
    """This will record that it went on, and say True, unless that was recorded less than `every` ago.

    Of many callers at one moment, one is told True.
    """
    if Pulse.objects.filter(name=name, at__lte=now - every).update(at=now):
        return True
    return Pulse.objects.get_or_create(name=name, defaults={"at": now})[1]


def last(name: str = TICK) -> datetime | None:
    """When it was last recorded; None before the first time."""
    return Pulse.objects.filter(name=name).values_list("at", flat=True).first()


class Sent:
    """Tells of the ticks that this process sends: it is beat, then."""

    def __init__(self) -> None:
        self._again_at = 0.0

    def __call__(self, **_: Any) -> None:
        """This will record a tick that is about to be sent: also while the broker is away, beat itself lives."""
        if monotonic() < self._again_at:
            return
        self._again_at = monotonic() + EVERY.total_seconds()
        try:
            beat(now=clock.now(), name=BEAT, every=EVERY / 2)
        except DatabaseError:
            connection.close()  # it is away: whoever looks for the tick is told that first


sent = Sent()
#: Called by Celery in beat alone: nobody else sends this task.
before_task_publish.connect(sent, sender="publishing.dispatch", weak=False)
