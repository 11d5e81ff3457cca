"""Whether a post may go out without somebody's approval, and what of that stands on it, beside its status.

A workspace may want that what an editor sends out is approved first. Then such a post stays a draft, with its time,
and says so in its warnings, until an admin or owner has said yes. A yes is to the words: they may be given another
time without a new one, but not be changed.

Who is bound by this is known from the request (openpost/acting.py), so that no verb can forget to ask. An API key is
not: only those who may approve can make one, and a program has no person to come back to when it is declined.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from integrations import audit
from integrations.models import AuditAction, Integration, Workspace
from integrations.people.roles import Permission, may
from openpost import acting
from openpost.acting import Kind
from openpost.api.errors import refuse

from . import telling
from .checking import warning
from .models import Post
from .telling import Before, cut

WAITS = "waits_for_approval"


def binds(workspace: Workspace) -> bool:
    """Whether whoever acts may send nothing out in this workspace before somebody else has approved it."""
    who = acting.current()
    return workspace.needs_approval and who.kind == Kind.PERSON and not may(who.user, workspace, Permission.APPROVE)


def holds(post: Post) -> bool:
    """Whether the post, with the words that it has, has to wait for somebody's approval."""
    return post.approved_at is None and binds(post.workspace)


def require(post: Post) -> None:
    """This will refuse to send on what has failed, where nobody has approved it: its words can wait no more.

    It was sent before the workspace began to want that.
    """
    if holds(post):
        sentence = "This workspace wants approval of what goes out: an admin or owner can send this again."
        raise refuse("approval_needed", sentence, status=403)


def says_otherwise(post: Post, was: Before, accounts: Sequence[Integration]) -> bool:
    """Whether what would go out, or where, is not what it was: the tags and the group are for the workspace alone."""
    return (
        was.content != post.content
        or was.thread != post.thread
        or was.split != post.split
        or was.media != post.media_by_part()
        or was.overrides != post.platform_overrides
        or was.settings != post.platform_settings
        or {one.id for one in was.accounts} != {one.id for one in accounts}
    )


def ask(post: Post, *, by: str, now: datetime) -> None:
    """This will let a locked draft wait for approval; `by` is who asks. Then comes `tell`."""
    _write(post, approval_requested_at=now, approval_requested_by=cut(by, 255), approved_at=None, approved_by="")
    _warn(post, [*_others(post), _waits()])


def tell(post: Post, *, by: str, asked_before: datetime | None) -> None:
    """This will put into the timeline and on record that approval was asked for, if it was since `asked_before`."""
    if post.awaits_approval and post.approval_requested_at != asked_before:
        telling.approval_requested(post, by=by)
        audit.record(AuditAction.APPROVAL_REQUESTED, post, workspace=post.workspace_id)


def give(post: Post, *, by: str, now: datetime) -> None:
    """This will put a yes on a locked post that goes out, where the workspace wants one; else nothing waits any more.

    Whoever schedules or publishes and is not bound has said yes by that.
    """
    if not post.workspace.needs_approval:
        take_back(post)
    elif not holds(post) and post.approved_at is None:
        _write(post, approved_at=now, approved_by=cut(by, 255))
    _warn(post, _others(post))


def take_back(post: Post) -> None:
    """This will make a locked post one that nobody has asked about: the words are others, or it is not to go out."""
    if post.approval_requested_at or post.approved_at:
        _write(post, approval_requested_at=None, approval_requested_by="", approved_at=None, approved_by="")
    _warn(post, _others(post))


def _write(post: Post, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(post, name, value)
    Post.objects.filter(id=post.id).update(**columns)


def _warn(post: Post, warnings: list[dict[str, Any]]) -> None:
    if warnings != post.warnings:
        _write(post, warnings=warnings)


def _others(post: Post) -> list[dict[str, Any]]:
    return [one for one in post.warnings if one["code"] != WAITS]


def _waits() -> dict[str, Any]:
    return warning(
        "waits_for_approval",
        "This post waits for the approval of an admin or owner of the workspace: until then it is a draft, and "
        "nothing goes out.",
        "/status",
    )
