"""What follows from a try: for the delivery, and for its endpoint."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from integrations.models import WebhookDelivery, WebhookDeliveryStatus, WebhookEndpoint
from integrations.webhooks import endpoints

from . import retry

log = logging.getLogger(__name__)

#: An answer within this time is a soon one.
SOON = timedelta(seconds=2)
#: An endpoint that has failed so often in a row was away: when it is back, all that waits for it goes out at once.
AWAY = 5


@dataclass(slots=True)
class Outcome:
    """What one try found, in the columns of a delivery; `answer_status` is None when there was no answer.

    `ours` says that the endpoint was not even asked, and is not held responsible.
    """

    answer_status: int | None = None
    answer_body: str = ""
    error_code: str = ""
    error_message: str = ""
    retry_after: timedelta | None = None
    ours: bool = False

    @property
    def is_good(self) -> bool:
        return self.answer_status is not None and 200 <= self.answer_status < 300


def record(
    delivery: WebhookDelivery, found: Outcome, *, number: int, lease: datetime, took: timedelta, now: datetime
) -> None:
    """This will keep what a try found. Nothing happens when another worker took it over, or the endpoint was deleted.

    That it was delivered is kept in any case: also when the endpoint was disabled during the call.
    """
    with transaction.atomic():
        # First, as everybody does who holds both.
        endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(id=delivery.endpoint_id).first()
        if endpoint is None:
            return
        row = WebhookDelivery.objects.filter(id=delivery.id, attempts=number)
        columns = {
            "in_hand": False,
            "took_ms": took // timedelta(milliseconds=1),
            "answer_status": found.answer_status,
            "answer_body": found.answer_body,
            "error_code": found.error_code,
            "error_message": found.error_message,
        }
        if found.is_good:
            done = {"status": WebhookDeliveryStatus.DELIVERED, "due_at": None, "delivered_at": now}
            if row.update(**columns, **done):
                _answers(endpoint, took=took, now=now)
        elif row.filter(due_at=lease).update(**columns, **_next(delivery, found, now=now)) and not found.ours:
            _fails(endpoint, found, now=now)


def _next(delivery: WebhookDelivery, found: Outcome, *, now: datetime) -> dict[str, Any]:
    failures = delivery.failures + 1
    again = retry.next_try(failures=failures, wanted_at=delivery.wanted_at, retry_after=found.retry_after, now=now)
    status = WebhookDeliveryStatus.FAILED if again is None else WebhookDeliveryStatus.PENDING
    return {"status": status, "due_at": again, "failures": failures}


def _answers(endpoint: WebhookEndpoint, *, took: timedelta, now: datetime) -> None:
    columns: dict[str, Any] = {"failures": 0, "failing_since": None, "resting_until": None}
    _of(endpoint).update(**columns, quick=took <= SOON, delivered_at=now)
    if endpoint.failures >= AWAY:
        endpoint.deliveries.filter(due_at__gt=now, in_hand=False).update(due_at=now)


def _fails(endpoint: WebhookEndpoint, found: Outcome, *, now: datetime) -> None:
    failures = endpoint.failures + 1
    since = retry.failing_since(endpoint.failing_since, failed_at=endpoint.failed_at, now=now)
    _of(endpoint).update(
        quick=False,
        failures=failures,
        failing_since=since,
        failed_at=now,
        resting_until=now + retry.rest(failures=failures, retry_after=found.retry_after),
    )
    if found.answer_status == 410:
        _disable(endpoint, "It answered 410 Gone, which says that it wants nothing any more.", now=now)
    elif now - since >= endpoints.GIVEN_UP_AFTER:
        days = endpoints.GIVEN_UP_AFTER.days
        said = f"Nothing has reached it for {days} days. The last try: {found.error_message}"
        _disable(endpoint, said, now=now)


def _disable(endpoint: WebhookEndpoint, reason: str, *, now: datetime) -> None:
    if endpoints.disable(endpoint, reason=reason[:500], now=now):
        log.warning("The webhook %s is disabled: %s", endpoint.id, reason)


def _of(endpoint: WebhookEndpoint) -> Any:
    return WebhookEndpoint.objects.filter(id=endpoint.id)
