"""What is counted of publishing and of webhooks."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from integrations.models import Integration
from integrations.platforms import registry
from openpost.seeing.meters import counter, histogram

from .models import Outcome

if TYPE_CHECKING:
    from .evidence import Try  # which counts here

#: Sandbox workspaces speak to no platform: their tries are told of under this name.
SANDBOX = "sandbox"

DUE_TO_LIVE = histogram(
    "openpost_due_to_live_seconds",
    "From the time a target was wanted to its being live",
    "platform",
    buckets=(0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 1800, 7200, 86400),
)
ATTEMPTS = counter("openpost_attempts_total", "Tries that ended, by how", "platform", "outcome")
# From nought on: Prometheus counts no increase from what was not there.
for _network in (*registry.NAMES, SANDBOX):
    for _outcome in Outcome:
        ATTEMPTS.labels(_network, _outcome.value)
WEBHOOKS = counter("openpost_webhook_deliveries_total", "Tries to deliver an event, by the answer", "answer")
WEBHOOK_SECONDS = histogram("openpost_webhook_delivery_seconds", "How long a try to deliver an event took")


def ended(attempt: "Try", outcome: Outcome, *, now: datetime) -> None:
    """This will count a try once its outcome is committed."""
    transaction.on_commit(lambda: _count(attempt, outcome, now), robust=True)


def delivered(answer_status: int | None, *, took: timedelta) -> None:
    """This will count a try to deliver an event; None is no answer."""
    WEBHOOKS.labels(f"{answer_status // 100}xx" if answer_status else "none").inc()
    WEBHOOK_SECONDS.observe(took.total_seconds())


def _count(attempt: "Try", outcome: Outcome, now: datetime) -> None:
    network = _network_of(attempt.used)
    ATTEMPTS.labels(network, outcome.value).inc()
    if outcome == Outcome.LIVE and attempt.wanted_at:
        DUE_TO_LIVE.labels(network).observe(max(0.0, (now - attempt.wanted_at).total_seconds()))


def _network_of(account: Integration | None) -> str:
    if account is None:
        return "unknown"
    return SANDBOX if account.workspace.is_sandbox else account.platform
