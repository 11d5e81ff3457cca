"""What the audit log says of a post: what it was before a verb, and what it is after."""

from collections.abc import Sequence
from typing import Any

from integrations import audit
from integrations.models import AuditAction, Integration

from . import telling
from .models import Post
from .telling import Before, names


def record(action: AuditAction, post: Post, *, was: Before | None = None) -> None:
    """This will put on record what a verb did with a post, in its transaction; `was` is the post before it."""
    audit.record(
        action,
        post,
        workspace=post.workspace_id,
        before=_state(was) if was else {},
        after=_state(telling.before(post)),
    )


def created(post: Post, accounts: Sequence[Integration]) -> None:
    """This will put a new post on record, in the transaction that makes it."""
    state = _state(telling.as_it_is(post, list(accounts)))
    audit.record(AuditAction.POST_CREATED, post, workspace=post.workspace_id, after=state)


def edited(post: Post, was: Before) -> None:
    """This will put an edit on record, if it was one; one that made the post go out is called that."""
    before, after = _state(was), _state(telling.before(post))
    scheduled = before["status"] != after["status"] == "scheduled"
    action = AuditAction.POST_SCHEDULED if scheduled else AuditAction.POST_EDITED
    audit.change(action, post, workspace=post.workspace_id, before=before, after=after)


def deleted(post: Post) -> None:
    was = _state(telling.before(post))
    audit.record(AuditAction.POST_DELETED, post, workspace=post.workspace_id, before=was)


def _state(post: Before) -> dict[str, Any]:
    return {
        "content": post.content,
        "thread": post.thread,
        "split": post.split,
        "media": {str(part): [str(one.id) for one in beside] for part, beside in post.media.items()},
        "tags": post.tags,
        "platform_overrides": post.overrides,
        "platform_settings": post.settings,
        "group_id": post.group_id,
        "accounts": [names([account]) + f" ({account.username})" for account in post.accounts],
        "status": post.status,
        "scheduled_at": post.at,
    }
