"""What the sandbox network has received: its own records, as a remote platform would keep them.

They know an account and a text and nothing of our posts, and outlive them: tests and users count here.
"""

import uuid

from django.db import models
from django.db.models import Value
from django.db.models.functions import Now


class SandboxPost(models.Model):
    """One post the sandbox network accepted, byte for byte. The same thing sent twice makes two rows, visibly."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(
        "integrations.Integration", on_delete=models.CASCADE, related_name="sandbox_posts", verbose_name="account"
    )
    key = models.CharField(max_length=64, help_text="The record key the sender chose.")
    text = models.TextField()
    settings = models.JSONField(default=dict)
    answers = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="answered_by", help_text="In a thread."
    )
    media = models.JSONField(
        default=list,
        db_default=Value([], models.JSONField()),
        help_text="The files beside it: where the network keeps them, type, alt text.",
    )
    # The network's own clock, not that of the worker who calls.
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["integration", "key"], name="sandbox_post_by_key")]
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return self.text[:60]


class SandboxFault(models.Model):
    """How often a word in a text has already made the sandbox network misbehave for one record key."""

    integration = models.ForeignKey("integrations.Integration", on_delete=models.CASCADE)
    key = models.CharField(max_length=64)
    word = models.CharField(max_length=30)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "key", "word"], name="one_count_per_key_and_word")
        ]

    def __str__(self) -> str:
        return f"{self.word} × {self.times}"
