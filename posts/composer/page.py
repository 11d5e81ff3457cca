"""What the page draws: accounts as toggles, the inputs of each part and platform, and what stands beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from integrations.models import Integration, IntegrationStatus
from integrations.platforms import registry
from integrations.platforms.base import Rules
from openpost.ids import id_in
from posts.models import Media

from . import asking
from .asking import Asked
from .form import PostForm
from .preview import Outlook

#: The key of the part that is not there yet; our script gives it another.
NEW_PART = "newpart"


@dataclass(frozen=True, slots=True)
class Toggle:
    """One account, on or off."""

    account: Integration
    on: bool

    @property
    def lost(self) -> bool:
        return self.account.status != IntegrationStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class PartInputs:
    """One part of the thread: its key, its text and its files. The first is the content, and has no key."""

    key: str
    text: str
    files: Sequence[Media]

    @property
    def text_name(self) -> str:
        return f"content-{self.key}" if self.key else "content"

    @property
    def media_place(self) -> str:
        return f"media-{self.key}" if self.key else "media"


@dataclass(frozen=True, slots=True)
class Panel:
    """What may be said for one platform alone."""

    rules: Rules
    on: bool
    own: str | None
    asked: Sequence[Asked]
    problems: int

    @property
    def place(self) -> str:
        return f"text-{self.rules.name}"

    @property
    def differs(self) -> bool:
        return self.own is not None


@dataclass(frozen=True, slots=True)
class Time:
    """A moment that may have been meant, by the workspace's clock; `value` is what its input sends."""

    value: str
    local: datetime
    chosen: bool

    @property
    def offset(self) -> str:
        return f"UTC{self.local.isoformat()[-6:]}"


def whole(form: PostForm, outlook: Outlook) -> dict[str, Any]:
    """This will give all that the page shows."""
    fields = form.body.fields
    return {
        **beside(form, outlook),
        "toggles": [Toggle(account, str(account.id) in fields["integrations"]) for account in form.accounts],
        "parts": _parts(form),
        "fields": fields,
        "clock": form.body.clock,
        "new_part": PartInputs(NEW_PART, "", ()),
        "one_more": PartInputs(_free(form.body.keys), "", ()),
        "oob": False,
    }


def beside(form: PostForm, outlook: Outlook) -> dict[str, Any]:
    """This will give what stands beside the inputs, and is told anew while somebody writes."""
    return {
        "form": form,
        "workspace": form.workspace,
        "outlook": outlook,
        "panels": _panels(form, outlook),
        "keys": form.body.keys,
        "times": _times(form),
        "at": _local(form),
        "oob": True,
    }


def _parts(form: PostForm) -> list[PartInputs]:
    fields = form.body.fields
    first = PartInputs("", fields["content"], _files(form, fields["media_ids"]))
    following = zip(form.body.keys, fields["thread"], strict=True)
    return [first, *(PartInputs(key, part["content"], _files(form, part["media_ids"])) for key, part in following)]


def _free(keys: Sequence[str]) -> str:
    """A key for the part that stands there without script: one more than there are."""
    return next(key for number in count() if (key := f"more{number}") not in keys)


def _files(form: PostForm, ids: Sequence[str]) -> list[Media]:
    found = [form.attached[one] for named in ids if (one := id_in(named)) and one in form.attached]
    if typed := form.typed:
        for media in found:
            media.alt_text = str(typed.get(f"alt-{media.pk}", media.alt_text))
    return found


def _panels(form: PostForm, outlook: Outlook) -> list[Panel]:
    """One per platform of the workspace's accounts, in the order in which people see platforms."""
    chosen = set(form.body.fields["integrations"])
    on: dict[str, bool] = {}
    for account in form.accounts:
        on[account.platform] = on.get(account.platform, False) or str(account.id) in chosen
    fields = form.body.fields
    own: Mapping[str, str] = fields["platform_overrides"]
    settings: Mapping[str, Any] = fields["platform_settings"]
    return [
        Panel(
            rules,
            on[name],
            own.get(name),
            asking.asked(rules, settings.get(name, {})),
            outlook.problems_at(f"text-{name}", f"set-{name}-"),
        )
        for name, rules in registry.PLATFORMS.items()
        if name in on
    ]


def _times(form: PostForm) -> list[Time]:
    """What a time can mean, where that must be asked."""
    meant = form.body.meant
    if meant is None or not meant.in_doubt:
        return []
    zone, chosen = form.workspace.timezone, form.body.clock[2]
    return [Time(one.isoformat(), one.astimezone(zone), one.isoformat() == chosen) for one in meant.moments]


def _local(form: PostForm) -> datetime | None:
    at = form.body.fields["schedule_at"]
    return datetime.fromisoformat(at).astimezone(form.workspace.timezone) if at else None
