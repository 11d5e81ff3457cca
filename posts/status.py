"""Where a post and its targets can stand, and how a post's status follows from its targets'. Pure: no database.

The moves are in `lifecycle.py`; this is the map they are checked against.
"""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy


class PostStatus(models.TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    SCHEDULED = "scheduled", gettext_lazy("Scheduled")
    PUBLISHING = "publishing", gettext_lazy("Publishing")
    PUBLISHED = "published", gettext_lazy("Published")
    FAILED = "failed", gettext_lazy("Failed")


class TargetStatus(models.TextChoices):
    PENDING = "pending", gettext_lazy("Pending")
    PUBLISHING = "publishing", gettext_lazy("Publishing")
    PUBLISHED = "published", gettext_lazy("Published")
    FAILED = "failed", gettext_lazy("Failed")


#: A post may be changed, cancelled or sent now only while nothing of it is being sent or has gone out.
EDITABLE = (PostStatus.DRAFT, PostStatus.SCHEDULED)

#: Every move a target can make, by verb. PostgreSQL sees each as `UPDATE … WHERE status = <from>`.
MOVES: dict[str, tuple[TargetStatus, TargetStatus]] = {
    "claim": (TargetStatus.PENDING, TargetStatus.PUBLISHING),
    "take_over": (TargetStatus.PUBLISHING, TargetStatus.PUBLISHING),
    "live": (TargetStatus.PUBLISHING, TargetStatus.PUBLISHED),
    "postpone": (TargetStatus.PUBLISHING, TargetStatus.PENDING),
    "doubt": (TargetStatus.PUBLISHING, TargetStatus.PUBLISHING),
    "fail": (TargetStatus.PUBLISHING, TargetStatus.FAILED),
    "retry": (TargetStatus.FAILED, TargetStatus.PENDING),
    # What is live in part, or may be, never becomes pending again, where it could be edited or cancelled.
    "part_live": (TargetStatus.PUBLISHING, TargetStatus.PUBLISHING),
    "pause": (TargetStatus.PUBLISHING, TargetStatus.PUBLISHING),
    "retry_begun": (TargetStatus.FAILED, TargetStatus.PUBLISHING),
    # A person's verdict on an unknown outcome: of all of it, or of one part of a thread.
    "resolve_live": (TargetStatus.FAILED, TargetStatus.PUBLISHED),
    "resolve_absent": (TargetStatus.FAILED, TargetStatus.PENDING),
    "resolve_part": (TargetStatus.FAILED, TargetStatus.PUBLISHING),
    # A backup was restored: what may have gone out since it was made.
    "suspect": (TargetStatus.PENDING, TargetStatus.FAILED),
    "suspect_begun": (TargetStatus.PUBLISHING, TargetStatus.FAILED),
}


def follow(targets: Collection[str]) -> PostStatus:
    """This will give the status of a post that is no draft, from the statuses of its targets (at least one)."""
    found = set(targets)
    if found == {TargetStatus.PUBLISHED}:
        return PostStatus.PUBLISHED
    if found == {TargetStatus.PENDING}:
        return PostStatus.SCHEDULED
    if found & {TargetStatus.PENDING, TargetStatus.PUBLISHING}:
        return PostStatus.PUBLISHING
    return PostStatus.FAILED
