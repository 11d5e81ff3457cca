"""How far one post got on one account."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy

from integrations.models import Integration
from posts.status import TargetStatus

from .post import Post


class PostTarget(models.Model):
    """One post on one account, and its one clock. Moved only by lifecycle.py."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="targets")
    integration = models.ForeignKey(Integration, on_delete=models.RESTRICT, related_name="targets")
    position = models.PositiveSmallIntegerField(
        default=0, help_text=gettext_lazy("The order in which its author named it.")
    )
    status = models.CharField(max_length=12, choices=TargetStatus, default=TargetStatus.PENDING, editable=False)
    # The only "when": first try, retry, hand-off to a worker that never came, lease of a worker that died, next look.
    due_at = models.DateTimeField(
        null=True, blank=True, help_text=gettext_lazy("When the machine must next look at this. Empty: nothing to do.")
    )
    wanted_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=gettext_lazy("When it was meant to go out, as last asked for: lateness is counted from here."),
    )
    in_hand = models.BooleanField(
        default=False,
        db_default=False,
        help_text=gettext_lazy("Handed to a worker, or on the way to one; void once due_at has passed."),
    )
    # The fencing number: it only grows, and a worker that holds an older one changes nothing.
    attempts = models.PositiveIntegerField(default=0, help_text=gettext_lazy("How often a worker has taken this up."))
    # What the retry policy counts since the last (re)scheduling: tries that ended in "not now", and workers lost.
    failures = models.PositiveIntegerField(default=0, help_text=gettext_lazy("Tries in a row that could not go out."))
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.CharField(max_length=1000, blank=True)
    error_retryable = models.BooleanField(default=False, help_text=gettext_lazy("Whether trying again can help."))
    in_doubt = models.BooleanField(
        default=False,
        help_text=gettext_lazy(
            "A call was made whose outcome nobody knows: the platform must be asked before anything."
        ),
    )
    platform_post_id = models.CharField(max_length=512, blank=True)
    platform_post_url = models.URLField(max_length=1000, null=True, blank=True)  # noqa: DJ001  # null in the API
    live_parts = ArrayField(
        models.CharField(max_length=1000),
        default=list,
        db_default=Value([]),
        blank=True,
        help_text=gettext_lazy("The addresses of a thread's parts that are live, in order."),
    )
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = gettext_lazy("target")
        verbose_name_plural = gettext_lazy("targets")
        constraints = [
            models.UniqueConstraint(fields=["post", "integration"], name="one_target_per_post_and_account"),
            models.CheckConstraint(condition=Q(status__in=TargetStatus.values), name="target_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status=TargetStatus.PUBLISHING) | Q(due_at__isnull=False),
                name="a_target_being_published_is_looked_at_again",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[TargetStatus.PUBLISHED, TargetStatus.FAILED]) | Q(due_at__isnull=True),
                name="a_finished_target_has_nothing_due",
            ),
            models.CheckConstraint(
                condition=Q(status=TargetStatus.PUBLISHED, published_at__isnull=False)
                | (~Q(status=TargetStatus.PUBLISHED) & Q(published_at__isnull=True)),
                name="published_targets_and_only_they_have_published_at",
            ),
            models.CheckConstraint(
                condition=~Q(status=TargetStatus.FAILED) | ~Q(error_code=""),
                name="a_failed_target_says_why",
            ),
            models.CheckConstraint(
                condition=Q(in_doubt=False) | Q(status__in=[TargetStatus.PUBLISHING, TargetStatus.FAILED]),
                name="what_may_be_live_is_not_pending",
            ),
            models.CheckConstraint(
                condition=Q(live_parts=[]) | ~Q(status=TargetStatus.PENDING), name="what_is_live_in_part_is_not_pending"
            ),
            models.CheckConstraint(
                condition=Q(in_hand=False) | Q(due_at__isnull=False), name="what_is_in_a_workers_hands_falls_due_again"
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(wanted_at__isnull=False), name="what_is_due_was_wanted_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["integration", "platform_post_id"],
                condition=~Q(platform_post_id=""),
                name="no_two_targets_are_the_same_post_there",
            ),
        ]
        indexes = [
            # The dispatcher's sweep, every second: which accounts have something due.
            models.Index(
                fields=["due_at"], include=["integration"], condition=Q(due_at__isnull=False), name="target_due"
            ),
            # … then, account by account, its oldest due.
            models.Index(
                fields=["integration", "due_at"], condition=Q(due_at__isnull=False), name="target_due_by_account"
            ),
            # … and before that, what a worker left or the platform is to be asked about.
            models.Index(
                fields=["integration", "due_at"], condition=Q(status=TargetStatus.PUBLISHING), name="target_left_behind"
            ),
            # … and how much of the account is in workers' hands.
            models.Index(fields=["integration", "due_at"], condition=Q(in_hand=True), name="target_in_hand"),
            # An account's health: when something last went live there. And its next free slot: what just did.
            models.Index(
                fields=["integration", "-published_at"],
                condition=Q(status=TargetStatus.PUBLISHED),
                name="target_last_published",
            ),
            # Home: what failed of late.
            models.Index(fields=["integration", "-updated_at"], condition=Q(status="failed"), name="target_failed"),
            # `manage.py overdue`: what should have gone out and has not.
            models.Index(fields=["wanted_at"], condition=Q(due_at__isnull=False), name="target_wanted"),
        ]

    def __str__(self) -> str:
        return f"{self.integration}: {self.get_status_display()}"
