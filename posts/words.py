"""What a caller says of a post, and what that means for it. Nothing here is written: that is for actions.py."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integrations.models import Integration, Workspace
from openpost import clock
from openpost.api.errors import refuse

from . import attaching, checking
from .bounds import Amount, amount
from .checking import Path, Warnings
from .models import Post, PostStatus
from .status import EDITABLE
from .targeting import accounts_for

#: How far ahead a post may be scheduled.
FURTHEST = timedelta(days=180)
#: A time this near, before or after now, means now.
NEAR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ThreadPart:
    """What a caller says of one part after the first."""

    content: str
    media_ids: Sequence[uuid.UUID] = ()


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

    @property
    def amount(self) -> Amount:
        """What it asks for, of all that one request may."""
        return amount(self.post, self.accounts)


def plan(*, workspace: Workspace, words: Words, hold: bool = False) -> Plan:
    """This will understand a new post and write nothing; raises ApiError where that is not possible.

    `hold` keeps its files from being deleted until the transaction ends.
    """
    post = Post(workspace=workspace)
    accounts = accounts_meant(post, words)
    ignored = apply(post, words, accounts)
    post.chosen_media = media_meant(post, words, hold=hold)
    post.scheduled_at = None if words.at is ... else words.at
    scheduled = wants_schedule(words, at=post.scheduled_at, was=PostStatus.DRAFT)
    return Plan(post, accounts, ignored, scheduled)


# What both a new post and a change go through ------------------------------------------------------------------------


def accounts_meant(post: Post, words: Words) -> list[Integration]:
    """This will give the accounts the post is meant for: those named, else those it already has."""
    if words.platforms is ... and words.integrations is ...:
        return [target.integration for target in post.targets.select_related("integration").order_by("position")]
    platforms = [] if words.platforms is ... else words.platforms
    integrations = [] if words.integrations is ... else words.integrations
    accounts = accounts_for(post.workspace, platforms=platforms, integrations=integrations)
    if not accounts:
        raise refuse("field_required", "A post needs at least one platform.", field="/platforms")
    return accounts


def apply(post: Post, words: Words, accounts: Sequence[Integration]) -> Warnings:
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
    overrides, dropped = words.platform_overrides, []
    if overrides is ...:
        # A platform that left the post takes its own text along.
        overrides = {name: text for name, text in post.platform_overrides.items() if name in platforms}
        dropped = [checking.dropped(name) for name in post.platform_overrides if name not in platforms]
    post.platform_overrides = checking.clean_overrides(overrides, platforms)
    settings = post.platform_settings if words.platform_settings is ... else words.platform_settings
    cleaned = checking.clean_settings(settings, platforms)
    post.platform_settings = cleaned.kept
    return [*checking.unknown_fields(words.unknown), *dropped, *cleaned.ignored]


def files_named(words: Words) -> list[uuid.UUID]:
    """This will give the ids of all the files that are named."""
    beside = [] if words.media_ids is ... else words.media_ids
    return [*beside, *(one for part in (() if words.thread is ... else words.thread) for one in part.media_ids)]


def says_media(words: Words) -> bool:
    return words.media_ids is not ... or words.thread is not ...


def media_meant(post: Post, words: Words, *, hold: bool) -> attaching.ByPart:
    """This will give the files as they are to stand: those named, and those of which nothing is said."""
    kept = {} if post._state.adding else post.media_by_part()
    if not says_media(words):
        return kept
    ids: dict[int, Sequence[uuid.UUID]] = {part: [one.id for one in beside] for part, beside in kept.items()}
    if words.media_ids is not ...:
        ids[0] = words.media_ids
    if words.thread is not ...:
        ids = {0: ids.get(0, [])} | {number: part.media_ids for number, part in enumerate(words.thread, 1)}
    return attaching.chosen(post, ids, hold=hold)


def wants_schedule(words: Words, *, at: datetime | None, was: PostStatus) -> bool:
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
            f"{at.isoformat()} has passed. To publish at once, give the present time; a draft needs none.",
            field="/schedule_at",
        )
    if at > now + FURTHEST:
        raise refuse(
            "time_too_far", f"A post can be scheduled at most {FURTHEST.days} days ahead.", field="/schedule_at"
        )
