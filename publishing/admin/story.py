"""The timeline on the pages of posts and targets: for those who run the service, so with workers and raw answers."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from integrations.admin import label_of, side_of_code
from openpost.admin import badge, moment
from posts.admin import EVENT_TONES
from posts.models import EventKind
from publishing.timeline import Entry, Timeline

from .ledger import OUTCOME_TONES, took

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
    return {
        "when": moment(entry.at),
        "badge": _badge(entry),
        "platform": label_of(target.integration.platform) if target else "",
        "side": side_of_code(entry.code),
        "message": entry.message,
        "actor": entry.actor,
        "attempt": attempt,
        "took": took(attempt) if attempt and entry.took is not None else "",
    }


def _badge(entry: Entry) -> str:
    if entry.attempt:
        return badge(entry.attempt.get_outcome_display(), OUTCOME_TONES[entry.attempt.outcome])
    if entry.number:
        return badge("Progress", "quiet")
    return badge(EventKind(entry.kind).label, EVENT_TONES[entry.kind])
