"""One connected account, and whether we may still speak for it."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from integrations.platforms import registry
from openpost.crypto import EncryptedJSONField

from .workspace import Workspace


class IntegrationStatus(models.TextChoices):
    ACTIVE = "active", gettext_lazy("Active")
    NEEDS_REFRESH = "needs_refresh", gettext_lazy("Needs reconnecting")
    DISCONNECTED = "disconnected", gettext_lazy("Disconnected")


class IntegrationQuerySet(models.QuerySet["Integration"]):
    def active(self) -> "IntegrationQuerySet":
        return self.filter(status=IntegrationStatus.ACTIVE)


class Integration(models.Model):
    """An account of one platform, connected to one workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="integrations")
    # No choices: the registry knows the names, so a new platform needs no migration.
    platform = models.CharField(max_length=30)
    remote_id = models.CharField(max_length=255, help_text=gettext_lazy("The platform's own stable id of the account."))
    username = models.CharField(max_length=255)
    display_name = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=20, choices=IntegrationStatus, default=IntegrationStatus.ACTIVE)
    premium = models.BooleanField(
        default=False,
        db_default=False,
        help_text=gettext_lazy("The account pays its platform for more than others may, such as longer posts."),
    )
    status_reason = models.CharField(
        max_length=500, blank=True, help_text=gettext_lazy("Why it needs reconnecting, in a sentence.")
    )
    credentials = EncryptedJSONField(default=dict, editable=False)
    token_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Both say who may send the refresh token: refresh_claim.py has the table.
    refresh_lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    refresh_sent = models.BooleanField(default=False, db_default=False, editable=False)
    refreshed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=gettext_lazy("When the platform last renewed our access.")
    )
    resting_until = models.DateTimeField(
        null=True, blank=True, help_text=gettext_lazy("The platform asked us to leave this account alone until then.")
    )
    # The account's picture as we keep it, by its name in the media storage (avatars/), and when we next look whether it
    # is another by now: never, where there is nothing to look at.
    avatar = models.CharField(max_length=255, blank=True, db_default="", editable=False)
    avatar_due_at = models.DateTimeField(null=True, blank=True, db_default=Now(), editable=False)
    connected_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("account")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "platform", "remote_id"], name="an_account_is_connected_once_per_workspace"
            ),
            models.CheckConstraint(
                condition=Q(status__in=IntegrationStatus.values), name="integration_status_is_known"
            ),
            models.CheckConstraint(condition=~Q(platform="") & ~Q(remote_id=""), name="integration_names_an_account"),
        ]
        indexes = [
            # GET /v1/integrations, newest first.
            models.Index(fields=["workspace", "-created_at", "-id"], name="integration_list"),
            # What every create asks: this workspace's accounts on a platform.
            models.Index(fields=["workspace", "platform"], name="integration_by_platform"),
            # What is refreshed ahead of its posts, every minute: accounts in use whose token ends soon.
            models.Index(
                fields=["token_expires_at"],
                condition=Q(status=IntegrationStatus.ACTIVE, token_expires_at__isnull=False),
                name="integration_token_ends",
            ),
            # Whose picture is looked at, every minute (avatars/looking.py).
            models.Index(
                fields=["avatar_due_at"],
                condition=Q(status=IntegrationStatus.ACTIVE, avatar_due_at__isnull=False),
                name="integration_avatar_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.username} on {registry.label_of(self.platform)}"
