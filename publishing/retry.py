"""When to try again, and when to look again. Pure: error, count and now in, a time out."""

import random
from datetime import datetime, timedelta

from integrations.platforms.errors import NotNow

#: How many tries in a row may end in "not now" before the target fails.
TRIES = 5
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=10)

#: A platform that asks for more than this is asked again after it.
LONGEST_REST = timedelta(days=1)

#: How many unclear answers to one call (the first is its own) until a person is asked. The waits add up to 43 minutes.
LOOKS = 16
FIRST_LOOK = timedelta(seconds=1)
LONGEST_LOOK = timedelta(minutes=5)


def counts(error: NotNow) -> bool:
    """Whether this try is held against the post: a limit of the account or the platform, or a queue, is no fault."""
    return not (error.rests_account or error.rests_platform or error.waiting)


def next_try(error: NotNow, *, failures: int, now: datetime, chance: float | None = None) -> datetime | None:
    """This will give when to try again after `failures` tries (this one included), or None to give up.

    The platform's own time wins; else exponential with full jitter, of which `chance` (0 to 1) is the die.
    """
    if counts(error) and failures >= TRIES:
        return None
    if error.retry_after is not None:
        return soonest(error, now=now)
    longest = _doubled(FIRST_WAIT, max(failures - 1, 0), LONGEST_WAIT)
    die = random.random() if chance is None else chance
    return now + longest * die


def soonest(error: NotNow, *, now: datetime) -> datetime:
    """This will give the platform's own time, or a short wait where it named none."""
    return now + (FIRST_WAIT if error.retry_after is None else min(error.retry_after, LONGEST_REST))


def next_look(*, looks: int, now: datetime) -> datetime | None:
    """This will give when to ask the platform again after `looks` looks, or None when a person must."""
    if looks >= LOOKS:
        return None
    return now + _doubled(FIRST_LOOK, looks, LONGEST_LOOK)


def _doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    return min(first * (1 << min(times, 20)), longest)
