"""Why a target has not gone out (yet), and when it is tried again: the one answer for the API, admin and commands.

What went wrong at the last try stands on the target itself. What keeps it from being tried at all does not: its
account rests, or its whole platform does. Then the dispatcher passes it by, and it is this that must be said.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from integrations.models import PlatformRest
from integrations.platforms.codes import NEED_A_PERSON, Side, side_of
from integrations.platforms.registry import label_of

from .models import PostTarget, TargetStatus
from .telling import moment

#: The error of a target whose platform could not tell us whether it is live.
UNKNOWN = "outcome_unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code, a sentence for people, whose side it is, and when the machine tries again (None: it does not)."""

    code: str
    message: str
    side: Side | None
    retryable: bool
    next_attempt_at: datetime | None


class Present:
    """One moment, for one answer or page. What rests at it is read once, and only if a target is due."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or timezone.now()

    @cached_property
    def platforms(self) -> dict[str, PlatformRest]:
        return {rest.platform: rest for rest in PlatformRest.objects.lasting(now=self.now)}


def reason(target: PostTarget, present: Present) -> Reason | None:
    """This will say why the target is not live; None when all is as it should be.

    Needs `target.integration` with its workspace at hand.
    """
    due = target.status == TargetStatus.PENDING and target.due_at is not None and target.due_at <= present.now
    if due and (resting := _platform_rests(target, present) or _account_rests(target, present)):
        return resting
    if not target.error_code:
        return None
    goes_on = _next(target, present) if target.due_at else None
    return Reason(
        code=target.error_code,
        message=f"{target.error_message} {outlook(target, goes_on)}".rstrip(),
        side=side_of(target.error_code),
        retryable=target.error_retryable,
        next_attempt_at=goes_on,
    )


def is_unknown(target: PostTarget) -> bool:
    """Whether nobody knows what became of the target, and the machine asks no more."""
    return target.status == TargetStatus.FAILED and target.in_doubt and target.error_code == UNKNOWN


def outlook(target: PostTarget, goes_on: datetime | None) -> str:
    """This will say what follows: when the machine goes on, or that it does not though trying again may help."""
    if goes_on:
        return f"It is {'looked for' if target.in_doubt else 'tried'} again at {moment(goes_on)}."
    if target.error_retryable and target.error_code not in NEED_A_PERSON:
        return "It is not tried again by itself any more; publish it again."
    return ""


def _next(target: PostTarget, present: Present) -> datetime | None:
    """When the machine goes on with it: not before what rests has rested. A look waits for no rest."""
    if target.status == TargetStatus.PUBLISHING:
        return target.due_at
    rest = _rest_of(target, present)
    times = (target.due_at, target.integration.resting_until, rest.until if rest else None)
    return max(time for time in times if time is not None)


def _rest_of(target: PostTarget, present: Present) -> PlatformRest | None:
    """A rest concerns our app at the real platform, so no sandbox."""
    rest = present.platforms.get(target.integration.platform)
    return rest if rest and not target.integration.workspace.is_sandbox else None


def _account_rests(target: PostTarget, present: Present) -> Reason | None:
    account = target.integration
    if account.resting_until is None or account.resting_until <= present.now:
        return None
    return Reason(
        code="account_resting",
        message=f"{label_of(account.platform)} takes no more from {account.username} for now, and asked us to wait "
        f"until {moment(account.resting_until)}. It goes out by itself then.",
        side=side_of("account_resting"),
        retryable=True,
        next_attempt_at=account.resting_until,
    )


def _platform_rests(target: PostTarget, present: Present) -> Reason | None:
    rest = _rest_of(target, present)
    if rest is None:
        return None
    return Reason(
        code="platform_resting",
        message=f"Nothing goes out to {label_of(rest.platform)} since {moment(rest.since)}: {rest.reason} "
        f"It is tried again at {moment(rest.until)}, or as soon as whoever runs this service ends the wait.",
        side=side_of(rest.code) or side_of("platform_resting"),  # its own code knows best
        retryable=True,
        next_attempt_at=_next(target, present),
    )
