"""How a person is asked for a platform's settings: from its declared fields to inputs, and back to their values.

An input that says nothing leaves its setting out, as a program would: then the platform does what it always does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from integrations.platforms.base import Rules, Setting
from integrations.platforms.setting import Kind, Poll

#: How long a poll may run, in minutes, as it is offered where its platform takes it.
POLL_TIMES = {
    30: _("30 minutes"),
    60: _("1 hour"),
    6 * 60: _("6 hours"),
    24 * 60: _("1 day"),
    3 * 24 * 60: _("3 days"),
    7 * 24 * 60: _("7 days"),
}
A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One setting as the page asks for it. `name` is its input's; `value` what stands in it."""

    name: str
    setting: Setting
    value: Any

    @property
    def choices(self) -> list[Choice]:
        """Of a choice there is one more, which says nothing; of several each stands for itself."""
        chosen = self.value if isinstance(self.value, list) else [self.value or ""]
        return [Choice(value, in_words(value), value in chosen) for value in self.setting.values]

    @property
    def text(self) -> str:
        return ", ".join(self.value or ()) if self.setting.kind == Kind.LINES else self.value or ""

    @property
    def on(self) -> bool:
        return bool(self.setting.default if self.value is None else self.value)

    @property
    def answers(self) -> list[str]:
        given = list((self.value or {}).get("options", ()))
        return [*given, *[""] * (self._poll.answers - len(given))]

    @property
    def times(self) -> list[Choice]:
        minutes = (self.value or {}).get("duration_minutes", A_DAY)
        known: dict[int, Any] = {
            time: label for time, label in POLL_TIMES.items() if self._poll.shortest <= time <= self._poll.longest
        }
        if minutes not in known:
            known = {minutes: _("%(number)s minutes") % {"number": minutes}, **known}
        return [Choice(str(value), str(label), value == minutes) for value, label in known.items()]

    @property
    def _poll(self) -> Poll:
        assert self.setting.poll  # noqa: S101  # every setting of this kind says it
        return self.setting.poll


def asked(rules: Rules, values: Mapping[str, Any]) -> list[Asked]:
    """This will give the inputs of one platform, `values` being its part of `platform_settings`."""
    return [Asked(_name(rules, setting), setting, values.get(setting.name)) for setting in rules.settings]


def answered(rules: Rules, data: QueryDict) -> dict[str, Any]:
    """This will give what was said in those inputs, as `platform_settings` has it; the rules say whether it fits."""
    found = {setting.name: _READ[setting.kind](setting, data, _name(rules, setting)) for setting in rules.settings}
    return {name: value for name, value in found.items() if value is not None}


def said(rules: Rules, values: Mapping[str, Any]) -> dict[str, Any]:
    """This will leave out of stored settings what an input cannot tell from saying nothing."""
    defaults = {setting.name: setting.default for setting in rules.settings if setting.kind == Kind.FLAG}
    return {name: value for name, value in values.items() if name not in defaults or value != defaults[name]}


def in_words(value: str) -> str:
    """This will show a value that programs write, `mentionedUsers` or `SELF_ONLY`, as people read it."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", value)
    return apart.lower().capitalize()


def told(setting: Setting, value: Any) -> str:
    """This will show a setting's value as people read it; "" where there is nothing to be said."""
    match setting.kind:
        case Kind.FLAG:
            return "" if value in (None, setting.default) else str(_("yes") if value else _("no"))
        case Kind.CHOICE:
            return in_words(str(value or setting.default or "")).lower()
        case Kind.CHOICES:
            return ", ".join(in_words(one).lower() for one in value or ())
        case Kind.LINES:
            return ", ".join(value or ())
    return str(value or "")


def _name(rules: Rules, setting: Setting) -> str:
    return f"set-{rules.name}-{setting.name}"


def _text(setting: Setting, data: QueryDict, name: str) -> str | None:
    return data.get(name, "").replace("\r\n", "\n") or None


def _url(setting: Setting, data: QueryDict, name: str) -> str | None:
    return data.get(name, "").strip() or None


def _flag(setting: Setting, data: QueryDict, name: str) -> bool | None:
    return None if (name in data) == setting.default else name in data


def _choices(setting: Setting, data: QueryDict, name: str) -> list[str] | None:
    return data.getlist(name) or None


def _lines(setting: Setting, data: QueryDict, name: str) -> list[str] | None:
    return [item.strip() for item in re.split(r"[,\n]", data.get(name, "")) if item.strip()] or None


def _poll(setting: Setting, data: QueryDict, name: str) -> dict[str, Any] | None:
    options = [option for option in data.getlist(name) if option.strip()]
    minutes = data.get(f"{name}-minutes", "")
    return {"options": options, "duration_minutes": int(minutes) if minutes.isdigit() else 0} if options else None


_READ: Mapping[Kind, Callable[[Setting, QueryDict, str], Any]] = {
    Kind.TEXT: _text,
    Kind.URL: _url,
    Kind.FLAG: _flag,
    Kind.CHOICE: _url,
    Kind.CHOICES: _choices,
    Kind.LINES: _lines,
    Kind.POLL: _poll,
}
