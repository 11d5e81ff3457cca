"""When to try again, when to leave an endpoint alone, and when to give up. Pure: counts and times in, times out."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: For how long one event is tried.
DAY = timedelta(days=1)
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=4)
#: For how long a failing endpoint gets nothing, another event's first try included.
FIRST_REST = timedelta(seconds=1)
LONGEST_REST = timedelta(minutes=5)
#: An endpoint is disabled only if it was tried all the time: after a longer pause between two failures, the first of
#: them counts no more.
LONGEST_PAUSE = timedelta(days=1)


def next_try(
    *, failures: int, wanted_at: datetime, retry_after: timedelta | None, now: datetime, chance: float | None = None
) -> datetime | None:
    """This will give when to try again after `failures` tries (this one included), or None to give up.

    Exponential, of which between a half and all is waited: `chance` (0 to 1) is the die. The endpoint's own time wins
    when it is later. The last try is a day after the event was to be sent.
    """
    last = wanted_at + DAY
    if now >= last:
        return None
    die = random.random() if chance is None else chance
    wait = _doubled(FIRST_WAIT, failures - 1, LONGEST_WAIT) * (0.5 + die / 2)
    return min(now + max(wait, retry_after or wait), last)


def rest(*, failures: int, retry_after: timedelta | None) -> timedelta:
    """This will give for how long an endpoint is left alone that has failed so often in a row."""
    return max(_doubled(FIRST_REST, failures - 1, LONGEST_REST), min(retry_after or timedelta(0), DAY))


def failing_since(since: datetime | None, *, failed_at: datetime | None, now: datetime) -> datetime:
    """This will give since when an endpoint fails that has just failed (again)."""
    lasting = since and failed_at and now - failed_at <= LONGEST_PAUSE
    return since if since and lasting else now


def read_retry_after(text: str | None, *, now: datetime) -> timedelta | None:
    """This will understand a `Retry-After`: seconds, or a date. None for what is neither, or is over.

    https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
    """
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**6)) or None
    try:
        until = parsedate_to_datetime(text)
        wait = until.replace(tzinfo=until.tzinfo or UTC) - now
    except (ValueError, OverflowError):
        return None
    return wait if wait > timedelta(0) else None


def _doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    return min(first * (1 << min(max(times, 0), 20)), longest)
