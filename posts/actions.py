"""What people and programs can do with posts. API, admin and commands call these and nothing else.

Each is one transaction without network. What is due at once sends its hint after the commit. `by` says who did it,
and stands in the post's timeline.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from integrations.models import AuditAction, Integration, Workspace
from openpost import clock
from openpost.api.errors import ApiError, Fault, below, refuse
from openpost.api.handler import bounded

from . import approval, attaching, bounds, checking, hints, lifecycle, recording, telling
from .checking import Warnings
from .models import Post, PostStatus, PostTarget, TargetStatus
from .permission import require_publisher
from .status import EDITABLE
from .targeting import require_active
from .words import (
    NEAR,
    Plan,
    Words,
    accounts_meant,
    apply,
    files_named,
    media_meant,
    plan,
    require_possible,
    says_media,
    wants_schedule,
)

T = TypeVar("T")
R = TypeVar("R")

#: Seconds after which somebody may ask again to delete what was being published: most of that takes less.
_AGAIN = 5
_EDITED = (
    "content",
    "thread",
    "split",
    "tags",
    "platform_overrides",
    "platform_settings",
    "group_id",
    "warnings",
    "updated_at",
)


@transaction.atomic
def create(*, workspace: Workspace, words: Words, by: str = "") -> Post:
    """This will make a draft, or a scheduled post when a time is given; raises ApiError with what is wrong."""
    planned = plan(workspace=workspace, words=words, hold=True)
    bounds.require_moderate([planned.amount])
    return _made(planned, by=by)


@transaction.atomic
def make(planned: Plan, *, by: str = "") -> Post:
    """This will make a post that was planned in this transaction. The caller has seen that its request is moderate.

    When that fails, only this is undone: the caller may go on with others.
    """
    return _made(planned, by=by)


def _made(planned: Plan, *, by: str) -> Post:
    post, accounts, scheduled = planned.post, planned.accounts, planned.scheduled
    at = post.scheduled_at
    if at is not None:
        require_possible(at)
    require_publisher(post, scheduled=scheduled)
    if scheduled:
        _require_active(accounts)
    _check(post, accounts, planned.ignored, scheduled=scheduled, at=at)
    post.save(force_insert=True)
    attaching.add(post)
    _add_targets(post, accounts)
    if scheduled and at is not None:
        _send(post, at, by=by)
    telling.created(post, accounts, by=by)
    recording.created(post, accounts)
    approval.tell(post, by=by, asked_before=None)
    return post


@transaction.atomic
def create_group(*, workspace: Workspace, group_id: uuid.UUID, posts: Sequence[Words], by: str = "") -> list[Post]:
    """This will make posts of one group, all or none, in this order; an ApiError says of each what is wrong with it."""
    attaching.hold(workspace, [media_id for words in posts for media_id in files_named(words)])
    plans = _of_each(posts, lambda words: plan(workspace=workspace, words=replace(words, group_id=group_id), hold=True))
    bounds.require_moderate(planned.amount for planned in plans)
    return _of_each(plans, lambda planned: make(planned, by=by))


@transaction.atomic
def edit(*, post: Post, words: Words, by: str = "", seen: datetime | None = None) -> Post:
    """This will change a draft or scheduled post; a 400 when it is too late for that.

    `seen` is its `updated_at` as whoever changes it saw it: a 409 when somebody has changed it since.
    """
    post = _locked(post, EDITABLE, "changed")
    if seen is not None and seen != post.updated_at:
        raise refuse("changed_meanwhile", "Somebody else has changed this post in the meantime.", status=409)
    was, asked_before = telling.before(post), post.approval_requested_at
    stored, changed_at = _stored(post), post.updated_at
    accounts = accounts_meant(post, words)
    ignored = apply(post, words, accounts)
    post.chosen_media = media_meant(post, words, hold=True)
    bounds.require_moderate([bounds.amount(post, accounts)])
    at = post.scheduled_at if words.at is ... else words.at
    scheduled = wants_schedule(words, at=at, was=PostStatus(post.status))
    begins = scheduled and post.status == PostStatus.DRAFT
    require_publisher(post, scheduled=scheduled)
    if at is not None and (at != post.scheduled_at or begins):
        require_possible(at)
    if scheduled and (begins or at != post.scheduled_at or words.platforms is not ... or words.integrations is not ...):
        _require_active(accounts)
    _check(post, accounts, ignored, scheduled=scheduled, at=at)
    post.save(update_fields=_EDITED)
    if says_media(words):
        attaching.write(post)
    _set_targets(post, accounts)
    waits, others = post.awaits_approval, approval.says_otherwise(post, was, accounts)
    if others:
        approval.take_back(post)
    if at is not None and scheduled and (begins or at != post.scheduled_at or (others and approval.holds(post))):
        _send(post, at, by=by)
    elif scheduled:
        approval.give(post, by=by, now=clock.now())
        _include_new_targets(post)
    else:
        lifecycle.unschedule(post, at=at)
        if waits:
            _wait_on(post, goes_on=words.status is ... and words.at is ..., anew=others, by=by)
    telling.edited(post, was, accounts, by=by)
    recording.edited(post, was)
    approval.tell(post, by=by, asked_before=asked_before)
    post.refresh_from_db()
    if stored == _stored(post) and was.media == post.media_by_part() and was.accounts == accounts:
        Post.objects.filter(id=post.id).update(updated_at=changed_at)  # so nobody's If-Match fails for nothing
    return post


@transaction.atomic
def publish_now(*, post: Post, by: str = "") -> Post:
    """This will make a draft or scheduled post due now; of a failed one, the targets that failed."""
    post = _locked(post, (*EDITABLE, PostStatus.FAILED), "published again")
    require_publisher(post)
    was, asked_before, now = telling.before(post), post.approval_requested_at, clock.now()
    targets = post.targets.select_related("integration").order_by("position")
    if post.status == PostStatus.FAILED:
        targets = targets.filter(status=TargetStatus.FAILED)
    accounts = [target.integration for target in targets]
    _require_active(accounts)
    post.chosen_media = post.media_by_part()
    checking.require_publishable(post, checking.sendings(post, accounts))
    if post.status == PostStatus.FAILED:
        approval.require(post)
        lifecycle.retry(post, now=now)
        telling.retried(post, accounts, by=by)
        _hint(post)
        recording.record(AuditAction.POST_RETRIED, post, was=was)
    elif approval.holds(post):
        lifecycle.unschedule(post, at=None)
        approval.ask(post, by=by, now=now)
        approval.tell(post, by=by, asked_before=asked_before)
    else:
        approval.give(post, by=by, now=now)
        lifecycle.schedule(post, at=now, due_at=now)
        telling.published_now(post, accounts, by=by)
        _hint(post)
        recording.record(AuditAction.POST_PUBLISHED_NOW, post, was=was)
    post.refresh_from_db()
    return post


@transaction.atomic
def cancel(*, post: Post, by: str = "") -> Post:
    """This will make a scheduled post a draft without a time: it is certain that nothing goes out.

    So it will of one that waits for approval: nobody is asked any more.
    """
    post = _locked(post, EDITABLE, "cancelled")
    if post.status == PostStatus.SCHEDULED or post.awaits_approval:
        require_publisher(post)
        was = telling.before(post)
        lifecycle.unschedule(post, at=None)
        approval.take_back(post)
        telling.cancelled(post, by=by)
        recording.record(AuditAction.POST_CANCELLED, post, was=was)
    return post


@transaction.atomic
def duplicate(*, post: Post, by: str = "") -> Post:
    """This will make a new draft with the same content, thread, media, targets, settings and tags."""
    post = lifecycle.lock(post.id)  # all of it as it is at one moment
    accounts = [target.integration for target in post.targets.select_related("integration").order_by("position")]
    copy = Post(
        workspace=post.workspace,
        content=post.content,
        thread=post.thread,
        split=post.split,
        platform_overrides=post.platform_overrides,
        platform_settings=post.platform_settings,
        tags=post.tags,
    )
    copy.chosen_media = attaching.held(post)
    _check(copy, accounts, [], scheduled=False, at=None)
    copy.save(force_insert=True)
    attaching.add(copy)
    _add_targets(copy, accounts)
    telling.created(copy, accounts, by=by, copy_of=post)
    recording.created(copy, accounts)
    return copy


@transaction.atomic
def delete(*, post: Post) -> None:
    """This will remove a post from the workspace; what is live on a platform stays there. 409 while it is sent."""
    _delete(Post.objects.filter(id=post.id))


@transaction.atomic
def delete_group(*, workspace: Workspace, group_id: uuid.UUID) -> int:
    """This will remove every post of a group, all or none, and give their number."""
    return _delete(Post.objects.filter(workspace=workspace, group_id=group_id))


# What they share ----------------------------------------------------------------------------------------------------


def _locked(post: Post, allowed: Iterable[PostStatus], verb: str) -> Post:
    """This will hold the post; a 400 when it has moved on, or a 404 when it is gone."""
    held = lifecycle.lock(post.id)
    if held.status not in set(allowed):
        raise refuse(
            "post_not_editable",
            f"This post is {held.status}; it cannot be {verb}.",
            status_now=held.status,
        )
    return held


def _of_each(items: Sequence[T], verb: Callable[[T], R]) -> list[R]:
    """This will do something with each post of a group; raises what is wrong with all of them, at once."""
    done: list[R] = []
    wrong: list[Fault] = []
    for index, item in enumerate(items):
        try:
            with below("posts", index):
                done.append(verb(item))
        except ApiError as error:
            wrong += error.faults
    if wrong:
        raise ApiError(*bounded(iter(wrong)))
    return done


def _stored(post: Post) -> dict[str, Any]:
    """All that is kept of the post itself, but when it was changed."""
    columns = (column.attname for column in Post._meta.concrete_fields)
    return {name: deepcopy(getattr(post, name)) for name in columns if name != "updated_at"}


def _require_active(accounts: Iterable[Integration]) -> None:
    for account in accounts:
        require_active(account, field="/platforms")


def _check(
    post: Post, accounts: Sequence[Integration], ignored: Warnings, *, scheduled: bool, at: datetime | None
) -> None:
    """This will refuse to schedule what cannot go out; a draft may have problems, and names them as warnings."""
    sent = checking.sendings(post, accounts)
    found = checking.cautions(post, sent, at=at)
    if scheduled:
        checking.require_publishable(post, sent)
    else:
        found = [*checking.problems(post, sent), *found]
    post.warnings = [*ignored, *checking.as_warnings(found)]


def _set_targets(post: Post, accounts: Sequence[Integration]) -> None:
    """This will give the post exactly one target per account, keeping those it has."""
    post.targets.exclude(integration__in=accounts).delete()
    _add_targets(post, accounts)


def _add_targets(post: Post, accounts: Sequence[Integration]) -> None:
    """This will give the post a target for each of these accounts that it has none for, and put them in this order."""
    PostTarget.objects.bulk_create(
        (PostTarget(post=post, integration=account, position=index) for index, account in enumerate(accounts)),
        update_conflicts=True,
        unique_fields=["post", "integration"],
        update_fields=["position"],
    )


def _send(post: Post, at: datetime, *, by: str) -> None:
    """This will schedule a post, or let it wait for approval as a draft with its time."""
    now = clock.now()
    if approval.holds(post):
        lifecycle.unschedule(post, at=at)
        approval.ask(post, by=by, now=now)
        return
    approval.give(post, by=by, now=now)
    due_at = now if at <= now + NEAR else at
    lifecycle.schedule(post, at=at, due_at=due_at)
    if due_at <= now:
        _hint(post)


def _wait_on(post: Post, *, goes_on: bool, anew: bool, by: str) -> None:
    """This will let a draft wait on for approval, of its new words if they are others, or no longer."""
    if not goes_on:
        approval.take_back(post)
    elif anew:
        approval.ask(post, by=by, now=clock.now())


def _include_new_targets(post: Post) -> None:
    """A platform added to a scheduled post goes out at the post's time."""
    assert post.scheduled_at  # noqa: S101  # the constraint a_post_that_is_no_draft_has_a_time
    lifecycle.include(post, due_at=max(post.scheduled_at, clock.now()))


def _hint(post: Post) -> None:
    """This will hand what is due of the post to the workers, once it is committed."""
    hints.after_commit(list(post.targets.values_list("integration_id", flat=True)))


def _delete(posts: QuerySet[Post]) -> int:
    held = lifecycle.lock_all(posts)
    if not held:
        raise Post.DoesNotExist
    if publishing := [str(post.id) for post in held if post.status == PostStatus.PUBLISHING]:
        raise refuse(
            "post_is_publishing",
            f"{publishing[0]} is being published and may go out at this moment; delete it when that has ended.",
            status=409,
            retry_after=_AGAIN,
            post_ids=publishing,
        )
    for post in held:
        recording.deleted(post)
    Post.objects.filter(id__in=[post.id for post in held]).delete()
    return len(held)
