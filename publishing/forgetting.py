"""Forgetting what is older than it is kept: attempts, steps and events of posts that have ended, and unused files.

In small batches, each a transaction of its own, from the oldest on: nobody waits for it, and a run that was killed is
made good by the next. What a person may still have to look at (an unknown outcome) keeps all its evidence.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, Q

from openpost.api.errors import ApiError
from posts.media import actions
from posts.models import Attachment, Event, Media, Post, PostStatus, PostTarget, TargetStatus

from .models import Attempt, Step

log = logging.getLogger(__name__)

#: Rows that are looked at, and removed, in one transaction.
BATCH = 1000

_ENDED = Q(status=TargetStatus.PUBLISHED) | Q(status=TargetStatus.FAILED, in_doubt=False)
_OVER = (PostStatus.PUBLISHED, PostStatus.FAILED)


def forget(*, now: datetime) -> int:
    """This will remove what is older than HISTORY_KEPT_DAYS and UNUSED_MEDIA_KEPT_DAYS say, and give the number."""
    removed = 0
    if days := settings.HISTORY_KEPT_DAYS:
        before, ended = now - timedelta(days=days), PostTarget.objects.filter(_ENDED, id=OuterRef("target"))
        over = Post.objects.filter(id=OuterRef("post"), status__in=_OVER)
        removed += _forget(Attempt, "ended_at", Q(Exists(ended)), before)
        removed += _forget(Step, "at", Q(Exists(ended)), before)
        removed += _forget(Event, "at", Q(Exists(over)), before)
    if days := settings.UNUSED_MEDIA_KEPT_DAYS:
        removed += _forget_files(now - timedelta(days=days))
    if removed:
        log.info("Forgotten, since they were older than they are kept: %d rows and files", removed)
    return removed


def _forget(model: type[Model], at: str, forgettable: Q, before: datetime) -> int:
    """By the table's own key, which grows with time: so it costs what is old, not what is stored."""
    rows, after, removed = model._default_manager.order_by("id"), 0, 0
    while some := list(rows.filter(id__gt=after).values_list("id", at)[:BATCH]):
        old = [row_id for row_id, when in some if when < before]
        removed += rows.filter(forgettable, id__in=old).delete()[0]
        if len(old) < len(some):
            break
        after = some[-1][0]
    return removed


def _forget_files(before: datetime) -> int:
    """Files in no post, also those whose posts were deleted; a post that takes one at this moment keeps it."""
    unused: Any = Media.objects.filter(~Exists(Attachment.objects.filter(media=OuterRef("pk"))), updated_at__lt=before)
    removed = 0
    for media in unused.order_by("id").iterator(chunk_size=100):
        try:
            actions.delete(media=media)
            removed += 1
        except (ApiError, Media.DoesNotExist):
            continue  # somebody was quicker
    return removed
