"""The same words for the same account within a day: that is allowed, and said. It may be a request sent twice."""

import uuid
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet, Value
from django.db.models.functions import MD5, Coalesce
from django.utils import timezone

from integrations.models import Integration
from integrations.platforms import registry
from integrations.platforms.base import Problem
from openpost.written_once import WrittenOnce

from .models import Post, PostTarget

#: How far apart two posts must go out to have nothing to do with each other.
APART = timedelta(days=1)
#: Posts of the same words that are looked at: the newest.
MOST = 100


def repetitions(post: Post, accounts: Collection[Integration], *, at: datetime | None) -> dict[uuid.UUID, Problem]:
    """This will name, per account, the newest other post that says the same there within a day of `at`, or of now.

    By the accounts' ids; in one query and a row per account, however many there are.
    """
    at, ids = at or timezone.now(), [account.id for account in accounts]
    newest = _NEWEST(post.workspace_id, post.content, post.id, ids, at - APART, at + APART)
    others = {target.integration_id: target.post for target in newest}
    found: dict[uuid.UUID, Problem] = {}
    for account in accounts:
        other, label = others.get(account.id), registry.PLATFORMS[account.platform].label
        # Their contents are the same; one of them may have another text for this platform.
        if other and other.platform_overrides.get(account.platform, post.content) == post.text_for(account.platform):
            found[account.id] = Problem(
                code="duplicate_text",
                message=f"{account.username} says the same on {label} in the post {other.id}, within a day. "
                "If both were meant, all is well; a platform may refuse the second.",
                field="/content",
                details={"platform": account.platform, "post_id": str(other.id)},
            )
    return found


def _newest(
    workspace_id: uuid.UUID,
    content: str,
    post_id: uuid.UUID,
    accounts: list[uuid.UUID],
    after: datetime,
    until: datetime,
) -> QuerySet[PostTarget]:
    """The newest target of each account that has one whose post, another than this, has the same content."""
    same = Post.objects.filter(workspace=workspace_id).alias(hash=MD5("content"))
    same = same.filter(hash=MD5(Value(content))).exclude(id=post_id).order_by("-created_at")
    goes_out = Coalesce("post__published_at", "post__scheduled_at", "post__created_at")
    targets = PostTarget.objects.filter(post__in=same.values("id")[:MOST])
    targets = targets.extra(where=["posts_posttarget.integration_id = ANY(%s)"], params=[accounts])
    targets = targets.alias(goes_out=goes_out).filter(goes_out__gt=after, goes_out__lt=until)
    newest = targets.order_by("integration", "-post__created_at").distinct("integration")
    return newest.select_related("post").only("integration_id", "post__platform_overrides")


_NEWEST = WrittenOnce(
    _newest,
    uuid.UUID(int=1),
    "content",
    uuid.UUID(int=2),
    [uuid.UUID(int=3)],
    datetime(2001, 1, 1, tzinfo=UTC),
    datetime(2002, 1, 1, tzinfo=UTC),
)
