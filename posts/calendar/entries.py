"""The posts of some days, a few of each, however many there are. By the index post_list_by_time."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate

from integrations.models import Integration
from posts.models import Post, PostTarget
from posts.status import EDITABLE


@dataclass(frozen=True, slots=True)
class Entry:
    """One post in the calendar. `local` is when it goes out, or was to, on the calendar's clock."""

    post: Post
    local: datetime
    accounts: tuple[Integration, ...]
    moves: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What a day holds: its first posts, and how many there are in all."""

    entries: tuple[Entry, ...]
    number: int

    @property
    def more(self) -> int:
        return self.number - len(self.entries)


def by_day(
    posts: QuerySet[Post],
    *,
    begins: datetime,
    ends: datetime,
    zone: tzinfo,
    accounts: Collection[uuid.UUID] = (),
    most: int,
) -> Mapping[date, Day]:
    """This will give the posts that go out, or were to, from `begins` up to `ends`: by day, at most `most` of each.

    `accounts` keeps those for any of these; without, all are kept.
    """
    wanted = posts.filter(scheduled_at__gte=begins, scheduled_at__lt=ends)
    if accounts:
        targets = PostTarget.objects.filter(post=OuterRef("pk"), integration__in=accounts)
        wanted = wanted.filter(Exists(targets))
    day = TruncDate("scheduled_at", tzinfo=zone)
    numbered = wanted.annotate(
        day=day,
        of_the_day=Window(Count("id"), partition_by=F("day")),
        number=Window(RowNumber(), partition_by=F("day"), order_by=["scheduled_at", "id"]),
    )
    shown = numbered.filter(Q(number__lte=most)).order_by("scheduled_at", "id").with_targets()  # type: ignore[attr-defined]
    days: dict[date, Day] = {}
    for post in shown:
        so_far = days.get(post.day, Day((), post.of_the_day))
        days[post.day] = Day((*so_far.entries, _entry(post, zone)), post.of_the_day)
    return days


def _entry(post: Post, zone: tzinfo) -> Entry:
    assert post.scheduled_at  # noqa: S101  # only posts with a time are asked for
    targets = sorted(post.targets.all(), key=lambda target: target.position)
    accounts = tuple(target.integration for target in targets)
    return Entry(post, post.scheduled_at.astimezone(zone), accounts, post.status in EDITABLE)
