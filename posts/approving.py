"""What people do about approval: ask for it, give it, decline. The verbs of every screen, beside actions.py."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from integrations import audit
from integrations.models import AuditAction
from openpost import acting, clock
from openpost.api.errors import refuse

from . import actions, approval, lifecycle, telling
from .models import Attachment, EventKind, Media, Post, PostStatus
from .words import Words


@transaction.atomic
def request_approval(*, post: Post, by: str = "") -> Post:
    """This will ask for approval of a draft: to go out at its time, or without one as soon as it is given.

    Raises a 409 for whom nothing has to be approved: they can schedule it, or publish it now.
    """
    if not approval.holds(post):
        raise refuse("approval_not_needed", "This post may go out without another approval.", status=409)
    return _send_out(post, by=by)


@transaction.atomic
def approve(*, post: Post, by: str = "", asked_at: datetime | None = None) -> Post:
    """This will say yes to a post that waits: it is scheduled for its time, or published now if it has none.

    `asked_at` is its `approval_requested_at` as whoever approves saw it: a 409 when its words are others since.
    """
    held = _waiting(post, asked_at)
    telling.write(held, EventKind.APPROVED, f"Approved, as {held.approval_requested_by} had asked.", by=by)
    audit.record(AuditAction.APPROVED, held, workspace=held.workspace_id)
    return _send_out(held, by=by)


@transaction.atomic
def decline(*, post: Post, reason: str = "", by: str = "", asked_at: datetime | None = None) -> Post:
    """This will say no to a post that waits: it stays a draft, and `reason` stands in its timeline."""
    held = _waiting(post, asked_at)
    approval.take_back(held)
    said = f": {reason.strip()}" if reason.strip() else "."
    telling.write(held, EventKind.DECLINED, f"Declined{said}", by=by)
    audit.record(AuditAction.DECLINED, held, workspace=held.workspace_id, after={"reason": reason.strip()})
    return held


def described(media: Media) -> None:
    """This will let posts wait for a new yes that hold a file which is about to be described anew, by who is bound.

    What a file shows is said where the post is, too. The caller is in a transaction, and has not locked the file yet.
    """
    if not approval.binds(media.workspace):
        return
    holding = Post.objects.filter(id__in=Attachment.objects.filter(media=media).values("post"))
    sent_or_asked = Q(status=PostStatus.SCHEDULED) | Q(status=PostStatus.DRAFT, approval_requested_at__isnull=False)
    by = acting.current().name
    for post in lifecycle.lock_all(holding.filter(sent_or_asked)):
        asked_before, changed_at = post.approval_requested_at, post.updated_at
        lifecycle.unschedule(post, at=post.scheduled_at)
        approval.ask(post, by=by, now=clock.now())
        approval.tell(post, by=by, asked_before=asked_before)
        # Its own words are as they were: whoever is at them is not told that somebody else has changed them.
        Post.objects.filter(id=post.id).update(updated_at=changed_at)


def _send_out(post: Post, *, by: str) -> Post:
    if post.scheduled_at is None:
        return actions.publish_now(post=post, by=by)
    return actions.edit(post=post, words=Words(status=PostStatus.SCHEDULED), by=by)


def _waiting(post: Post, asked_at: datetime | None) -> Post:
    """This will hold a post that waits for approval, for somebody who may give it."""
    held = lifecycle.lock(post.id)
    if not held.awaits_approval:
        raise refuse("nothing_to_approve", "This post does not wait for approval (any more).", status=409)
    if approval.binds(held.workspace):
        raise refuse("approval_is_for_others", "Only an admin or owner of the workspace can approve this.", status=403)
    if asked_at is not None and asked_at != held.approval_requested_at:
        raise refuse(
            "changed_meanwhile", "The post has been changed since you looked at it: look at it once more.", status=409
        )
    return held
