"""What the tick and the workers do, in this process and one after the other."""

import json

from django.utils import timezone

from integrations.models import OutboxEvent, WebhookEndpoint, Workspace
from integrations.webhooks import endpoints, fan_out, signing
from publishing.webhooks import sending, turns
from tests import builders
from tests.openpost.described import check_told

from .receiver import Receiver


def subscribe(workspace: Workspace, receiver: Receiver, **kwargs: object) -> WebhookEndpoint:
    endpoint, receiver.secret = endpoints.create(workspace=workspace, url=receiver.url, **kwargs)  # type: ignore[arg-type]
    return endpoint


def step() -> int:
    """One tick, and a worker for all that it hands out; gives their number."""
    fan_out.place(now=timezone.now())
    taken, token = turns.hand_off(now=timezone.now(), most=100)
    for event in OutboxEvent.objects.filter(deliveries__in=taken):
        check_told(json.loads(signing.body_of(event)))
    for delivery_id in taken:
        sending.deliver(delivery_id=delivery_id, token=token)
    return len(taken)


def run() -> None:
    """Ticks, until nothing is due."""
    while step():
        pass


def published(workspace: Workspace) -> str:
    """A post that has gone live on one account; gives its id."""
    return str(builders.published(workspace).id)
