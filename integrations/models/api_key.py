"""How a program proves which workspace it speaks for, and what it may do there."""

import hashlib
import secrets
import uuid
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy

from .workspace import Mode, Workspace

PREFIXES = {Mode.LIVE: "op_live_", Mode.SANDBOX: "op_test_"}


class Scope(models.TextChoices):
    """What a key may do. None holds another: a key that only writes cannot read."""

    READ = "read", gettext_lazy("Read")
    WRITE = "write", gettext_lazy("Write")
    ADMIN = "admin", gettext_lazy("Admin")


#: What a key may do that was made without a word on it, as every key from before there were scopes.
ORDINARY = (Scope.READ, Scope.WRITE)


def ordinary_scopes() -> list[str]:
    return [*ORDINARY]


def digest(key: str) -> str:
    """The only form in which a key is kept: SHA-256, hex. A key has 192 random bits, so it needs no slow hash."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self, *, now: datetime) -> "ApiKeyQuerySet":
        """Neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


class ApiKey(models.Model):
    """A Bearer key of one workspace. The key itself is shown once and never stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(
        max_length=100, help_text=gettext_lazy("What uses this key, so that you know what stops when it goes.")
    )
    hint = models.CharField(
        max_length=20, editable=False, help_text=gettext_lazy("The key's beginning and end, to recognise it by.")
    )
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=10),
        default=ordinary_scopes,
        db_default=Value([*ORDINARY]),
        help_text=gettext_lazy("What the key may do."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    rotated_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=gettext_lazy("When another key was made to take this one's place."),
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("API key")
        constraints = [
            models.CheckConstraint(condition=Q(key_hash__regex=r"^[0-9a-f]{64}$"), name="api_key_is_stored_as_a_hash"),
            models.CheckConstraint(condition=Q(scopes__contained_by=Scope.values), name="api_key_scopes_are_known"),
            models.CheckConstraint(condition=~Q(scopes=[]), name="an_api_key_may_do_something"),
            models.CheckConstraint(
                condition=Q(rotated_at=None) | Q(expires_at__isnull=False), name="a_rotated_api_key_comes_to_an_end"
            ),
        ]
        indexes = [
            # GET /v1/keys, newest first.
            models.Index(fields=["workspace", "-created_at", "-id"], name="api_key_list"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint})"

    def has_expired(self, *, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    @staticmethod
    def generate(workspace: Workspace) -> str:
        """A new key for `workspace`: `op_live_` or `op_test_` and 32 url-safe characters."""
        return PREFIXES[Mode(workspace.mode)] + secrets.token_urlsafe(24)
