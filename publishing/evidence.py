"""What was done and how it ended, for people who ask later: attempts and steps are only ever added.

The caller holds the post where a row belongs to a move of its target.
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from integrations.models import Integration
from integrations.platforms.errors import PublishError, printable
from openpost import rows
from posts.lifecycle import Claim
from posts.models import PostTarget

from . import metrics
from .leases import hold
from .models import Attempt, Delivery, Outcome, Step

WORKER = f"{socket.gethostname()}:{os.getpid()}"


@dataclass(slots=True)
class Try:
    """One attempt under way: whose, since when, and with the account as it was when it was used."""

    claim: Claim
    started_at: datetime
    used: Integration | None = None
    wanted_at: datetime | None = None


def record(
    attempt: Try,
    outcome: Outcome,
    *,
    now: datetime,
    error: PublishError | None = None,
    message: str = "",
    detail: str = "",
) -> None:
    """This will add the evidence of one try. The caller holds the post, and has cleaned `detail` of secrets."""
    rows.insert(
        Attempt,
        target_id=attempt.claim.target_id,
        number=attempt.claim.number,
        outcome=outcome,
        code=error.code[:50] if error else "",
        message=error.message[:1000] if error else message,
        detail=detail,
        worker=WORKER,
        started_at=attempt.started_at,
        ended_at=max(now, attempt.started_at),
    )
    metrics.ended(attempt, outcome, now=now)


def record_lost(attempt: Try, *, now: datetime) -> None:
    """This will note that the worker before this one was never heard of again."""
    with transaction.atomic():
        hold(attempt.claim)
        Attempt.objects.create(
            target_id=attempt.claim.target_id,
            number=attempt.claim.number - 1,
            outcome=Outcome.WORKER_LOST,
            message="Its worker stopped without a word; another one looks and goes on.",
            worker="",
            started_at=now,
            ended_at=now,
        )


def says(delivery: Delivery, code: str) -> bool:
    """Whether a part's latest call, or a look since, ended with this code."""
    return Attempt.objects.filter(target=delivery.target_id, code=code, ended_at__gte=delivery.resent_at).exists()


def record_restored(target: PostTarget, *, number: int, error: PublishError, now: datetime) -> None:
    """This will note that what became of the target was lost with the newest part of the data."""
    Attempt.objects.create(
        target=target,
        number=number,
        outcome=Outcome.UNCONFIRMED,
        code=error.code,
        message=error.message,
        worker="",
        started_at=now,
        ended_at=now,
    )


def was_restored(target: PostTarget) -> bool:
    """Whether the target's outcome was ever lost so."""
    return Attempt.objects.filter(target=target, code="restored").exists()


def tell(claim: Claim, message: str, *, now: datetime) -> None:
    """This will add a sentence on what was done before sending to the target's timeline; it may quote strangers."""
    Step.objects.create(target_id=claim.target_id, number=claim.number, at=now, message=printable(message)[:1000])
