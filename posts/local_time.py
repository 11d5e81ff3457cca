"""What a clock on a wall says, and which moments that may mean: none where daylight saving skips it, two where it
comes twice.
"""

from datetime import UTC, datetime, tzinfo


def moments(local: datetime, zone: tzinfo) -> list[datetime]:
    """The moments, in UTC, at which a clock in `zone` shows `local` (which has no zone): none, one or two, in order."""
    both = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    found = {one.astimezone(UTC) for one in both}
    return sorted(one for one in found if one.astimezone(zone).replace(tzinfo=None, fold=0) == local.replace(fold=0))


def after_the_gap(local: datetime, zone: tzinfo) -> datetime:
    """The moment, in UTC, that a skipped time means to most people: as long after the gap as it lies in it."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
