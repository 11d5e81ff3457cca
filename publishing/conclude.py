"""What follows from an error: each of the four becomes the target's next state, with the evidence for it.

While the ledger says `sending`, no error but a person's word ends the doubt: what is refused or absent has been taken
out of that state before it comes here.
"""

import logging
from datetime import datetime

from django.db import transaction

from integrations import rests, tokens
from integrations.models import Integration
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed
from openpost import clock
from posts import lifecycle
from posts.lifecycle import Claim, Failure
from posts.models import PostTarget

from . import ledger, retry
from .ledger import Try, Unknowable
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
    Unknowable: Outcome.UNCONFIRMED,
}


def unforeseen(claim: Claim, error: Exception) -> PublishError:
    """What an exception that is none of the four means depends on where it struck: the ledger knows."""
    detail = f"{type(error).__name__}: {error}"
    if ledger.in_doubt(claim):
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
    failure = Failure(error.code, error.message, retryable=error.retryable)
    with transaction.atomic():
        # At once: else somebody could delete the post between its move and the evidence for it.
        if not lifecycle.hold(claim):
            return
        _move(claim, target, error, failure, now)
        if not (isinstance(error, NotNow) and error.waiting):
            ledger.record(attempt, _OUTCOMES[type(error)], now=now, error=error, detail=error.detail)
            log.info("%s: %s (%s)", claim.target_id, error.message, error.code)
    _tell_account(used, error, now)


def _tell_account(integration: Integration, error: PublishError, now: datetime) -> None:
    """What an error says of the whole account, whatever becomes of this target."""
    if isinstance(error, NotNow) and error.token_refused:
        tokens.distrust(integration, now=now)
    if isinstance(error, NotNow) and error.rests_account:
        rests.rest_account(integration, until=retry.soonest(error, now=now))
    if isinstance(error, NotNow) and error.rests_platform:
        until = retry.soonest(error, now=now)
        rests.rest_platform(integration, until=until, code=error.code, reason=error.message, now=now)
    if isinstance(error, Disconnected):
        tokens.disconnect(integration, reason=error.message)


def _move(claim: Claim, target: PostTarget, error: PublishError, failure: Failure, now: datetime) -> None:
    if doubtful := ledger.in_doubt(claim):
        _doubt(claim, doubtful, error, failure, now)
    elif isinstance(error, NotNow):
        _not_now(claim, target, error, failure, now)
    else:
        lifecycle.fail(claim, failure=failure, now=now)


def _not_now(claim: Claim, target: PostTarget, error: NotNow, failure: Failure, now: datetime) -> None:
    failures = target.failures + retry.counts(error)
    until = retry.next_try(error, failures=failures, now=now)
    if until is None:
        lifecycle.fail(claim, failure=failure, now=now)
    else:
        lifecycle.postpone(claim, until=until, failure=failure, failures=failures, now=now)


def _doubt(claim: Claim, delivery: Delivery, error: PublishError, failure: Failure, now: datetime) -> None:
    waited = isinstance(error, NotNow) and error.waiting  # then nobody was asked
    next_look = retry.next_look(looks=delivery.looks if waited else ledger.looked(delivery), now=now)
    if isinstance(error, Unknowable | WorkersLost):
        next_look = None
    if next_look and isinstance(error, NotNow):
        next_look = max(next_look, retry.soonest(error, now=now))
    if next_look is None:
        ledger.stop_looking(delivery)
        given_up = Failure(
            "outcome_unknown",
            "It could not be found out whether this went out. Look there, and say whether it is live (resolve); or "
            "publish it again: then the platform is asked once more before anything is sent.",
            retryable=True,
        )
        lifecycle.fail(claim, failure=given_up, now=now, in_doubt=True)
    else:
        lifecycle.doubt(claim, next_look=next_look, failure=failure, now=now)
