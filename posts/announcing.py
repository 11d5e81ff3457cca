"""What other programs are told of a post: in the transaction of the move itself, under the post's lock."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from integrations import outbox
from integrations.models import EventType
from openpost.api.times import moment

#: A shorter delay is told to nobody: it is over before anybody could do something about it.
LONG = timedelta(minutes=1)


class Before(NamedTuple):
    """A target and its account, as it was before a move."""

    id: uuid.UUID
    post_id: uuid.UUID
    integration_id: uuid.UUID
    platform: str
    workspace_id: uuid.UUID
    in_doubt: bool
    live_parts: list[str]


class Now(NamedTuple):
    """A target, its account and its post as they are."""

    id: uuid.UUID
    integration_id: uuid.UUID
    platform: str
    workspace_id: uuid.UUID
    status: str
    published_at: datetime | None
    platform_post_url: str | None
    error_message: str
    post_status: str


def moved(verb: str, before: Before, after: Mapping[str, Any], *, now: datetime) -> None:
    """This will tell of a target's move what others want to know. `after`: the columns that it wrote."""
    why = {"error": after.get("error_message"), "code": after.get("error_code")}
    match verb:
        case "live" | "resolve_live":
            data = {"platform_post_url": after["platform_post_url"], "thread_urls": after["live_parts"]}
            _tell(EventType.POST_PUBLISHED, before, data, now=now)
        case "fail":
            data = {**why, "retryable": after["error_retryable"], "thread_urls": before.live_parts}
            _tell(EventType.POST_FAILED, before, data, now=now)
        case "postpone" | "pause" if after["due_at"] - now >= LONG:
            _tell(EventType.POST_DELAYED, before, {**why, "next_attempt_at": moment(after["due_at"])}, now=now)
        case "doubt" if not before.in_doubt:
            _tell(EventType.POST_UNCONFIRMED, before, why, now=now)


def completed(post_id: uuid.UUID, *, status: str, targets: Sequence[Now], now: datetime) -> None:
    """This will tell that nothing of a post is left to do: all of it is live, or what is not has failed."""
    told = [
        {
            "platform": target.platform,
            "target_id": str(target.id),
            "integration_id": str(target.integration_id),
            "status": target.status,
            "platform_post_url": target.platform_post_url,
            "error": target.error_message or None,
        }
        for target in targets
    ]
    outbox.emit(
        EventType.POST_COMPLETED,
        {"post_id": str(post_id), "status": status, "targets": told},
        workspace_id=targets[0].workspace_id,
        subject=post_id,
        now=now,
    )


def _tell(event: EventType, target: Before, data: Mapping[str, Any], *, now: datetime) -> None:
    names = {
        "post_id": str(target.post_id),
        "platform": target.platform,
        "target_id": str(target.id),
        "integration_id": str(target.integration_id),
    }
    outbox.emit(event, {**names, **data}, workspace_id=target.workspace_id, subject=target.post_id, now=now)
