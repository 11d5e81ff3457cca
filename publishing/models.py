"""The ledger: what we are about to send and under which key, and the evidence of every try."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy

from integrations.models import Integration, Membership, Workspace
from posts.models import Media, PostTarget

#: Characters of an e-mail address, as Django's accounts have room for.
LONGEST_ADDRESS = 254


class DeliveryState(models.TextChoices):
    PREPARED = "prepared", gettext_lazy("Prepared")
    SENDING = "sending", gettext_lazy("Sending")
    LIVE = "live", gettext_lazy("Live")


class Delivery(models.Model):
    """One part of one target. `sending` is committed, with the exact payload, before the irreversible call."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    target = models.ForeignKey(PostTarget, on_delete=models.CASCADE, related_name="deliveries")
    part = models.PositiveSmallIntegerField(
        default=0, help_text=gettext_lazy("0 is the post itself; a thread goes on from there.")
    )
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PREPARED)
    key = models.CharField(max_length=64, help_text=gettext_lazy("The record or idempotency key we chose."))
    draft = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        help_text=gettext_lazy("What this part says, as it stood when the thread's first part was sent."),
    )
    payload = models.JSONField(
        help_text=gettext_lazy("What is sent, frozen. Empty where an earlier part's call sends this one too.")
    )
    fingerprint = models.CharField(max_length=64, help_text=gettext_lazy("SHA-256 of the payload, hex."))
    sent_at = models.DateTimeField(null=True, help_text=gettext_lazy("When the first call began."))
    resent_at = models.DateTimeField(null=True, help_text=gettext_lazy("When the latest call began."))
    calls = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=gettext_lazy("How often it was sent since a person asked for it.")
    )
    looks = models.PositiveIntegerField(
        default=0, help_text=gettext_lazy("Unclear answers since the latest call, its own included.")
    )
    absences = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text=gettext_lazy("How often in a row the platform was seen not to have it, since the latest call."),
    )
    remote_id = models.CharField(max_length=512, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    live_at = models.DateTimeField(null=True, help_text=gettext_lazy("When it was known to be live."))

    class Meta:
        verbose_name_plural = gettext_lazy("deliveries")
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
        indexes = [
            # Whether what a look has found is known to be another part, or another post of ours.
            models.Index(fields=["remote_id"], condition=~Q(remote_id=""), name="delivery_by_remote_id"),
        ]

    def __str__(self) -> str:
        return f"part {self.part}: {self.get_state_display()}"


class Upload(models.Model):
    """What a platform gave an account for one file, in one form: sent once, used by every try and every post."""

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="uploads")
    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="uploads")
    form = models.CharField(max_length=100, help_text=gettext_lazy("What was made of the file."))
    reference = models.JSONField(help_text=gettext_lazy("What the platform gave for it."))
    ready = models.BooleanField(default=True, help_text=gettext_lazy("Off while the platform still works on it."))
    good_until = models.DateTimeField(help_text=gettext_lazy("From then on the platform may have forgotten it."))
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "media", "form"], name="one_upload_per_account_file_and_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.media}: {self.form}"


