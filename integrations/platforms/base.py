"""What every platform tells us about itself: the shape of `rules.py`. Pure facts, no Django, no network.

Lengths are in the platform's own unit; `Rules.count` is the only counter of the whole project: the API, the
composer, the validator and the publisher all ask it.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or worth a warning, with what would be right in `message`.

    `field` is a JSON pointer into the request body (`/content`, `/platform_settings/youtube/title`).
    `details` holds the numbers behind the sentence: `platform`, `count`, `limit`, `unit`.
    """

    code: str
    message: str
    field: str = ""
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What one target would send, as the rules see it: the final text and that platform's own settings.

    `premium`: the account pays its platform for more than others may.
    """

    text: str
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    premium: bool = False


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text is and may be, in one of the units in which the platform limits it."""

    count: int
    limit: int
    unit: str


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


@dataclass(frozen=True, slots=True)
class Question:
    """One thing a person must tell us to connect an account; secrets are never taken from arguments."""

    name: str
    prompt: str
    secret: bool = False
    default: str | None = None


class Rules:
    """All that can be known of a platform without asking it.

    A platform subclasses this in its `rules.py`, puts the public address of the documentation above each limit,
    and is listed once in `registry.py`.
    """

    #: The name in the API, stable: `twitter`.
    name: ClassVar[str]
    #: What people call it: `X`.
    label: ClassVar[str]
    #: Other names the API understands: `x`.
    aliases: ClassVar[tuple[str, ...]] = ()
    #: The longest text, and the unit it is counted in.
    text_limit: ClassVar[int]
    text_unit: ClassVar[str] = "characters"
    #: The longest text of accounts that pay for more; None where nobody can.
    premium_text_limit: ClassVar[int | None] = None
    #: The longest a publish may take altogether before another worker looks what became of it.
    publish_within: ClassVar[timedelta] = timedelta(minutes=2)
    #: A post without an image or a video cannot exist there.
    media_required: ClassVar[bool] = False
    #: How long our access to an account lasts when nobody renews it; None where that is not known.
    access_lasts: ClassVar[timedelta | None] = None
    #: The fields of `platform_settings` this platform understands.
    settings: ClassVar[tuple[Setting, ...]] = ()
    #: Dotted paths, loaded only by workers and connect commands; "" where nothing speaks to the platform yet.
    client: ClassVar[str] = ""
    connect: ClassVar[str] = ""
    #: A refresh token is spent by its first use, and a replay ends the account's access: it is never sent twice, not
    #: even when the process that sent it died before it could tell.
    refresh_works_once: ClassVar[bool] = False
    #: What turns the answers to `questions` into a verified Connection: `sign_in(**answers, now=…)`.
    sign_in: ClassVar[str] = ""
    questions: ClassVar[tuple[Question, ...]] = ()

    def id_in(self, url: str, *, account: str) -> str:
        """The platform's own id of the post at `url`, as publishing would have got it; `account` is whose it is."""
        return urlsplit(url).path.rstrip("/").rpartition("/")[2] or url

    def count(self, text: str) -> int:
        """The length of `text` as the platform counts it, in `text_unit`."""
        return len(text)

    def problems(self, draft: Draft) -> Sequence[Problem]:
        """Everything that would make the platform refuse `draft`; empty when it can go out."""
        return [*self.text_problems(draft), *self.setting_problems(draft.settings), *self.media_problems()]

    def warnings(self, draft: Draft) -> Sequence[Problem]:
        """What the author should know of `draft` although it can go out."""
        return []

    def lengths(self, draft: Draft) -> Sequence[Length]:
        """Every length the platform limits, the one that people know first."""
        limit = (draft.premium and self.premium_text_limit) or self.text_limit
        return [Length(self.count(draft.text), limit, self.text_unit)]

    def text_problems(self, draft: Draft) -> Sequence[Problem]:
        # Beside an image or a video no words are needed.
        if not draft.text.strip() and not self.media_required:
            return [self.no_text()]
        return [
            self.too_long(length.count, length.limit, length.unit)
            for length in self.lengths(draft)
            if length.count > length.limit
        ]

    def no_text(self) -> Problem:
        return Problem(
            code="text_required",
            message=f"The text for {self.label} is empty, and a post there needs one.",
            field="/content",
            details={"platform": self.name},
        )

    def bad_characters(self, which: str) -> Problem:
        return Problem(
            code="text_characters",
            message=f"{self.label} refuses texts that contain {which}. "
            f"Remove them, or give {self.label} its own text in platform_overrides.",
            field="/content",
            details={"platform": self.name},
        )

    def too_long(self, count: int, limit: int, unit: str) -> Problem:
        return Problem(
            code="text_too_long",
            message=f"The text for {self.label} has {count} {unit}; the limit is {limit}. "
            f"Shorten it, or give {self.label} its own text in platform_overrides.",
            field="/content",
            details={"platform": self.name, "count": count, "limit": limit, "unit": unit},
        )

    def setting_problems(self, settings: Mapping[str, Any]) -> Sequence[Problem]:
        return [
            Problem(
                code="setting_required",
                message=f"{self.label} needs platform_settings.{self.name}.{setting.name}.",
                field=f"/platform_settings/{self.name}/{setting.name}",
                details={"platform": self.name},
            )
            for setting in self.settings
            if setting.required and setting.name not in settings
        ]

    def media_problems(self) -> Sequence[Problem]:
        if not self.media_required:
            return []
        return [
            Problem(
                code="media_required",
                message=f"{self.label} publishes images and videos only; a text alone cannot go out there. "
                "Save the post as a draft, or leave this platform out.",
                field="/platforms",
                details={"platform": self.name},
            )
        ]
