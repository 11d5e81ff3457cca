"""What people are told of: one alert per cause, however many posts it strikes, until it is cured.

The outbox of a failure is the feed itself: its event stands in the transaction that failed the post. Here it is read
on, as other programs read it, and the place read up to is kept in the transaction that makes the alert of it: so none
is missed, and none is counted twice. What is late, and what of the service is not well, is seen anew each time.

Everything here runs in one process at a time (watch.py).
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from integrations.models import EventType, Integration, IntegrationStatus, OutboxEvent
from posts.models import PostTarget, TargetStatus
from posts.telling import cut, moment

from .. import overdue
from ..health.finding import Finding
from ..health.service import UNKNOWN
from ..models import Alert, AlertKind, FeedReader

#: How many posts an alert names.
MOST_NAMED = 5
#: Events that are read at a time.
BATCH = 1000
READER = "alerts"

#: For how long a cause gathers what it strikes until it is told: posts that fail together make one message.
GATHERS = timedelta(minutes=1)
#: How late a post is when its workspace is told: what comes back sooner is not worth a mail.
LATE = timedelta(minutes=15)
#: A failure that did not come again for so long is another story when it does.
FORGOTTEN = timedelta(days=7)
#: For how long a cured alert stands in the list.
KEPT = timedelta(days=90)
_WAIT = "They go out by themselves as soon as they can, or fail as missed after the workspace's late limit."


@dataclass(slots=True)
class Trouble:
    """One cause as it is now. `workspace` is None for whoever runs the service."""

    kind: AlertKind
    cause: str
    message: str
    workspace: uuid.UUID | None = None
    integration: uuid.UUID | None = None
    hint: str = ""
    count: int = 0
    targets: list[uuid.UUID] = field(default_factory=list)


def of_the_feed(*, now: datetime) -> None:
    """This will make alerts of what failed since the last time."""
    end = OutboxEvent.objects.aggregate(last=Max("position"))["last"] or 0
    reader, _ = FeedReader.objects.get_or_create(name=READER, defaults={"position": end})
    failed = OutboxEvent.objects.filter(type=EventType.POST_FAILED, position__lte=end).order_by("position")
    after = reader.position
    while events := list(failed.filter(position__gt=after)[:BATCH]):
        _failures(events, now=now)
        after = events[-1].position or end
    FeedReader.objects.filter(name=READER).update(position=end)
    _to_reconnect(now=now)


def of_late_posts(*, now: datetime) -> None:
    """This will make an alert for each workspace that has late posts, and cure it where none is left."""
    late = overdue.targets(now=now, by=LATE).order_by()
    rows = late.values_list("integration__workspace").annotate(number=Count("id"), oldest=Min("wanted_at"))
    found = {workspace: (number, oldest) for workspace, number, oldest in rows}
    open_ = Alert.objects.filter(kind=AlertKind.OVERDUE, cured_at=None)
    open_.exclude(workspace__in=found).update(cured_at=now)
    told = set(open_.values_list("workspace_id", flat=True))
    for workspace, (number, oldest) in islice(((one, said) for one, said in found.items() if one not in told), BATCH):
        first = overdue.targets(now=now, by=LATE).filter(integration__workspace=workspace)[:1]
        why = " ".join(sentence for _, sentence in overdue.reasons(first, now=now))
        message = f"Posts that should be out are not. The oldest was wanted at {moment(oldest)}. {why}"
        trouble = Trouble(AlertKind.OVERDUE, "overdue", message, workspace=workspace, hint=_WAIT, count=number)
        _strike(trouble, wait=timedelta(0), now=now)


def of_the_service(findings: Iterable[Finding], *, now: datetime) -> None:
    """This will make an alert of each check of /readyz that is red, for whoever runs the service.

    What is red only because the database could not be asked about it is neither told nor cured.
    """
    known = [finding for finding in findings if finding.what != UNKNOWN]
    for finding in known:
        if not finding.ok:
            told = f"{finding.name}: {finding.what}"
            _strike(Trouble(AlertKind.SERVICE, finding.name, told, hint=finding.do), wait=GATHERS, now=now)
    well = [finding.name for finding in known if finding.ok]
    Alert.objects.filter(kind=AlertKind.SERVICE, cured_at=None, cause__in=well).update(cured_at=now)


def cure(*, now: datetime) -> None:
    """This will end alerts whose cause has gone: the account is back, or has published since it last failed.

    What struck posts is told in any case: they have failed, whatever went out since.
    """
    open_ = Alert.objects.filter(Q(told_at__isnull=False) | Q(count=0), cured_at=None)
    lost = Integration.objects.filter(id=OuterRef("integration"), status=IntegrationStatus.NEEDS_REFRESH)
    open_.filter(~Exists(lost), kind=AlertKind.RECONNECT).update(cured_at=now)
    live = PostTarget.objects.filter(
        integration=OuterRef("integration"), status=TargetStatus.PUBLISHED, published_at__gt=OuterRef("last_at")
    )
    over = Q(Exists(live)) | Q(last_at__lt=now - FORGOTTEN)
    open_.filter(over, kind=AlertKind.FAILED).update(cured_at=now)


def forget(*, now: datetime) -> None:
    """This will remove what was cured long ago."""
    Alert.objects.filter(cured_at__lt=now - KEPT).delete()


def _failures(events: Collection[OutboxEvent], *, now: datetime) -> None:
    ids = {event.data["integration_id"] for event in events}
    accounts = {
        str(account.id): account
        for account in Integration.objects.filter(id__in=ids).defer("credentials").select_related("workspace")
    }
    troubles: dict[str, Trouble] = {}
    for event in events:
        if account := accounts.get(event.data["integration_id"]):
            trouble = _cause(account, event.data)
            one = troubles.setdefault(trouble.cause, trouble)
            one.count += 1
            one.targets.append(uuid.UUID(event.data["target_id"]))
    for trouble in troubles.values():
        _strike(trouble, wait=GATHERS, now=now, more=True)


def _cause(account: Integration, data: dict[str, Any]) -> Trouble:
    """What fails because its account is lost has that one cause; else it is the account's, by the code."""
    if account.status == IntegrationStatus.NEEDS_REFRESH:
        return _lost(account)
    return Trouble(
        AlertKind.FAILED,
        f"failed:{account.id}:{data['code']}",
        str(data["error"]),
        workspace=account.workspace_id,
        integration=account.id,
        hint="Trying again can help: open the post and publish it again." if data["retryable"] else "",
    )


