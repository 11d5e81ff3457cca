"""The ledger: what we are about to send and under which key, and the evidence of every try."""

import uuid

from django.db import models
from django.db.models import Q

from posts.models import PostTarget


class DeliveryState(models.TextChoices):
    PREPARED = "prepared", "Prepared"
    SENDING = "sending", "Sending"
    LIVE = "live", "Live"


class Delivery(models.Model):
    """One part of one target. `sending` is committed, with the exact payload, before the irreversible call."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    target = models.ForeignKey(PostTarget, on_delete=models.CASCADE, related_name="deliveries")
    part = models.PositiveSmallIntegerField(default=0, help_text="0 is the post itself; a thread goes on from there.")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PREPARED)
    key = models.CharField(max_length=64, help_text="The record or idempotency key we chose.")
    payload = models.JSONField(help_text="What is sent, frozen.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the payload, hex.")
    sent_at = models.DateTimeField(null=True, help_text="When the first call began.")
    resent_at = models.DateTimeField(null=True, help_text="When the latest call began.")
    calls = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often it was sent since a person asked for it."
    )
    looks = models.PositiveIntegerField(default=0, help_text="Unclear answers since the latest call, its own included.")
    absences = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="How often in a row the platform was seen not to have it, since the latest call.",
    )
    remote_id = models.CharField(max_length=512, blank=True)
    url = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["target", "part"], name="one_delivery_per_target_and_part"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.PREPARED) | Q(sent_at__isnull=False, resent_at__isnull=False),
                name="what_is_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.LIVE) | ~Q(remote_id=""), name="what_is_live_has_an_id_there"
            ),
            models.CheckConstraint(condition=~Q(key=""), name="a_delivery_has_a_key"),
        ]

    def __str__(self) -> str:
        return f"part {self.part}: {self.get_state_display()}"


class Outcome(models.TextChoices):
    LIVE = "live", "Live"
    REJECTED = "rejected", "Rejected"
    NOT_NOW = "not_now", "Not now"
    DISCONNECTED = "disconnected", "Disconnected"
    UNCONFIRMED = "unconfirmed", "Unconfirmed"
    MISSED = "missed", "Missed"
    WORKER_LOST = "worker_lost", "Worker lost"


class Attempt(models.Model):
    """One try, or one look, as it ended. Written once and never changed."""

    id = models.BigAutoField(primary_key=True)
    target = models.ForeignKey(PostTarget, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField(help_text="The fencing number it ran under.")
    outcome = models.CharField(max_length=20, choices=Outcome)
    code = models.CharField(max_length=50, blank=True)
    message = models.CharField(max_length=1000, blank=True, help_text="For people.")
    detail = models.TextField(blank=True, help_text="The platform's answer, secrets removed.")
    worker = models.CharField(max_length=255)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="attempt_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(ended_at__gte=models.F("started_at")), name="attempt_ends_after_it_began"
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_outcome_display()}"
