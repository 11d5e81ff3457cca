"""What people and programs did with a post. What the machine did stands in the ledger's attempts."""

from django.db import models
from django.db.models import Q

from .post import Post
from .target import PostTarget


class EventKind(models.TextChoices):
    CREATED = "created", "Created"
    EDITED = "edited", "Edited"
    SCHEDULED = "scheduled", "Scheduled"
    CANCELLED = "cancelled", "Cancelled"
    PUBLISH_NOW = "publish_now", "Published now"
    RETRIED = "retried", "Published again"
    RESOLVED_LIVE = "resolved_live", "Found to be live"
    RESOLVED_ABSENT = "resolved_absent", "Found not to be live"
    APPROVAL_REQUESTED = "approval_requested", "Approval requested"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"


class Event(models.Model):
    """One thing somebody did, written in the transaction that did it, and never changed."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="events")
    target = models.ForeignKey(PostTarget, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind)
    at = models.DateTimeField()
    actor = models.CharField(max_length=255, blank=True, help_text="Who: a key by its name, or a person.")
    message = models.CharField(max_length=1000, help_text="What was done, in a sentence.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="event_kind_is_known")]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.message
