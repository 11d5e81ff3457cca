"""A post's timeline as the API shows it. What a platform answered word for word stays inside."""

from datetime import timedelta
from typing import Any

from openpost.api.times import moment
from posts.api.output import resolving
from posts.models import PostTarget
from posts.waiting import is_unknown
from publishing.timeline import Entry, Timeline


def render_timeline(timeline: Timeline) -> dict[str, Any]:
    return {"data": [render_entry(entry) for entry in timeline.entries], "truncated": timeline.truncated}


def render_entry(entry: Entry) -> dict[str, Any]:
    """One thing that happened. What the machine did has an `attempt`, and no more of an actor than "worker"."""
    return {
        "at": moment(entry.at),
        "kind": entry.kind,
        "message": f"{entry.message} {_what_to_do(entry)}".rstrip(),
        "actor": "worker" if entry.number else entry.actor or None,
        "target": _target(entry.target) if entry.target else None,
        "code": entry.code or None,
        "side": entry.side,
        "attempt": entry.number,
        "took_ms": entry.took // timedelta(milliseconds=1) if entry.took is not None else None,
        "next_attempt_at": moment(entry.next_attempt_at),
    }


def _what_to_do(entry: Entry) -> str:
    """What only the API says: pages have buttons for it."""
    return resolving(entry.target) if entry.is_latest and entry.target and is_unknown(entry.target) else ""


def _target(target: PostTarget) -> dict[str, Any]:
    account = target.integration
    return {"id": str(target.id), "platform": account.platform, "username": account.username}
