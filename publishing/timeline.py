"""What happened to a post, in order, in sentences: what people did (events), and what the machine did (steps such as
uploads and the parts of a thread) and tried (attempts).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from integrations.platforms.codes import Side, side_of
from integrations.platforms.registry import label_of
from posts.models import Event, Post, PostTarget, TargetStatus
from posts.waiting import Present, outlook, reason

from .models import Attempt, Outcome, Step

#: The newest entries that one timeline holds.
MOST = 500
#: After these the machine goes on by itself, unless it has given up.
_UNFINISHED = (Outcome.NOT_NOW, Outcome.UNCONFIRMED, Outcome.WORKER_LOST)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `actor` is who did it; `number`: the attempt it belongs to, None for what people did."""

    at: datetime
    kind: str
    message: str
    actor: str
    target: PostTarget | None
    code: str = ""
    side: Side | None = None
    next_attempt_at: datetime | None = None
    number: int | None = None
    attempt: Attempt | None = None
    #: Of its target's attempts: how that stands follows from it.
    is_latest: bool = False

    @property
    def took(self) -> timedelta | None:
        """How long an attempt took; None for what has no length: a person's act, a worker never heard of again."""
        if self.attempt is None or self.attempt.outcome == Outcome.WORKER_LOST:
            return None
        return self.attempt.ended_at - self.attempt.started_at


@dataclass(frozen=True, slots=True)
class Timeline:
    """Oldest first. `truncated` says that there was more before the first."""

    entries: Sequence[Entry]
    truncated: bool


def of_post(post: Post, *, most: int = MOST, present: Present | None = None) -> Timeline:
    """This will tell the whole post's story, in four queries; a fifth when something due may be kept by a rest."""
    return _merged(PostTarget.objects.filter(post=post), Event.objects.filter(post=post), most, present or Present())


def of_target(target: PostTarget, *, most: int = MOST) -> Timeline:
    """This will tell the story of one target: its own, and what was done with its post as a whole."""
    events = Event.objects.filter(Q(target=None) | Q(target=target), post=target.post_id)
    return _merged(PostTarget.objects.filter(id=target.id), events, most, Present())


def _merged(targets: QuerySet[PostTarget], events: QuerySet[Event], most: int, present: Present) -> Timeline:
    related = targets.select_related("integration__workspace").defer("integration__credentials")
    known = {target.id: target for target in related}
    tries = list(Attempt.objects.filter(target__in=list(known)).order_by("-id")[: most + 1])
    latest = {attempt.target_id: attempt.id for attempt in reversed(tries)}
    # At the same moment, what somebody did comes before what the machine made of it.
    rows = [
        *((event.at, 0, event.id, _said(event, known)) for event in events.order_by("-id")[: most + 1]),
        *((step.at, 1, step.id, _did(step, known)) for step in _steps(known, most)),
        *((one.ended_at, 2, one.id, _tried(one, known, present, latest=latest)) for one in tries),
    ]
    entries = [entry for *_, entry in sorted(rows, key=lambda row: row[:3])]
    return Timeline(entries[-most:], truncated=len(entries) > most)


def _steps(targets: Collection[UUID], most: int) -> QuerySet[Step]:
    return Step.objects.filter(target__in=list(targets)).order_by("-id")[: most + 1]


def _did(step: Step, targets: Mapping[UUID, PostTarget]) -> Entry:
    target = targets[step.target_id]
    return Entry(at=step.at, kind="progress", message=step.message, actor="", target=target, number=step.number)


def _said(event: Event, targets: Mapping[UUID, PostTarget]) -> Entry:
    target = targets.get(event.target_id) if event.target_id else None
    return Entry(at=event.at, kind=event.kind, message=event.message, actor=event.actor, target=target)


def _tried(
    attempt: Attempt, targets: Mapping[UUID, PostTarget], present: Present, *, latest: Mapping[UUID, int]
) -> Entry:
    target = targets[attempt.target_id]
    live = attempt.outcome == Outcome.LIVE
    said = attempt.message or attempt.get_outcome_display() + "."
    sentence, goes_on = f"{_live(target)} {attempt.message}".rstrip() if live else said, None
    is_latest = latest[target.id] == attempt.id
    if is_latest and not live:
        after, goes_on = _what_follows(attempt, target, present)
        sentence = f"{sentence} {after}".rstrip()
    return Entry(
        at=attempt.ended_at,
        kind="published" if live else attempt.outcome,
        message=sentence,
        actor=attempt.worker,
        target=target,
        code=attempt.code,
        side=Side.OURS if attempt.outcome == Outcome.WORKER_LOST else side_of(attempt.code),
        next_attempt_at=goes_on,
        number=attempt.number,
        attempt=attempt,
        is_latest=is_latest,
    )


def _live(target: PostTarget) -> str:
    address = f": {target.platform_post_url}" if target.platform_post_url else "."
    return f"Live on {label_of(target.integration.platform)}{address}"


def _what_follows(attempt: Attempt, target: PostTarget, present: Present) -> tuple[str, datetime | None]:
    """This will say what the machine does after the latest attempt, and when; nothing while a worker is at it."""
    if target.in_hand or target.status == TargetStatus.PUBLISHED:
        return "", None
    why = reason(target, present)
    if target.status == TargetStatus.FAILED:
        # What was concluded from the last answer (nobody can tell, too many tries) is more than the answer says.
        concluded = f"{target.error_message} " if target.error_code != attempt.code else ""
        return f"{concluded}It is not tried again by itself.", None
    if attempt.outcome not in _UNFINISHED:
        return "", None  # somebody has asked for another try since
    goes_on = why.next_attempt_at if why else target.due_at
    return outlook(target, goes_on), goes_on
