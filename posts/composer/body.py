"""A post as the page's inputs say it, in the shape of the API's body: the API's own parser and the verbs judge both.

A thread's parts have a key each, which the browser makes up, so that they can be moved without being named anew; the
order is that in which their keys are sent. The part "" is the content.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from integrations.models import Integration, Workspace
from integrations.platforms import registry
from openpost.api.errors import ApiError
from openpost.api.handler import faults_of
from posts.api.input import PostInput
from posts.models import Post
from posts.words import Words

from . import asking, when
from .when import Meant

#: What a browser may call a part.
KEY = re.compile(r"[a-z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Body:
    """`fields` are the API's, and `keys` those of the thread's parts, in order.

    `clock` is what stands in the inputs of the time: the day, the time, and which of two moments was chosen. `meant`
    is what that can mean; None where it is no time.
    """

    fields: Mapping[str, Any]
    keys: Sequence[str] = ()
    clock: tuple[str, str, str] = ("", "", "")
    meant: Meant | None = None

    @property
    def unclear(self) -> bool:
        """Whether a time stands there that is none, or fits two moments of which nobody has said which is meant."""
        return any(self.clock[:2]) and not self.fields["schedule_at"]


def sent(data: QueryDict, *, workspace: Workspace, accounts: Iterable[Integration]) -> Body:
    """This will read what the browser sent; `accounts` are the workspace's."""
    chosen = set(data.getlist("accounts"))
    platforms = dict.fromkeys(account.platform for account in accounts if str(account.id) in chosen)
    content = typed(data.get("content", ""))
    keys, thread = _thread(data)
    clock = (data.get("at_0", "").strip(), data.get("at_1", "").strip(), data.get("at_2", ""))
    at, meant = _moment(clock, workspace)
    new_tags = re.split(r"[,\n]", typed(data.get("tags_new", "")))
    fields = {
        "content": content,
        "media_ids": data.getlist("media_ids"),
        "thread": thread,
        "split": "split" in data,
        "integrations": data.getlist("accounts"),
        "schedule_at": at,
        "tags": list(dict.fromkeys([*data.getlist("tags"), *(tag.strip() for tag in new_tags if tag.strip())])),
        "group_id": data.get("group_id", "").strip() or None,
        "platform_overrides": _own_texts(data, platforms, content),
        "platform_settings": {
            name: said for name in platforms if (said := asking.answered(registry.PLATFORMS[name], data))
        },
    }
    return Body(fields, keys, clock, meant)


def stored(post: Post) -> Body:
    """This will give what the inputs show of a post as it stands. Ask for its targets and attachments beforehand."""
    media = {part: [str(one.id) for one in files] for part, files in post.media_by_part().items()}
    targets = sorted(post.targets.all(), key=lambda target: (target.position, str(target.id)))
    fields = {
        "content": post.content,
        "media_ids": media.get(0, []),
        "thread": [{"content": text, "media_ids": media.get(number, [])} for number, text in enumerate(post.thread, 1)],
        "split": post.split,
        "integrations": [str(target.integration_id) for target in targets],
        "schedule_at": _iso(post.scheduled_at),
        "tags": post.tags,
        "group_id": str(post.group_id) if post.group_id else None,
        "platform_overrides": post.platform_overrides,
        "platform_settings": {
            name: said
            for name, values in post.platform_settings.items()
            if (said := asking.said(registry.PLATFORMS[name], values))
        },
    }
    clock = _shown(post.scheduled_at, post.workspace)
    return Body(fields, [f"p{number}" for number in range(1, len(post.thread) + 1)], clock=clock)


def blank(*, workspace: Workspace, at: str = "") -> Body:
    """This will give what the inputs of a new post show.

    `at` is ISO 8601, as the calendar says it: by the workspace's clock, unless it names an offset from UTC.
    """
    clock = _shown(_parsed(at), workspace)
    moment, meant = _moment(clock, workspace)
    fields = {"content": "", "media_ids": [], "thread": [], "split": False, "integrations": [], "schedule_at": moment}
    rest: dict[str, Any] = {"tags": [], "group_id": None, "platform_overrides": {}, "platform_settings": {}}
    return Body(fields | rest, clock=clock, meant=meant)


def words(fields: Mapping[str, Any]) -> Words:
    """This will understand fields of a body as the API does; raises ApiError with all that is wrong with them."""
    parsed = PostInput(data=dict(fields), partial=True)
    try:
        parsed.is_valid(raise_exception=True)
    except ValidationError as error:
        raise ApiError(*faults_of(error)) from error
    return Words(**parsed.validated_data)


def _thread(data: QueryDict) -> tuple[list[str], list[dict[str, Any]]]:
    """A part without words and files is none: it has just been added, or emptied."""
    keys, parts = [], []
    for key in data.getlist("parts"):
        content, files = typed(data.get(f"content-{key}", "")), data.getlist(f"media-{key}")
        if KEY.fullmatch(key) and (content or files):
            keys.append(key)
            parts.append({"content": content, "media_ids": files})
    return keys, parts


def _own_texts(data: QueryDict, platforms: Iterable[str], content: str) -> dict[str, str]:
    """What differs from the content. An empty one counts where its box is ticked: a file may need no words."""
    texts = {name: typed(data.get(f"text-{name}", "")) for name in platforms}
    return {name: text for name, text in texts.items() if text != content and (text or f"own-{name}" in data)}


def _moment(clock: tuple[str, str, str], workspace: Workspace) -> tuple[str | None, Meant | None]:
    """What was meant, as the API writes times, where that is clear; and what it can have meant, where it is a time."""
    day, time, chosen = clock
    local = when.read(day, time)
    if local is None:
        return None, None
    meant = when.meant(local, workspace.timezone)
    moments = [one for one in meant.moments if not meant.in_doubt or one.isoformat() == chosen]
    return (_iso(moments[0]) if moments else None), meant


def _iso(at: datetime | None) -> str | None:
    """To the second: that is what the inputs know."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat() if at else None


def _parsed(at: str) -> datetime | None:
    try:
        return datetime.fromisoformat(at)
    except ValueError:
        return None


def _shown(at: datetime | None, workspace: Workspace) -> tuple[str, str, str]:
    """What the inputs show of a moment, or of a time without a zone, which is by the workspace's clock."""
    if at is None:
        return "", "", ""
    local = at.astimezone(workspace.timezone) if at.tzinfo else at
    moment = _iso(at) if at.tzinfo else None
    return f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}", moment or ""


def typed(text: str) -> str:
    """Browsers send every line break as CR LF; the person typed one character, and platforms count it as one."""
    return text.replace("\r\n", "\n")
