"""Whose posts these are: a workspace, and the people in it."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy
from timezone_field import TimeZoneField


class Mode(models.TextChoices):
    LIVE = "live", gettext_lazy("Live")
    SANDBOX = "sandbox", gettext_lazy("Sandbox")


class Workspace(models.Model):
    """The tenant: every post, integration and key belongs to exactly one. A sandbox one reaches no real platform."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    mode = models.CharField(
        max_length=10,
        choices=Mode,
        default=Mode.LIVE,
        help_text=gettext_lazy("A sandbox workspace publishes to the built-in sandbox network only."),
    )
    timezone = TimeZoneField(default="UTC", help_text=gettext_lazy("The clock its people read; the API speaks UTC."))
    late_limit = models.DurationField(
        default=timedelta(hours=24),
        help_text=gettext_lazy("A post overdue by more than this is not sent late but failed as missed."),
    )
    needs_approval = models.BooleanField(
        default=False,
        db_default=False,
        help_text=gettext_lazy("What an editor schedules or publishes waits until an admin or owner has approved it."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    closing_since = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=gettext_lazy("Since then nobody is in it, and all of it is being deleted."),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(mode__in=Mode.values), name="workspace_mode_is_known"),
            models.CheckConstraint(
                condition=models.Q(late_limit__gt=timedelta(0)), name="workspace_late_limit_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sandbox(self) -> bool:
        return self.mode == Mode.SANDBOX


class Role(models.TextChoices):
    OWNER = "owner", gettext_lazy("Owner")
    ADMIN = "admin", gettext_lazy("Admin")
    EDITOR = "editor", gettext_lazy("Editor")
    VIEWER = "viewer", gettext_lazy("Viewer")


class Membership(models.Model):
    """What one person may do in one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)
    joined_at = models.DateTimeField(
        null=True, db_default=Now(), help_text=gettext_lazy("Until then they are invited, and may nothing.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = gettext_lazy("member")
        verbose_name_plural = gettext_lazy("members")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_person_and_workspace"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}: {self.get_role_display()}"
