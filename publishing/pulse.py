"""The last tick of beat that a worker took up: while it is fresh, beat, the broker and a worker are alive."""

from datetime import datetime, timedelta

from .models import Pulse

#: How exact the record is: of the ticks, one a second, one in so long is written.
EVERY = timedelta(seconds=5)
#: A tick older than this means that something stands still.
FRESH = timedelta(seconds=20)


def beat(*, now: datetime) -> None:
    """This will record a tick, unless one was recorded just now."""
    if not Pulse.objects.filter(name=Pulse.TICK, at__lt=now - EVERY).update(at=now):
        Pulse.objects.get_or_create(name=Pulse.TICK, defaults={"at": now})


def last() -> datetime | None:
    """When a tick was last recorded; None before the first."""
    return Pulse.objects.filter(name=Pulse.TICK).values_list("at", flat=True).first()
