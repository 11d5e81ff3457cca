"""What people and programs can do with posts. API, admin and commands call these and nothing else.

Each is one transaction without network. What is due at once sends its hint after the commit. `by` says who did it,
and stands in the post's timeline.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from integrations.models import Integration, Workspace
from openpost import clock
from openpost.api.errors import refuse

from . import attaching, checking, hints, lifecycle, telling
from .attaching import ThreadPart
from .checking import Path, Warnings
from .models import Post, PostStatus, PostTarget, TargetStatus
from .status import EDITABLE
from .targeting import accounts_for, require_active

#: How far ahead a post may be scheduled.
FURTHEST = timedelta(days=180)
#: A time this near, before or after now, means now.
NEAR = timedelta(seconds=60)


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


@dataclass(frozen=True, slots=True)
class Words:
    """What a caller says of a post. What is absent from a change keeps its value; `...` marks it.

    `thread` are the parts after the content, each with its files; `media_ids` are those beside the content.
    """

    content: str | Any = ...
    platforms: Sequence[str] | Any = ...
    integrations: Sequence[uuid.UUID] | Any = ...
    at: datetime | None | Any = ...
    status: str | Any = ...
    tags: Sequence[str] | Any = ...
    platform_overrides: Mapping[str, Any] | Any = ...
    platform_settings: Mapping[str, Any] | Any = ...
    group_id: uuid.UUID | None | Any = ...
    media_ids: Sequence[uuid.UUID] | Any = ...
    thread: Sequence[ThreadPart] | Any = ...
    split: bool | Any = ...
    unknown: Sequence[Path] = field(default=())


@dataclass(frozen=True, slots=True)
class Plan:
    """A new post before anything of it is written: what `create` would make and `validate` tells of."""

    post: Post
    accounts: Sequence[Integration]
    ignored: Warnings
    scheduled: bool


def plan(*, workspace: Workspace, words: Words, hold: bool = False) -> Plan:
    """This will understand a new post and write nothing; raises ApiError where that is not possible.

    `hold` keeps its files from being deleted until the transaction ends.
    """
    post = Post(workspace=workspace)
    accounts = _accounts(post, words)
    ignored = _apply(post, words, accounts)
    post.chosen_media = _media(post, words, hold=hold)
    post.scheduled_at = None if words.at is ... else words.at
    scheduled = _wants_schedule(words, at=post.scheduled_at, was=PostStatus.DRAFT)
    return Plan(post, accounts, ignored, scheduled)


@transaction.atomic
def create(*, workspace: Workspace, words: Words, by: str = "") -> Post:
    """This will make a draft, or a scheduled post when a time is given; raises ApiError with what is wrong."""
    planned = plan(workspace=workspace, words=words, hold=True)
    post, accounts, scheduled = planned.post, planned.accounts, planned.scheduled
    at = post.scheduled_at
    if at is not None:
        require_possible(at)
    if scheduled:
        _require_active(accounts)
    _check(post, accounts, planned.ignored, scheduled=scheduled, at=at)
    post.save(force_insert=True)
    attaching.write(post)
    _set_targets(post, accounts)
    if scheduled and at is not None:
        _schedule(post, at)
    telling.created(post, accounts, by=by)
    return post


@transaction.atomic
def edit(*, post: Post, words: Words, by: str = "") -> Post:
    """This will change a draft or scheduled post; a 400 when it is too late for that."""
    post = _locked(post, EDITABLE, "changed")
    was = telling.before(post)
    accounts = _accounts(post, words)
    ignored = _apply(post, words, accounts)
    post.chosen_media = _media(post, words, hold=True)
    at = post.scheduled_at if words.at is ... else words.at
    scheduled = _wants_schedule(words, at=at, was=PostStatus(post.status))
    begins = scheduled and post.status == PostStatus.DRAFT
    if at is not None and (at != post.scheduled_at or begins):
        require_possible(at)
    if scheduled and (begins or at != post.scheduled_at or words.platforms is not ... or words.integrations is not ...):
        _require_active(accounts)
    _check(post, accounts, ignored, scheduled=scheduled, at=at)
    post.save(update_fields=_EDITED)
    if _says_media(words):
        attaching.write(post)
    _set_targets(post, accounts)
    if not scheduled:
        lifecycle.unschedule(post, at=at)
    elif at is not None and (post.status == PostStatus.DRAFT or at != post.scheduled_at):
        _schedule(post, at)
    else:
        _include_new_targets(post)
    telling.edited(post, was, accounts, by=by)
    return post


@transaction.atomic
def publish_now(*, post: Post, by: str = "") -> Post:
    """This will make a draft or scheduled post due now; of a failed one, the targets that failed."""
    post = _locked(post, (*EDITABLE, PostStatus.FAILED), "published again")
    now = clock.now()
    targets = post.targets.select_related("integration").order_by("position")
    if post.status == PostStatus.FAILED:
        targets = targets.filter(status=TargetStatus.FAILED)
    accounts = [target.integration for target in targets]
    _require_active(accounts)
    post.chosen_media = post.media_by_part()
    checking.require_publishable(post, accounts)
    if post.status == PostStatus.FAILED:
        lifecycle.retry(post, now=now)
        telling.retried(post, accounts, by=by)
    else:
        lifecycle.schedule(post, at=now, due_at=now)
        telling.published_now(post, accounts, by=by)
    _hint(post)
    post.refresh_from_db()
    return post


@transaction.atomic
def cancel(*, post: Post, by: str = "") -> Post:
    """This will make a scheduled post a draft without a time: it is certain that nothing goes out."""
    post = _locked(post, EDITABLE, "cancelled")
    if post.status == PostStatus.SCHEDULED:
        lifecycle.unschedule(post, at=None)
        telling.cancelled(post, by=by)
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
    attaching.write(copy)
    _set_targets(copy, accounts)
    telling.created(copy, accounts, by=by, copy_of=post)
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


def _accounts(post: Post, words: Words) -> list[Integration]:
    """This will give the accounts the post is meant for: those named, else those it already has."""
    if words.platforms is ... and words.integrations is ...:
        return [target.integration for target in post.targets.select_related("integration").order_by("position")]
    platforms = [] if words.platforms is ... else words.platforms
    integrations = [] if words.integrations is ... else words.integrations
    accounts = accounts_for(post.workspace, platforms=platforms, integrations=integrations)
    if not accounts:
        raise refuse("field_required", "A post needs at least one platform.", field="/platforms")
    return accounts


def _apply(post: Post, words: Words, accounts: Sequence[Integration]) -> Warnings:
    """This will set what the caller said, cleaned, on the unsaved post, and give what was ignored of it."""
    platforms = [account.platform for account in accounts]
    if words.content is not ...:
        post.content = words.content
    if words.thread is not ...:
        post.thread = [part.content for part in words.thread]
    if words.split is not ...:
        post.split = words.split
    if words.tags is not ...:
        post.tags = list(words.tags)
    if words.group_id is not ...:
        post.group_id = words.group_id
    overrides = words.platform_overrides
    if overrides is ...:
        # A platform that left the post takes its own text along.
        overrides = {name: text for name, text in post.platform_overrides.items() if name in platforms}
    post.platform_overrides = checking.clean_overrides(overrides, platforms)
    settings = post.platform_settings if words.platform_settings is ... else words.platform_settings
    cleaned = checking.clean_settings(settings, platforms)
    post.platform_settings = cleaned.kept
    return [*checking.unknown_fields(words.unknown), *cleaned.ignored]


def _says_media(words: Words) -> bool:
    return words.media_ids is not ... or words.thread is not ...


def _media(post: Post, words: Words, *, hold: bool) -> attaching.ByPart:
    """This will give the files as they are to stand: those named, and those of which nothing is said."""
    kept = {} if post._state.adding else post.media_by_part()
    if not _says_media(words):
        return kept
    ids: dict[int, Sequence[uuid.UUID]] = {part: [one.id for one in beside] for part, beside in kept.items()}
    if words.media_ids is not ...:
        ids[0] = words.media_ids
    if words.thread is not ...:
        ids = {0: ids.get(0, [])} | {number: part.media_ids for number, part in enumerate(words.thread, 1)}
    return attaching.chosen(post, ids, hold=hold)


def _wants_schedule(words: Words, *, at: datetime | None, was: PostStatus) -> bool:
    """This will tell whether the post is to be scheduled: `status` decides, else a time that was given, else `was`."""
    if words.status is ...:
        return at is not None and (words.at is not ... or was == PostStatus.SCHEDULED)
    if words.status not in EDITABLE:
        raise refuse("invalid_status", "status may be set to draft or scheduled only.", field="/status")
    if words.status == PostStatus.SCHEDULED and at is None:
        raise refuse("time_required", "A scheduled post needs schedule_at.", field="/schedule_at")
    return bool(words.status == PostStatus.SCHEDULED)


def require_possible(at: datetime) -> None:
    """This will raise a 400 when nothing can be scheduled for `at`."""
    now = clock.now()
    if at < now - NEAR:
        raise refuse(
            "time_in_past",
            f"{at.isoformat()} has passed; to publish at once give the present time, or a draft none.",
            field="/schedule_at",
        )
    if at > now + FURTHEST:
        raise refuse(
            "time_too_far", f"A post can be scheduled at most {FURTHEST.days} days ahead.", field="/schedule_at"
        )


def _require_active(accounts: Iterable[Integration]) -> None:
    for account in accounts:
        require_active(account, field="/platforms")


def _check(
    post: Post, accounts: Sequence[Integration], ignored: Warnings, *, scheduled: bool, at: datetime | None
) -> None:
    """This will refuse to schedule what cannot go out; a draft may have problems, and names them as warnings."""
    found = checking.cautions(post, accounts, at=at)
    if scheduled:
        checking.require_publishable(post, accounts)
    else:
        found = [*checking.problems(post, accounts), *found]
    post.warnings = [*ignored, *checking.as_warnings(found)]


def _set_targets(post: Post, accounts: Sequence[Integration]) -> None:
    """This will give the post exactly one target per account, keeping those it has."""
    post.targets.exclude(integration__in=accounts).delete()
    PostTarget.objects.bulk_create(
        (PostTarget(post=post, integration=account, position=index) for index, account in enumerate(accounts)),
        update_conflicts=True,
        unique_fields=["post", "integration"],
        update_fields=["position"],
    )


def _schedule(post: Post, at: datetime) -> None:
    now = clock.now()
    due_at = now if at <= now + NEAR else at
    lifecycle.schedule(post, at=at, due_at=due_at)
    if due_at <= now:
        _hint(post)


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
    if any(post.status == PostStatus.PUBLISHING for post in held):
        raise refuse(
            "post_is_publishing",
            "This post is being published and may go out at this moment; delete it when that has ended.",
            status=409,
        )
    Post.objects.filter(id__in=[post.id for post in held]).delete()
    return len(held)
