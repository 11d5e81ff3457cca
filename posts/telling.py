"""What somebody did with a post, as a sentence in its timeline: written in the transaction that did it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from integrations.models import Integration
from integrations.platforms.registry import label_of
from openpost import clock

from .attaching import ByPart
from .models import Event, EventKind, Post, PostStatus

#: Names that a sentence lists; the rest are counted.
MOST_NAMES = 10


@dataclass(frozen=True, slots=True)
class Before:
    """A post as it was when somebody began to change it."""

    content: str
    thread: list[str]
    split: bool
    media: ByPart
    tags: list[str]
    overrides: dict[str, Any]
    settings: dict[str, Any]
    group_id: uuid.UUID | None
    status: str
    at: datetime | None
    accounts: list[Integration]


def before(post: Post) -> Before:
    accounts = Integration.objects.filter(targets__post=post).defer("credentials").order_by("targets__position")
    return as_it_is(post, list(accounts))


def as_it_is(post: Post, accounts: list[Integration]) -> Before:
    """The post with its accounts, where these are at hand."""
    return Before(
        content=post.content,
        thread=list(post.thread),
        split=post.split,
        media=post.media_by_part(),
        tags=list(post.tags),
        overrides=dict(post.platform_overrides),
        settings=dict(post.platform_settings),
        group_id=post.group_id,
        status=post.status,
        at=post.scheduled_at,
        accounts=accounts,
    )


def created(post: Post, accounts: Sequence[Integration], *, by: str, copy_of: Post | None = None) -> None:
    """This will tell for whom a new post is, and when it goes out if it is scheduled."""
    draft = " as a draft" if post.status == PostStatus.DRAFT else ""
    copy = f", a copy of {copy_of.id}" if copy_of else ""
    write(post, EventKind.CREATED, f"Created{draft} for {names(accounts)}{copy}.", by=by)
    if post.status == PostStatus.SCHEDULED and post.scheduled_at:
        _scheduled(post, post.scheduled_at, by=by)


def edited(post: Post, was: Before, accounts: Sequence[Integration], *, by: str) -> None:
    """This will tell what differs from before: nothing, if nothing does."""
    sentences = [*_accounts(was.accounts, accounts), *_changed(_differences(post, was))]
    if sentences:
        write(post, EventKind.EDITED, " ".join(sentences), by=by)
    scheduled = post.status == PostStatus.SCHEDULED
    if scheduled and post.scheduled_at and (was.status != post.status or was.at != post.scheduled_at):
        _scheduled(post, post.scheduled_at, by=by)
    elif not scheduled and was.status == PostStatus.SCHEDULED:
        cancelled(post, by=by)


def cancelled(post: Post, *, by: str) -> None:
    write(post, EventKind.CANCELLED, "Taken off the schedule: it is a draft again, and nothing goes out.", by=by)


def published_now(post: Post, accounts: Sequence[Integration], *, by: str) -> None:
    write(post, EventKind.PUBLISH_NOW, f"To be published now on {names(accounts)}.", by=by)


def approval_requested(post: Post, *, by: str) -> None:
    when = f"at {moment(post.scheduled_at)}" if post.scheduled_at else "as soon as it is given"
    write(post, EventKind.APPROVAL_REQUESTED, f"Approval requested: it is to go out {when}.", by=by)


def retried(post: Post, accounts: Sequence[Integration], *, by: str) -> None:
    write(post, EventKind.RETRIED, f"To be published again on {names(accounts)}, where it had failed.", by=by)


def write(post: Post, kind: EventKind, message: str, *, by: str, target_id: uuid.UUID | None = None) -> None:
    """This will add one event. `by` is who did it: a key by its name, or a person; never a secret."""
    Event.objects.create(
        post=post, target_id=target_id, kind=kind, at=clock.now(), actor=cut(by, 255), message=cut(message, 1000)
    )


# Words ---------------------------------------------------------------------------------------------------------------


def moment(at: datetime) -> str:
    """This will give a time as a sentence says it: `2026-05-01 14:00 UTC`, with seconds where there are any."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at.second else f"{at:%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """This will give a length of time as a sentence says it: `24 h`, `5 min`, `20 s`, `1 h 30 min`."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def names(accounts: Sequence[Integration]) -> str:
    """This will name accounts by their platform, and by their own name where a platform comes twice."""
    platforms = [account.platform for account in accounts]
    return listed(
        [
            label_of(account.platform)
            if platforms.count(account.platform) == 1
            else f"{label_of(account.platform)} ({account.username})"
            for account in accounts
        ]
    )


def listed(words: Sequence[str]) -> str:
    """This will join words as a sentence does: `a, b and c`."""
    shown = list(words)
    if len(shown) > MOST_NAMES:
        shown = [*shown[: MOST_NAMES - 1], f"{len(shown) - MOST_NAMES + 1} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _scheduled(post: Post, at: datetime, *, by: str) -> None:
    write(post, EventKind.SCHEDULED, f"Scheduled for {moment(at)}.", by=by)


def _accounts(was: Iterable[Integration], accounts: Sequence[Integration]) -> list[str]:
    old, new = {account.id: account for account in was}, {account.id: account for account in accounts}
    added = [account for id_, account in new.items() if id_ not in old]
    gone = [account for id_, account in old.items() if id_ not in new]
    return [
        f"{names(chosen)} {'was' if len(chosen) == 1 else 'were'} {verb}."
        for chosen, verb in ((added, "added"), (gone, "taken out"))
        if chosen
    ]


def _changed(things: Sequence[str]) -> list[str]:
    """One sentence for all that was changed. A single thing in the singular is a text, a group or a time."""
    if not things:
        return []
    sentence = f"{listed(things)} {'were' if len(things) > 1 or _is_plural(things[0]) else 'was'} changed."
    return [sentence[0].upper() + sentence[1:]]


def _is_plural(thing: str) -> bool:
    return thing.startswith(("the tags", "the settings", "the media"))


def _differences(post: Post, was: Before) -> list[str]:
    time_kept = post.status == was.status == PostStatus.DRAFT and post.scheduled_at != was.at
    return [
        *(["the text"] if post.content != was.content else []),
        *(f"the text for {label_of(name)}" for name in _differing(was.overrides, post.platform_overrides)),
        *(f"the settings for {label_of(name)}" for name in _differing(was.settings, post.platform_settings)),
        *(["the thread"] if post.thread != was.thread else []),
        *(["the media"] if post.media_by_part() != was.media else []),
        *(["the splitting"] if post.split != was.split else []),
        *(["the tags"] if post.tags != was.tags else []),
        *(["the group"] if post.group_id != was.group_id else []),
        *(["the time"] if time_kept else []),
    ]


def _differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
