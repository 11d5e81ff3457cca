"""What people and programs did with a post. What the machine did stands in the ledger's attempts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from .post import Post
from .target import PostTarget


class EventKind(models.TextChoices):
    CREATED = "created", gettext_lazy("Created")
    EDITED = "edited", gettext_lazy("Edited")
    SCHEDULED = "scheduled", gettext_lazy("Scheduled")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")
    PUBLISH_NOW = "publish_now", gettext_lazy("Published now")
    RETRIED = "retried", gettext_lazy("Published again")
    RESOLVED_LIVE = "resolved_live", gettext_lazy("Found to be live")
    RESOLVED_ABSENT = "resolved_absent", gettext_lazy("Found not to be live")
    APPROVAL_REQUESTED = "approval_requested", gettext_lazy("Approval requested")
    APPROVED = "approved", gettext_lazy("Approved")
    DECLINED = "declined", gettext_lazy("Declined")


class Event(models.Model):
    """One thing somebody did, written in the transaction that did it, and never changed."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="events")
    target = models.ForeignKey(PostTarget, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind)
    at = models.DateTimeField()
    actor = models.CharField(max_length=255, blank=True, help_text=gettext_lazy("Who: a key by its name, or a person."))
    message = models.CharField(max_length=1000, help_text=gettext_lazy("What was done, in a sentence."))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="event_kind_is_known")]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.message
