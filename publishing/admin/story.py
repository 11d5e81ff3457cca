"""The timeline on the pages of posts and targets: for those who run the service, so with workers and raw answers."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.admin import side_of_code
from integrations.marks import face
from openpost.admin import Tone, moment
from posts.admin import EVENT_TONES
from posts.models import EventKind
from publishing.models import Outcome
from publishing.timeline import Entry, Timeline

from .ledger import OUTCOME_TONES, took

#: A Material Symbol per kind of entry.
_ICONS = {
    EventKind.CREATED: "add_circle",
    EventKind.EDITED: "edit",
    EventKind.SCHEDULED: "schedule",
    EventKind.CANCELLED: "event_busy",
    EventKind.PUBLISH_NOW: "send",
    EventKind.RETRIED: "replay",
    EventKind.RESOLVED_LIVE: "task_alt",
    EventKind.RESOLVED_ABSENT: "replay",
    EventKind.APPROVAL_REQUESTED: "approval",
    EventKind.APPROVED: "verified",
    EventKind.DECLINED: "block",
    Outcome.LIVE: "check_circle",
    Outcome.REJECTED: "error",
    Outcome.NOT_NOW: "hourglass_top",
    Outcome.DISCONNECTED: "link_off",
    Outcome.UNCONFIRMED: "help",
    Outcome.MISSED: "timer_off",
    Outcome.WORKER_LOST: "sync_problem",
}
_PROGRESS = "arrow_right"
#: A page shows the newest; the rest is a click away.
NEWEST = 50


def story(timeline: Timeline, *, attempts: str, events: str) -> str:
    """This will show a timeline; `attempts` and `events` are the filters under which admin lists all of it."""
    lists: Mapping[str, str] = {
        "attempts_url": f"{reverse('admin:publishing_attempt_changelist')}?{attempts}",
        "events_url": f"{reverse('admin:posts_event_changelist')}?{events}",
    }
    entries = [_shown(entry) for entry in timeline.entries]
    context = {"entries": entries, "truncated": timeline.truncated, **lists}
    return render_to_string("admin/publishing/timeline.html", context)


def _shown(entry: Entry) -> dict[str, Any]:
    attempt, target = entry.attempt, entry.target
    word, tone = _kind(entry)
    return {
        "when": moment(entry.at, told="own"),
        "icon": _ICONS.get(attempt.outcome if attempt else entry.kind, _PROGRESS),  # type: ignore[call-overload]
        "tone": tone,
        "word": word,
        "face": face(target.integration) if target else "",
        "account": target.integration.username if target else "",
        "side": side_of_code(entry.code),
        "message": entry.message,
        "actor": entry.actor,
        "attempt": attempt,
        "took": took(attempt) if attempt and entry.took is not None else "",
    }


def _kind(entry: Entry) -> tuple[str, Tone]:
    if entry.attempt:
        return entry.attempt.get_outcome_display(), OUTCOME_TONES[entry.attempt.outcome]
    if entry.number:
        return str(_("Progress")), "quiet"
    return str(EventKind(entry.kind).label), EVENT_TONES[entry.kind]
