"""The next free slot of an account: a whole hour, by the workspace's clock, with an hour's gap to its other posts."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from integrations.models import Integration
from posts.models import PostTarget
from posts.status import TargetStatus

GAP = timedelta(hours=1)
#: How far ahead is looked.
HORIZON = timedelta(days=7)
#: A post for a time nearer than this goes out at once, which is no slot.
AHEAD = timedelta(minutes=1)


def next_slot(account: Integration, *, now: datetime) -> datetime | None:
    """This will give the account's next free slot; None when the week ahead has none.

    It is free until somebody takes it: asking takes nothing.
    """
    return common_slot([account], now=now)


def common_slot(accounts: Sequence[Integration], *, now: datetime) -> datetime | None:
    """This will give the next slot that is free on all these accounts of one workspace; None without any account."""
    if not accounts:
        return None
    taken = _taken(accounts, now=now)
    for slot in _whole_hours(now + AHEAD, accounts[0].workspace.timezone):
        if slot > now + HORIZON:
            return None
        after = bisect_right(taken, slot - GAP)  # the first that is not an hour or more before
        if after == len(taken) or taken[after] >= slot + GAP:
            return slot
    return None


def _taken(accounts: Sequence[Integration], *, now: datetime) -> list[datetime]:
    """When the accounts' posts go out, or just went, in order."""
    targets = PostTarget.objects.filter(integration__in=accounts)
    waiting = targets.filter(due_at__isnull=False, due_at__lt=now + HORIZON + GAP).values_list("due_at", flat=True)
    live = targets.filter(status=TargetStatus.PUBLISHED, published_at__gt=now - GAP)
    return sorted([at for at in (*waiting, *live.values_list("published_at", flat=True)) if at])


def _whole_hours(at: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Every moment from `at` on at which a clock in `zone` shows a whole hour, without end."""
    while True:
        local = at.astimezone(zone)
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        if past:
            at += timedelta(hours=1) - past
        yield at
        at += timedelta(hours=1)
