"""What a person can ask for: a test, and that something is sent again."""

from datetime import datetime
from typing import Any

from django.db import transaction

from integrations import audit, outbox
from integrations.models import AuditAction, EventType, WebhookDelivery, WebhookDeliveryStatus, WebhookEndpoint
from openpost.api.errors import refuse

from . import endpoints, fan_out


@transaction.atomic
def test(*, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    """This will send a `webhook.test` event to this endpoint alone, whatever it has subscribed to."""
    endpoint = _ready(endpoint)
    data = {"webhook_id": str(endpoint.id)}
    _record(AuditAction.WEBHOOK_TESTED, endpoint)
    event_id = outbox.emit(EventType.WEBHOOK_TEST, data, workspace_id=endpoint.workspace_id, subject=None, now=now)
    return WebhookDelivery.objects.create(endpoint=endpoint, event_id=event_id, due_at=now, wanted_at=now)


@transaction.atomic
def replay(*, delivery: WebhookDelivery, now: datetime) -> WebhookDelivery:
    """This will send it (again), now; what is just being sent is left to that."""
    endpoint = _ready(delivery.endpoint)
    row = WebhookDelivery.objects.filter(id=delivery.id, endpoint=endpoint)
    _record(AuditAction.WEBHOOK_SENT_AGAIN, endpoint, delivery=str(delivery.id))
    again = {"status": WebhookDeliveryStatus.PENDING, "due_at": now, "wanted_at": now, "failures": 0}
    row.filter(in_hand=False).update(**again, delivered_at=None)
    return row.select_related("event").get()


@transaction.atomic
def replay_since(*, endpoint: WebhookEndpoint, since: datetime, now: datetime) -> int:
    """This will send all that happened since and did not reach the endpoint; gives the number.

    That is what has failed, and what happened while the endpoint was disabled, or did not ask for it.
    """
    number = fan_out.queue_again(endpoint_id=_ready(endpoint).id, since=since, now=now)
    _record(AuditAction.WEBHOOK_SENT_AGAIN, endpoint, since=since, number=number)
    return number


def _record(action: AuditAction, endpoint: WebhookEndpoint, **after: Any) -> None:
    audit.record(action, endpoint, workspace=endpoint.workspace_id, after=after)


def _ready(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """The endpoint, held. A person who asks for something does not wait until a rest is over."""
    endpoint = endpoints.lock(endpoint.id)
    if endpoint.disabled_at:
        raise refuse("webhook_disabled", f"The webhook is disabled: {endpoint.disabled_reason}", status=409)
    WebhookEndpoint.objects.filter(id=endpoint.id).update(resting_until=None)
    return endpoint