class Step(models.Model):
    """One thing a worker did for a target before it sent anything, as its timeline tells it."""

    id = models.BigAutoField(primary_key=True)
    target = models.ForeignKey(PostTarget, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField(help_text=gettext_lazy("The fencing number it ran under."))
    at = models.DateTimeField()
    message = models.CharField(max_length=1000)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.message


class Outcome(models.TextChoices):
    LIVE = "live", gettext_lazy("Live")
    REJECTED = "rejected", gettext_lazy("Rejected")
    NOT_NOW = "not_now", gettext_lazy("Not now")
    DISCONNECTED = "disconnected", gettext_lazy("Disconnected")
    UNCONFIRMED = "unconfirmed", gettext_lazy("Unconfirmed")
    MISSED = "missed", gettext_lazy("Missed")
    WORKER_LOST = "worker_lost", gettext_lazy("Worker lost")


class Attempt(models.Model):
    """One try, or one look, as it ended. Written once and never changed."""

    id = models.BigAutoField(primary_key=True)
    target = models.ForeignKey(PostTarget, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField(help_text=gettext_lazy("The fencing number it ran under."))
    outcome = models.CharField(max_length=20, choices=Outcome)
    code = models.CharField(max_length=50, blank=True)
    message = models.CharField(max_length=1000, blank=True, help_text=gettext_lazy("For people."))
    detail = models.TextField(blank=True, help_text=gettext_lazy("The platform's answer, secrets removed."))
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


class Pulse(models.Model):
    """When something that must go on for ever last went on (pulse.py). One row each."""

    TICK = "tick"  # a worker took up beat's tick
    BEAT = "beat"  # beat sent it
    WATCH = "watch"  # somebody looked whether there is anything to tell people of (watch.py)

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Worker(models.Model):
    """A worker process, as it says of itself while it lives (workers.py)."""

    name = models.CharField(
        max_length=255, primary_key=True, help_text=gettext_lazy("Celery's name for it, and its process id.")
    )
    queues = ArrayField(models.CharField(max_length=100))
    threads = models.PositiveIntegerField(help_text=gettext_lazy("How many tasks it works on at a time."))
    version = models.CharField(max_length=100, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text=gettext_lazy("When it last said that it lives."))

    def __str__(self) -> str:
        return self.name


class FeedReader(models.Model):
    """How far somebody of ours has read the feed of events."""

    name = models.CharField(max_length=20, primary_key=True)
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name


class AlertKind(models.TextChoices):
    FAILED = "failed", gettext_lazy("Posts failed")
    RECONNECT = "reconnect", gettext_lazy("Account needs reconnecting")
    OVERDUE = "overdue", gettext_lazy("Posts are late")
    SERVICE = "service", gettext_lazy("The service is not well")


class Alert(models.Model):
    """One cause that people are told of once, until it is cured (alerts/causes.py)."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        Workspace,
        null=True,
        on_delete=models.CASCADE,
        help_text=gettext_lazy("Empty: it concerns whoever runs the service."),
    )
    integration = models.ForeignKey(
        Integration,
        null=True,
        on_delete=models.CASCADE,
        help_text=gettext_lazy("The account that it is about, if it is about one."),
    )
    kind = models.CharField(max_length=20, choices=AlertKind)
    cause = models.CharField(max_length=255, help_text=gettext_lazy("What makes two troubles the same one."))
    message = models.CharField(max_length=1000, help_text=gettext_lazy("What is wrong, for people."))
    hint = models.CharField(max_length=1000, blank=True, help_text=gettext_lazy("What to do."))
    count = models.PositiveIntegerField(default=0, help_text=gettext_lazy("How many posts it has struck."))
    targets = ArrayField(models.UUIDField(), default=list, blank=True, help_text=gettext_lazy("The first of them."))
    began_at = models.DateTimeField()
    last_at = models.DateTimeField(help_text=gettext_lazy("When it was last seen."))
    tell_at = models.DateTimeField(
        help_text=gettext_lazy("Until then it gathers what else it strikes, or passes by itself.")
    )
    told_at = models.DateTimeField(null=True, blank=True, help_text=gettext_lazy("When its letters were written."))
    cured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "cause"],
                condition=Q(cured_at=None),
                nulls_distinct=False,
                name="a_cause_is_one_alert_until_it_is_cured",
            ),
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="alert_kind_is_known"),
            models.CheckConstraint(condition=~Q(cause=""), name="an_alert_has_a_cause"),
        ]
        indexes = [
            # Every round: what is open.
            models.Index(fields=["tell_at"], condition=Q(cured_at=None), name="alert_open"),
            # How much a workspace was told of late.
            models.Index(fields=["workspace", "told_at"], name="alert_told"),
        ]

    def __str__(self) -> str:
        return self.message


class Letter(models.Model):
    """One e-mail of one alert to one person, and its one clock: the outbox of alerts/sending.py."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False, help_text=gettext_lazy("In its Message-ID, too.")
    )
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="letters")
    address = models.CharField(max_length=LONGEST_ADDRESS)
    cured = models.BooleanField(default=False, help_text=gettext_lazy("It says that all is well again."))
    due_at = models.DateTimeField(
        null=True, blank=True, help_text=gettext_lazy("When it is tried (again). Empty: it has ended.")
    )
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text=gettext_lazy("How the last try went wrong."))
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "address", "cured"], name="nobody_is_told_the_same_twice"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="letter_due"),
        ]

    def __str__(self) -> str:
        return f"{self.alert} to {self.address}"


class AlertChoice(models.Model):
    """What somebody has said about alerts of a workspace they are in. Without it, owners get them."""

    membership = models.OneToOneField(
        Membership, primary_key=True, on_delete=models.CASCADE, related_name="alert_choice"
    )
    wanted = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.membership}: {'on' if self.wanted else 'off'}"
