"""A person who was sent to a platform to connect an account there, and has not come back yet."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from openpost.crypto import EncryptedJSONField

from .api_key import ApiKey, Scope
from .workspace import Workspace


class SignInQuerySet(models.QuerySet["SignIn"]):
    def waiting(self, *, now: datetime) -> "SignInQuerySet":
        """Neither finished nor too old, and whoever began it may still do that."""
        may_still = ApiKey.objects.usable(now=now).filter(scopes__contains=[Scope.WRITE])
        key_lives = Q(api_key=None) | Q(api_key__in=may_still)
        return self.filter(key_lives, ended_at=None, expires_at__gt=now)


class SignIn(models.Model):
    """One way to a platform's consent page and back: `state` works once, for who began it, for ten minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    platform = models.CharField(max_length=30)
    # Whoever reads this table can finish nobody's sign-in.
    state_hash = models.CharField(max_length=64, unique=True)
    verifier = EncryptedJSONField()
    redirect_uri = models.CharField(max_length=500)
    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state_hash__regex=r"^[0-9a-f]{64}$"), name="sign_in_state_is_stored_as_a_hash"
            ),
            models.CheckConstraint(
                condition=Q(api_key=None, user__isnull=False) | Q(api_key__isnull=False, user=None),
                name="a_sign_in_was_begun_by_a_key_or_a_person",
            ),
        ]
        indexes = [
            # The sweep at each new one: what is long over.
            models.Index(fields=["expires_at"], name="sign_in_age"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} for {self.workspace_id}"
