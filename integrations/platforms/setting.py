"""The documented fields of `platform_settings.<platform>`, and what is a right value of each. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Setting:
    """One documented field of `platform_settings.<platform>`.

    `check` returns the sentence that completes "must be …" when a value is wrong, and "" when it is right.
    """

    name: str
    check: Callable[[object], str]
    required: bool = False


def choice(name: str, *values: str) -> Setting:
    """A setting that is one of the named strings."""
    wanted = "one of " + ", ".join(values)
    return Setting(name, lambda value: "" if isinstance(value, str) and value in values else wanted)


def flag(name: str) -> Setting:
    """A setting that is true or false."""
    return Setting(name, lambda value: "" if isinstance(value, bool) else "true or false")


def text(
    name: str,
    *,
    required: bool = False,
    limit: int | None = None,
    count: Callable[[str], int] = len,
    without: str = "",
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

    return Setting(name, check, required=required)


def text_list(name: str, *, most: int | None = None) -> Setting:
    """A setting that is a list of at most `most` non-empty strings."""
    wanted = "a list of" + (f" at most {most}" if most else "") + " non-empty strings"

    def check(value: object) -> str:
        fits = (
            isinstance(value, list)
            and (not most or len(value) <= most)
            and all(isinstance(item, str) and item.strip() and "\0" not in item for item in value)
        )
        return "" if fits else wanted

    return Setting(name, check)


def url(name: str) -> Setting:
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

    return Setting(name, check)
