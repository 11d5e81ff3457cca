"""Two people change one post: whoever comes second is told, and sees both. Nobody's text is written over silently.

The page says which version it began from, and the verb refuses it when that is no longer the one (actions.edit).
"""

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.platforms.registry import label_of
from openpost.admin import moment
from posts.models import Event, Post

if TYPE_CHECKING:
    from .form import PostForm

#: The code of the verb's refusal.
CHANGED = "changed_meanwhile"
#: Words of both up to which differences are marked: finding them takes the square of their number.
MOST_WORDS = 4000


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that the two have differently, each side with what differs marked."""

    label: str
    mine: SafeString
    theirs: SafeString


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody typed, and what another has saved since: who, and when."""

    by: str
    at: datetime
    differences: Sequence[Difference]


def version_of(post: Post) -> str:
    """What a page says it began from; "" for a post that is not there yet."""
    return "" if post._state.adding else post.updated_at.isoformat()


def read(version: str) -> datetime | None:
    """This will understand what a page says; None where it says nothing, as a program does."""
    try:
        return datetime.fromisoformat(version)
    except ValueError:
        return None


def shown(form: "PostForm") -> dict[str, Any]:
    """What the page shows once the verb has refused an older version: nothing, unless it has."""
    if all(fault.code != CHANGED for fault in form.faults):
        return {}
    post = form.instance
    files = [*form.attached.values(), *(one for files in post.media_by_part().values() for one in files)]
    found = conflict(
        post,
        mine=form.body.fields,
        theirs=form.stored.fields,
        labels={name: field.label for name, field in form.fields.items()},
        names={str(one.id): str(one) for one in (*form.accounts, *files)},
    )
    return {"conflict": found, "conflict_at": moment(found.at, told="relative")}


def conflict(
    post: Post,
    *,
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    labels: Mapping[str, Any],
    names: Mapping[str, str],
) -> Conflict:
    """This will compare what was typed with what is saved now: fields of a body of the API, one by one.

    `labels` say what each is called, and `names` what ids in them mean (accounts, files).
    """
    last = Event.objects.filter(post=post).order_by("-id").first()
    differing = [name for name in labels if mine.get(name) != theirs.get(name)]
    zone = post.workspace.timezone
    sides = (
        (labels[name], *(_text(name, side.get(name), names, zone) for side in (mine, theirs))) for name in differing
    )
    return Conflict(
        by=last.actor if last else "",
        at=post.updated_at,
        differences=[Difference(str(label), *_compared(left, right)) for label, left, right in sides],
    )


def _text(name: str, value: Any, names: Mapping[str, str], zone: tzinfo) -> str:
    """A field as a person reads it."""
    if not value:
        return ""
    match name:
        case "schedule_at":
            return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
        case "thread":
            return "\n\n".join("\n".join([part["content"], *_named(part["media_ids"], names)]) for part in value)
        case "platform_overrides":
            return "\n\n".join(f"{label_of(platform)}: {text}" for platform, text in value.items())
        case "platform_settings":
            said = json.dumps(
                {label_of(platform): chosen for platform, chosen in value.items()}, ensure_ascii=False, indent=1
            )
            return said.strip("{}\n")
        case "split":
            return str(_("yes"))
    return "\n".join(_named(value, names)) if isinstance(value, list) else str(value)


def _named(ids: Sequence[str], names: Mapping[str, str]) -> list[str]:
    return [names.get(one, one) for one in ids]


def _compared(left: str, right: str) -> tuple[SafeString, SafeString]:
    """Both texts, with the words marked that only one of them has."""
    mine, theirs = (re.findall(r"\S+\s*|\s+", side) for side in (left, right))
    if len(mine) + len(theirs) > MOST_WORDS:
        return format_html("{}", left), format_html("{}", right)
    steps = difflib.SequenceMatcher(a=mine, b=theirs, autojunk=False).get_opcodes()
    return (
        _marked((op, mine[a:b]) for op, a, b, _c, _d in steps),
        _marked((op, theirs[c:d]) for op, _a, _b, c, d in steps),
    )


def _marked(pieces: Iterable[tuple[str, list[str]]]) -> SafeString:
    texts = ((op, "".join(words)) for op, words in pieces)
    return format_html_join("", "{}", ((_mark(op, text),) for op, text in texts if text))


def _mark(op: str, text: str) -> str:
    return text if op == "equal" else format_html("<mark>{}</mark>", text)
