"""What other programs are told: the outbox of events, who wants them, and how far each has got there."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from openpost.crypto import EncryptedJSONField

from .workspace import Workspace

#: Characters of an endpoint's.
LONGEST_URL = 2000
LONGEST_DESCRIPTION = 255


class EventType(models.TextChoices):
    """The names are the API's own. One account of a post each, as the platform in their data says, but the last."""

    POST_PUBLISHED = "post.published", gettext_lazy("Post published")
    POST_FAILED = "post.failed", gettext_lazy("Post failed")
    POST_DELAYED = "post.delayed", gettext_lazy("Post delayed")
    POST_UNCONFIRMED = "post.unconfirmed", gettext_lazy("Post unconfirmed")
    POST_COMPLETED = "post.completed", gettext_lazy("Post completed")
    INTEGRATION_CONNECTED = "integration.connected", gettext_lazy("Integration connected")
    INTEGRATION_DISCONNECTED = "integration.disconnected", gettext_lazy("Integration disconnected")
    WEBHOOK_DISABLED = "webhook.disabled", gettext_lazy("Webhook disabled")
    WEBHOOK_TEST = "webhook.test", gettext_lazy("Webhook test")


class OutboxEvent(models.Model):
    """One thing that happened, written in the transaction that did it (outbox.py), and never changed.

    `id` grows within a post, since its moves hold the post's lock. It says nothing across posts: a transaction that
    began early may commit late. `position` does: it is given after the commit, by one process at a time
    (webhooks/fan_out.py), so that whoever reads on from a position misses nothing.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="outbox")
    position = models.BigIntegerField(null=True, unique=True, editable=False)
    type = models.CharField(max_length=50, choices=EventType)
    data = models.JSONField()
    # Not a foreign key: what happened to a post stays true when the post is gone.
    subject = models.UUIDField(null=True, help_text=gettext_lazy("What its order is kept for: a post, an integration."))
    happened_at = models.DateTimeField()

    class Meta:
        verbose_name = gettext_lazy("event")
        constraints = [
            models.CheckConstraint(condition=Q(type__in=EventType.values), name="outbox_event_type_is_known"),
        ]
        indexes = [
            # What has just been committed, every second.
            models.Index(fields=["id"], condition=Q(position=None), name="outbox_unplaced"),
            # GET /v1/events
            models.Index(fields=["workspace", "position"], name="outbox_feed"),
            # GET /v1/events?type=…
            models.Index(fields=["workspace", "type", "position"], name="outbox_feed_by_type"),
            # What is older than it is kept, and what is sent again since a time.
            models.Index(fields=["happened_at"], name="outbox_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.public_id}"


class WebhookEndpoint(models.Model):
    """An address of another program. Changed by webhooks/endpoints.py and, as deliveries go, publishing/webhooks/."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=LONGEST_URL)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, blank=True)
    events = ArrayField(
        models.CharField(max_length=50), default=list, blank=True, help_text=gettext_lazy("Empty: all of them.")
    )
    secrets = EncryptedJSONField(
        editable=False, help_text=gettext_lazy("The secret, and those before it, the newest first.")
    )
    previous_secret_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text=gettext_lazy("Until then what is sent is signed with the secret before this one, too."),
    )
    older_secrets_until = ArrayField(
        models.DateTimeField(),
        default=list,
        db_default=[],
        blank=True,
        editable=False,
        help_text=gettext_lazy("As previous_secret_until, of each secret before that one."),
    )
    # How it goes -------------------------------------------------------------------------------------------------
    quick = models.BooleanField(
        default=False,
        help_text=gettext_lazy("Its last answer was a good one and came soon: it gets several at a time."),
    )
    failures = models.PositiveIntegerField(
        default=0, help_text=gettext_lazy("Tries that failed since the last that did not.")
    )
    failing_since = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, help_text=gettext_lazy("The last try that failed."))
    delivered_at = models.DateTimeField(null=True, blank=True, help_text=gettext_lazy("The last try that did not."))
    resting_until = models.DateTimeField(
        null=True, blank=True, help_text=gettext_lazy("It fails: nothing is sent before that.")
    )
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = gettext_lazy("webhook")
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at=None, disabled_reason="")
                | Q(~Q(disabled_reason=""), disabled_at__isnull=False),
                name="a_disabled_webhook_and_only_it_says_why",
            ),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since=None) | Q(failures__gt=0, failing_since__isnull=False),
                name="a_failing_webhook_and_only_it_fails_since_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookDeliveryStatus(models.TextChoices):
    PENDING = "pending", gettext_lazy("Pending")
    DELIVERED = "delivered", gettext_lazy("Delivered")
    FAILED = "failed", gettext_lazy("Failed")


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint, and its one clock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_index=False,  # others begin with it
    )
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    subject = models.UUIDField(
        null=True, help_text=gettext_lazy("The event's, beside the endpoint: what keeps its order.")
    )
    status = models.CharField(
        max_length=10, choices=WebhookDeliveryStatus, default=WebhookDeliveryStatus.PENDING, editable=False
    )
    # The only "when": first try, retry, hand-off to a worker that never came, lease of a worker that died.
    due_at = models.DateTimeField(
        null=True, blank=True, help_text=gettext_lazy("When it is tried (again). Empty: it has ended.")
    )
    wanted_at = models.DateTimeField(
        help_text=gettext_lazy("When it was first to be sent, as last asked for: retries end a day on.")
    )
    in_hand = models.BooleanField(
        default=False, help_text=gettext_lazy("Handed to a worker, or on the way to one; void once due_at has passed.")
    )
    # The fencing number.
    attempts = models.PositiveIntegerField(default=0, help_text=gettext_lazy("How often a worker has taken this up."))
    failures = models.PositiveIntegerField(
        default=0, help_text=gettext_lazy("Tries that failed since it was last asked for.")
    )
    # What the last try found.
    tried_at = models.DateTimeField(null=True, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True, help_text=gettext_lazy("HTTP's."))
    answer_body = models.CharField(
        max_length=1024, blank=True, help_text=gettext_lazy("Its beginning, secrets removed.")
    )
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = gettext_lazy("webhook delivery")
        verbose_name_plural = gettext_lazy("webhook deliveries")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="one_delivery_per_webhook_and_event"),
            models.CheckConstraint(
                condition=Q(status=WebhookDeliveryStatus.PENDING, due_at__isnull=False)
                | Q(status__in=[WebhookDeliveryStatus.DELIVERED, WebhookDeliveryStatus.FAILED], due_at=None),
                name="a_webhook_delivery_is_due_until_it_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(in_hand=False) | Q(due_at__isnull=False), name="a_delivery_in_hand_falls_due_again"
            ),
            models.CheckConstraint(
                condition=~Q(status=WebhookDeliveryStatus.FAILED) | ~Q(error_code=""),
                name="a_failed_webhook_delivery_says_why",
            ),
        ]
        indexes = [
            # Every second: which endpoints have something due.
            models.Index(
                fields=["due_at"], include=["endpoint"], condition=Q(due_at__isnull=False), name="webhook_due"
            ),
            # … then, endpoint by endpoint, its oldest due.
            models.Index(
                fields=["endpoint", "due_at", "event"],
                condition=Q(due_at__isnull=False),
                name="webhook_due_by_endpoint",
            ),
            # … of which no earlier one of the same post is still to be delivered.
            models.Index(
                fields=["endpoint", "subject", "event"],
                condition=Q(due_at__isnull=False),
                name="webhook_pending_by_subject",
            ),
            # … and how much of the endpoint is in workers' hands.
            models.Index(fields=["endpoint", "due_at"], condition=Q(in_hand=True), name="webhook_in_hand"),
            # GET /v1/webhooks/{id}/deliveries, newest first; with ?status=… too.
            models.Index(fields=["endpoint", "-created_at", "-id"], name="webhook_log"),
            models.Index(fields=["endpoint", "status", "-created_at", "-id"], name="webhook_log_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.endpoint}"
