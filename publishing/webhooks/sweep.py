"""Forgetting events that are older than they are kept."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from integrations.models import OutboxEvent, WebhookDelivery

#: How many are removed in one transaction: so that nobody waits for it.
BATCH = 1000


def sweep(*, now: datetime) -> int:
    """This will remove old events with their deliveries, and give their number. What is still to be delivered stays."""
    pending = WebhookDelivery.objects.filter(event=OuterRef("pk"), due_at__isnull=False)
    old = OutboxEvent.objects.filter(
        ~Exists(pending), position__isnull=False, happened_at__lt=now - timedelta(days=settings.EVENTS_KEPT_DAYS)
    )
    removed = 0
    while ids := list(old.values_list("id", flat=True)[:BATCH]):
        OutboxEvent.objects.filter(id__in=ids).delete()
        removed += len(ids)
    return removed
