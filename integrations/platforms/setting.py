"""The documented fields of `platform_settings.<platform>`, what is a right value of each, and how people are asked.

Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit


class Kind(StrEnum):
    """What a form asks for: it decides which input stands there."""

    TEXT = "text"
    URL = "url"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"
    POLL = "poll"


class Shown(StrEnum):
    """Where a preview of the post shows what was said."""

    FOOT = "foot"  # below the post, by its label
    TITLE = "title"  # above the words
    BESIDE = "beside"  # below the words, in the place of a link's card
    LINK_CARD = "link_card"  # by that card, which is there unless this is false


@dataclass(frozen=True, slots=True)
class Poll:
    """How many answers a poll may have, and how many minutes it may run."""

    answers: int
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class Setting:
    """One documented field of `platform_settings.<platform>`.

    `check` returns the sentence that completes "must be …" when a value is wrong, and "" when it is right. The rest is
    for forms and previews: `label` and `help` for people, the values of a `choice` or of `choices` in the order they
    are offered, what a `poll` may be. `default` is what the platform does when a flag is not sent, or a choice; a
    choice without one is shown only where it was made.
    """

    name: str
    check: Callable[[object], str]
    required: bool = False
    kind: Kind = Kind.TEXT
    values: Sequence[str] = ()
    default: bool | str | None = None
    poll: Poll | None = None
    label: str = ""
    help: str = ""
    shown: Shown = Shown.FOOT

    def asked(self) -> str:
        """What stands before its input."""
        return self.label or self.name.replace("_", " ").capitalize()


def choice(
    name: str,
    *values: str,
    default: str | None = None,
    label: str = "",
    help: str = "",  # noqa: A002  # as the field is called
) -> Setting:
    """A setting that is one of the named strings; `default` is what the platform does without it."""
    wanted = "one of " + ", ".join(values)

    def check(value: object) -> str:
        return "" if isinstance(value, str) and value in values else wanted

    return Setting(name, check, kind=Kind.CHOICE, values=values, default=default, label=label, help=help)


def flag(
    name: str,
    *,
    default: bool = False,
    label: str = "",
    help: str = "",  # noqa: A002
    shown: Shown = Shown.FOOT,
) -> Setting:
    """A setting that is true or false; `default` is what the platform does without it."""

    def check(value: object) -> str:
        return "" if isinstance(value, bool) else "true or false"

    return Setting(name, check, kind=Kind.FLAG, default=default, label=label, help=help, shown=shown)


def text(
    name: str,
    *,
    required: bool = False,
    limit: int | None = None,
    count: Callable[[str], int] = len,
    without: str = "",
    label: str = "",
    help: str = "",  # noqa: A002
    shown: Shown = Shown.FOOT,
) -> Setting:
    """A setting that is a non-empty string of at most `limit` characters (as `count` sees them), none of `without`."""
    wanted = "a non-empty string"
    if limit:
        wanted += f" of at most {limit} characters"
    if without:
        wanted += " without " + " and ".join(without)

    def check(value: object) -> str:
        fits = (
            isinstance(value, str)
            and value.strip()
            and not any(char in value for char in "\0" + without)
            and (not limit or count(value) <= limit)
        )
        return "" if fits else wanted

    return Setting(name, check, required=required, label=label, help=help, shown=shown)


def text_list(name: str, *, most: int | None = None, label: str = "", help: str = "") -> Setting:  # noqa: A002
    """A setting that is a list of at most `most` non-empty strings."""
    wanted = "a list of" + (f" at most {most}" if most else "") + " non-empty strings"

    def check(value: object) -> str:
        fits = (
            isinstance(value, list)
            and (not most or len(value) <= most)
            and all(isinstance(item, str) and item.strip() and "\0" not in item for item in value)
        )
        return "" if fits else wanted

    return Setting(name, check, kind=Kind.LINES, label=label, help=help)


def url(name: str, *, label: str = "", help: str = "", shown: Shown = Shown.FOOT) -> Setting:  # noqa: A002
    """A setting that is an http or https address."""

    def check(value: object) -> str:
        if isinstance(value, str) and "\0" not in value:
            try:
                parts = urlsplit(value)
            except ValueError:
                return "an http or https address"
            if parts.scheme in ("http", "https") and parts.hostname:
                return ""
        return "an http or https address"

    return Setting(name, check, kind=Kind.URL, label=label, help=help, shown=shown)