def _to_reconnect(*, now: datetime) -> None:
    told = Alert.objects.filter(integration=OuterRef("id"), kind=AlertKind.RECONNECT, cured_at=None)
    lost = Integration.objects.filter(~Exists(told), status=IntegrationStatus.NEEDS_REFRESH)
    for account in lost.defer("credentials"):
        _strike(_lost(account), wait=GATHERS, now=now)


def _lost(account: Integration) -> Trouble:
    return Trouble(
        AlertKind.RECONNECT,
        f"reconnect:{account.id}",
        f"{account} must be connected again. {account.status_reason}".strip(),
        workspace=account.workspace_id,
        integration=account.id,
        hint="Connect it again; then publish what has failed once more.",
    )


def _strike(trouble: Trouble, *, wait: timedelta, now: datetime, more: bool = False) -> None:
    """This will note that a cause is there, for the first time or still. `more`: its count adds to the one before."""
    alert = Alert.objects.filter(workspace=trouble.workspace, cause=trouble.cause, cured_at=None).first()
    said = {"message": cut(trouble.message, 1000), "hint": cut(trouble.hint, 1000), "last_at": now}
    if alert is None:
        Alert.objects.create(
            workspace_id=trouble.workspace,
            integration_id=trouble.integration,
            kind=trouble.kind,
            cause=trouble.cause,
            count=trouble.count,
            targets=trouble.targets[:MOST_NAMED],
            began_at=now,
            tell_at=now + wait,
            **said,
        )
        return
    count = F("count") + trouble.count if more else trouble.count
    Alert.objects.filter(id=alert.id).update(
        count=count, targets=[*alert.targets, *trouble.targets][:MOST_NAMED], **said
    )
