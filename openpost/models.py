"""What the frame itself keeps: the answers to requests that may be repeated."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .crypto import EncryptedJSONField


class KeptAnswer(models.Model):
    """The first answer to a POST with an Idempotency-Key, for whoever sends it again (api/idempotency.py)."""

    tenant_id = models.UUIDField(help_text="Whose key it is: the same key of somebody else is another one.")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="HMAC of the method, the address and the body.")
    status = models.PositiveSmallIntegerField(help_text="HTTP.")
    # Encrypted, since an answer may hold a secret that is shown once.
    body = EncryptedJSONField()
    etag = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="Empty: it had none.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "key"], name="one_answer_per_idempotency_key"),
            models.CheckConstraint(
                condition=Q(status__gte=200, status__lt=300), name="only_answers_to_what_was_done_are_kept"
            ),
        ]
        indexes = [
            # The sweep, every hour: what is older than a day.
            models.Index(fields=["created_at"], name="kept_answer_age"),
        ]

    def __str__(self) -> str:
        return self.key
