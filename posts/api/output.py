"""A post as the API shows it."""

from datetime import UTC, datetime
from typing import Any

from posts.models import Post, PostTarget
from posts.waiting import Present, reason


def render_post(post: Post, present: Present) -> dict[str, Any]:
    """The Post object of the reference, and what we add to it. Ask for `with_targets()` when there are several."""
    return {
        "id": str(post.id),
        "status": post.status,
        "content": post.content,
        "scheduled_at": moment(post.scheduled_at),
        "published_at": moment(post.published_at),
        "tags": post.tags,
        "post_targets": [render_target(target, present) for target in in_order(post)],
        "created_at": moment(post.created_at),
        "updated_at": moment(post.updated_at),
        "group_id": str(post.group_id) if post.group_id else None,
        "platform_overrides": post.platform_overrides,
        "platform_settings": post.platform_settings,
        "warnings": post.warnings,
    }


def render_target(target: PostTarget, present: Present) -> dict[str, Any]:
    return {
        "id": str(target.id),
        "status": target.status,
        "platform_post_url": target.platform_post_url,
        "published_at": moment(target.published_at),
        "error": render_error(target, present),
        "integrations": {
            "platform": target.integration.platform,
            "id": str(target.integration.id),
            "username": target.integration.username,
        },
    }


def render_error(target: PostTarget, present: Present) -> dict[str, Any] | None:
    """Why it has not gone out (yet), on whose side that is, and whether and when it is tried again by itself."""
    found = reason(target, present)
    if found is None:
        return None
    return {
        "code": found.code,
        "message": found.message,
        "side": found.side,
        "retryable": found.retryable,
        "next_attempt_at": moment(found.next_attempt_at),
    }


def in_order(post: Post) -> list[PostTarget]:
    """A post's targets in the order its author gave them."""
    return sorted(post.targets.all(), key=lambda target: (target.position, str(target.id)))


def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC, ending in Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None
