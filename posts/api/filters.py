"""What a list of posts may be narrowed to. Each is a query parameter, and has an index (posts/models/post.py)."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from rest_framework.request import Request
from rest_framework.serializers import ValidationError

from integrations.models import Integration, Workspace
from integrations.platforms import registry
from openpost.api.errors import refuse
from openpost.api.fields import AwareDateTimeField
from posts.models import PostStatus, PostTarget
from posts.models.post import PostQuerySet
from posts.models.search import saying
from posts.targeting import canonical

Filter = Callable[[PostQuerySet, str, Workspace], PostQuerySet]

#: How far a post's creation may seem to lie behind its time: a minute is allowed, and hosts' clocks differ.
CLOCKS_APART = timedelta(hours=1)
#: Characters of a text to look for.
SHORTEST_PIECE, LONGEST_PIECE = 2, 200


FILTERS: dict[str, Filter] = {
    "status": lambda posts, said, _: posts.filter(status=_status(said)),
    "tag": lambda posts, said, _: posts.filter(tags__contains=[_tag(said)]),
    "platform": lambda posts, said, workspace: posts.filter(_on(workspace, said)),
    "group_id": lambda posts, said, _: posts.filter(group_id=_uuid("group_id", said)),
    "from": lambda posts, said, _: posts.filter(scheduled_at__gte=_time("from", said)),
    "to": lambda posts, said, _: _before(posts, _time("to", said)),
    "q": lambda posts, said, _: saying(posts, _piece(said)),
}


def filtered(posts: PostQuerySet, request: Request, workspace: Workspace) -> PostQuerySet:
    """This will keep the posts that the query parameters ask for, all of them at once; raises a 400."""
    for name, narrow in FILTERS.items():
        if name in request.query_params:
            posts = narrow(posts, request.query_params[name], workspace)
    return posts


def _status(said: str) -> str:
    if said not in PostStatus.values:
        raise refuse("invalid_status", f"status must be one of {', '.join(PostStatus.values)}.", field="status")
    return said


def _before(posts: PostQuerySet, to: datetime) -> PostQuerySet:
    """Nothing is made after the time it is meant for: so a list of long ago does not begin its search with today."""
    return posts.filter(scheduled_at__lt=to, created_at__lt=to + CLOCKS_APART)


def _on(workspace: Workspace, said: str) -> Exists:
    """Posts for any account of a platform, disconnected ones included."""
    platform = canonical(said)
    if platform not in registry.PLATFORMS:
        raise refuse("unknown_platform", f"platform must be one of {', '.join(registry.NAMES)}.", field="platform")
    # Their ids rather than a join: with them, PostgreSQL knows how common they are, and how to begin.
    accounts = list(Integration.objects.filter(workspace=workspace, platform=platform).values_list("id", flat=True))
    return Exists(PostTarget.objects.filter(post=OuterRef("id"), integration__in=accounts))


def _tag(said: str) -> str:
    if not said:
        raise refuse("invalid_value", "tag must not be empty.", field="tag")
    return _text("tag", said)


def _text(name: str, said: str) -> str:
    if "\0" in said:
        raise refuse("invalid_text", f"{name} may not contain NUL characters.", field=name)
    return said


def _piece(said: str) -> str:
    if not SHORTEST_PIECE <= len(said) <= LONGEST_PIECE:
        raise refuse("invalid_value", f"q must have {SHORTEST_PIECE} to {LONGEST_PIECE} characters.", field="q")
    return _text("q", said)


def _uuid(name: str, said: str) -> uuid.UUID:
    try:
        return uuid.UUID(said)
    except ValueError as error:
        raise refuse("invalid_value", f"{name} must be a UUID.", field=name) from error


def _time(name: str, said: str) -> datetime:
    try:
        return AwareDateTimeField().to_internal_value(said)
    except ValidationError as error:
        sentence = (
            f"{name} must be an ISO 8601 time with Z or an offset, such as 2026-05-01T14:00:00Z (a + is %2B here), "
            "in the years 1900 to 2999."
        )
        raise refuse("invalid_value", sentence, field=name) from error
