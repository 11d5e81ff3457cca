"""What the home page of admin tells: what goes out next, what wants a person, and whether the machine runs.

Everything begins at the current workspace, or at all of the person's; every list is short and read by an index.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour
from django.http import HttpRequest

from integrations.models import EventType, Integration, IntegrationStatus, OutboxEvent
from integrations.people.current import in_current
from integrations.people.roles import Permission, within, workspaces_of
from integrations.platforms.codes import NEED_A_PERSON
from posts.models import Post, PostTarget, TargetStatus

from . import overdue
from .alerts import people
from .health import service
from .health.finding import Finding

#: Rows of each list.
MOST = 6
#: How far back the list of what failed goes.
BACK = timedelta(days=30)
#: Late posts are counted up to here; more are "100 or more".
MOST_LATE = 100


@dataclass(frozen=True, slots=True)
class Hour:
    """One bar of the chart: posts on one account each, and the heights in per cent of the highest bar."""

    begins: datetime
    live: int
    failed: int
    live_height: int
    failed_height: int


@dataclass(frozen=True, slots=True)
class Machine:
    """How the service itself does, as /readyz says it; `late` counts targets that the person may see.

    `unheard` says why alerts of the person's workspaces reach nobody.
    """

    beat: Finding
    workers: Finding
    redis: Finding
    unheard: list[str]
    late: int
    latest: datetime | None

    @property
    def late_and_more(self) -> bool:
        return self.late == MOST_LATE


def upcoming(request: HttpRequest, *, now: datetime) -> list[tuple[Post, list[PostTarget]]]:
    """What goes out next: posts with the targets that wait, soonest first. By the index target_due_by_account."""
    waiting = _targets(request).filter(status=TargetStatus.PENDING, due_at__gt=now, in_hand=False)
    nearest = waiting.select_related("post__workspace").order_by("due_at", "post_id", "position")[: MOST * 10]
    posts = groupby(nearest, key=lambda target: target.post)
    return [(post, list(targets)) for post, targets in islice(posts, MOST)]


def wanting_a_person(request: HttpRequest, *, now: datetime) -> list[PostTarget]:
    """What stands until somebody acts, newest first. By the index target_failed."""
    stands = _targets(request).filter(
        status=TargetStatus.FAILED, updated_at__gt=now - BACK, error_code__in=NEED_A_PERSON
    )
    return list(stands.select_related("post", "integration__workspace").order_by("-updated_at")[:MOST])


def awaiting_approval(request: HttpRequest) -> list[Post]:
    """What waits for this person's yes, the longest first. By the index post_awaits_approval."""
    waiting = in_current(request, Post.objects.awaiting_approval().select_related("workspace"))
    theirs = within(request.user, waiting, permission=Permission.APPROVE)
    return list(theirs.order_by("approval_requested_at")[:MOST])


def to_reconnect(request: HttpRequest) -> list[Integration]:
    """Accounts that we may not speak for any more until somebody signs in there."""
    accounts = in_current(request, Integration.objects.select_related("workspace").defer("credentials"))
    lost = accounts.filter(status=IntegrationStatus.NEEDS_REFRESH)
    return list(lost.order_by("-updated_at")[:MOST])


def last_day(request: HttpRequest, *, now: datetime) -> list[Hour]:
    """What went live and what failed in each of the last 24 hours, the oldest first."""
    begins = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
    told = in_current(request, OutboxEvent.objects.filter(happened_at__gte=begins))
    counted: Counter[tuple[datetime, str]] = Counter()
    rows = told.filter(type__in=[EventType.POST_PUBLISHED, EventType.POST_FAILED]).order_by()
    for hour, kind, count in rows.values_list(TruncHour("happened_at"), "type").annotate(n=Count("id")):
        counted[hour, kind] = count
    hours = [begins + timedelta(hours=number) for number in range(24)]
    pairs = [(counted[hour, EventType.POST_PUBLISHED], counted[hour, EventType.POST_FAILED]) for hour in hours]
    highest = max(1, *(live + failed for live, failed in pairs))
    return [
        Hour(hour, live, failed, _height(live, highest), _height(failed, highest))
        for hour, (live, failed) in zip(hours, pairs, strict=True)
    ]


def machine(request: HttpRequest, *, now: datetime) -> Machine:
    """How the service does, and what is late of what the person may see. The broker has two seconds to answer."""
    late = _targets(request, overdue.targets(now=now, by=overdue.LATE)).values_list("wanted_at", flat=True)[:MOST_LATE]
    return Machine(
        beat=service.beat(),
        workers=service.at_work(),
        redis=service.look_at_redis(),
        unheard=people.nowhere_to_go(workspaces_of(request.user)),
        late=len(late),
        latest=late[0] if late else None,
    )


def _targets(request: HttpRequest, rows: QuerySet[PostTarget] | None = None) -> QuerySet[PostTarget]:
    targets = PostTarget.objects.select_related("integration").defer("integration__credentials")
    return in_current(request, targets if rows is None else rows, "integration__workspace")


def _height(count: int, highest: int) -> int:
    """Per cent; what is not nothing can be seen."""
    return max(4, count * 100 // highest) if count else 0
