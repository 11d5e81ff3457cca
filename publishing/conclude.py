"""What follows from an error: each of the four becomes the target's next state, with the evidence for it.

While the ledger says `sending`, no error but a person's word ends the doubt: what is refused or absent has been taken
out of that state before it comes here.
"""

import logging
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from integrations import rests, tokens
from integrations.models import Integration
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed, Unknowable
from openpost import clock
from posts import lifecycle
from posts.lifecycle import Claim, Failure
from posts.models import PostTarget

from . import evidence, ledger, retry
from .evidence import Try
from .models import Delivery, Outcome
from .redact import redact

log = logging.getLogger(__name__)


class Missed(Rejected):
    """Its time has passed by more than the workspace allows: nothing is sent late."""

    default_code = "missed"
    retryable = True


class WorkersLost(Rejected):
    """It ends every worker that takes it up: no more of them are given to it."""

    default_code = "workers_lost"
    retryable = True


_OUTCOMES: dict[type[PublishError], Outcome] = {
    Rejected: Outcome.REJECTED,
    Missed: Outcome.MISSED,
    WorkersLost: Outcome.WORKER_LOST,
    NotNow: Outcome.NOT_NOW,
    Disconnected: Outcome.DISCONNECTED,
    Unconfirmed: Outcome.UNCONFIRMED,
}
_MAY_BE_LIVE = "It may be live already, and we may not look. Connect the account again; then it is looked up by itself."
_GIVEN_UP = Failure(
    "outcome_unknown",
    "It could not be found out whether this went out. Look there, and only then say whether it is live; or "
    "publish it again, with the account connected: then the platform is asked once more before anything is sent.",
    retryable=True,
)


def unforeseen(claim: Claim, error: Exception) -> PublishError:
    """What an exception that is none of the four means depends on where it struck: the ledger knows."""
    detail = f"{type(error).__name__}: {error}"
    if ledger.in_doubt(ledger.parts(claim)):
        said = "Something broke on our side after sending: it may be live, or not."
        return Unconfirmed(said, code="internal_error", detail=detail)
    return NotNow("Something broke on our side before sending.", code="internal_error", detail=detail)


def conclude(attempt: Try, error: PublishError) -> None:
    """Turn one of the four errors into the target's next state, and keep the evidence."""
    claim, now = attempt.claim, clock.now()
    target = PostTarget.objects.select_related("integration").filter(id=claim.target_id).first()
    if target is None:
        return
    # What an error says, it says of the account as it was used: since then a person may have connected it anew.
    used = attempt.used or target.integration
    secrets = (used.credentials, target.integration.credentials)
    error.message, error.detail = redact(error.message, *secrets), redact(error.detail, *secrets)
    with transaction.atomic():
        # At once: else somebody could delete the post between its move and the evidence for it.
        if not lifecycle.hold(claim):
            return
        _move(claim, target, error, now)
        if not _waited(error):
            evidence.record(attempt, _outcome(error), now=now, error=error, detail=error.detail)
            log.info("%s: %s (%s)", claim.target_id, error.message, error.code)
    _tell_account(used, error, now)


def _tell_account(integration: Integration, error: PublishError, now: datetime) -> None:
    """What an error says of the whole account, whatever becomes of this target."""
    if isinstance(error, Disconnected):
        tokens.disconnect(integration, reason=error.message)
    if not isinstance(error, NotNow):
        return
    until = retry.soonest(error, now=now)
    if error.token_refused:
        tokens.distrust(integration, now=now)
    if error.rests_account:
        rests.rest_account(integration, until=until)
    if error.rests_platform:
        rests.rest_platform(integration, until=until, code=error.code, reason=error.message, now=now)


def _move(claim: Claim, target: PostTarget, error: PublishError, now: datetime) -> None:
    failure = Failure(error.code, error.message, retryable=error.retryable)
    if delivery := ledger.in_doubt(ledger.parts(claim)):
        if isinstance(error, Disconnected):
            failure = replace(failure, message=_MAY_BE_LIVE)
        if next_look := _next_look(delivery, error, now):
            lifecycle.doubt(claim, next_look=next_look, failure=failure, now=now)
        else:
            ledger.stop_looking(delivery)
            lifecycle.fail(claim, failure=_GIVEN_UP, now=now, in_doubt=True)
        return
    if isinstance(error, NotNow):
        failures = target.failures + retry.counts(error)
        if until := retry.next_try(error, failures=failures, now=now):
            lifecycle.postpone(claim, until=until, failure=failure, failures=failures, now=now)
            return
    # That nobody knows, and nothing is in the ledger to look for, has one reason: a backup was restored.
    lost = isinstance(error, Unknowable)
    if lost:
        failure = replace(_GIVEN_UP, message=error.message, retryable=False)
    lifecycle.fail(claim, failure=failure, now=now, in_doubt=lost)


def _next_look(delivery: Delivery, error: PublishError, now: datetime) -> datetime | None:
    """When the platform is asked again; None when a person must be."""
    looks = delivery.looks if _waited(error) else ledger.looked(delivery)
    next_look = retry.next_look(looks=looks, now=now)
    if next_look is None or isinstance(error, Unknowable | WorkersLost):
        return None
    return max(next_look, retry.soonest(error, now=now)) if isinstance(error, NotNow) else next_look


def _waited(error: PublishError) -> bool:
    """Whether it only stood in line: nobody was asked anything, so there is nothing to count and nothing to tell."""
    return isinstance(error, NotNow) and error.waiting


def _outcome(error: PublishError) -> Outcome:
    return next(_OUTCOMES[kind] for kind in type(error).__mro__ if kind in _OUTCOMES)
