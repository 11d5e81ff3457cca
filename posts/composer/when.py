"""The two inputs of a time, a day and what a clock on the wall shows, and what they can mean. Pure.

Where the clocks change, one such time is no moment at all, and another is two. Then it is asked, never guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from posts.local_time import moments


@dataclass(frozen=True, slots=True)
class Meant:
    """The moments, in UTC, at which the clock shows a time; of one that it skips, the two that may have been meant:
    by the clock as it was before the change, and as it is after.
    """

    moments: Sequence[datetime]
    skipped: bool = False

    @property
    def in_doubt(self) -> bool:
        return len(self.moments) > 1


def meant(local: datetime, zone: tzinfo) -> Meant:
    """This will give what `local`, a time without a zone, can mean where clocks show `zone`."""
    shown = moments(local, zone)
    if shown:
        return Meant(shown)
    return Meant(sorted(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)), skipped=True)


def read(day: str, time: str) -> datetime | None:
    """This will read what the inputs of a browser send, `2026-05-01` and `14:00` or `14:00:30`; None for all else."""
    try:
        return datetime.fromisoformat(f"{day}T{time}") if len(day) == 10 and len(time) in (5, 8) else None
    except ValueError:
        return None
