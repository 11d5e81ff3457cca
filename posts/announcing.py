"""What other programs are told of a post: in the transaction of the move itself, under the post's lock."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from integrations import outbox
from integrations.models import EventType
from openpost.api.times import moment

from .models import PostTarget

#: A shorter delay is told to nobody: it is over before anybody could do something about it.
LONG = timedelta(minutes=1)
#: What is told of each target of a completed post, beside its status.
TOLD = (
    "id", "integration_id", "integration__platform", "integration__workspace_id", "platform_post_url", "error_message",
)  # fmt: skip


def moved(verb: str, before: PostTarget, after: Mapping[str, Any], *, now: datetime) -> None:
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


def completed(post_id: uuid.UUID, *, status: str, targets: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """This will tell that nothing of a post is left to do: all of it is live, or what is not has failed.

    `targets`: all of them in order, each its status and TOLD.
    """
    told = [
        {
            "platform": target["integration__platform"],
            "target_id": str(target["id"]),
            "integration_id": str(target["integration_id"]),
            "status": target["status"],
            "platform_post_url": target["platform_post_url"],
            "error": target["error_message"] or None,
        }
        for target in targets
    ]
    outbox.emit(
        EventType.POST_COMPLETED,
        {"post_id": str(post_id), "status": status, "targets": told},
        workspace_id=targets[0]["integration__workspace_id"],
        subject=post_id,
        now=now,
    )


def _tell(event: EventType, target: PostTarget, data: Mapping[str, Any], *, now: datetime) -> None:
    outbox.emit(
        event,
        {"post_id": str(target.post_id), **_names(target), **data},
        workspace_id=target.integration.workspace_id,
        subject=target.post_id,
        now=now,
    )


def _names(target: PostTarget) -> dict[str, str]:
    account = target.integration
    return {"platform": account.platform, "target_id": str(target.id), "integration_id": str(account.id)}
