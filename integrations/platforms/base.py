"""What every platform tells us about itself: the shape of `rules.py`. Pure facts, no Django, no network.

Lengths are in the platform's own unit; `Rules.count` is the only counter of the whole project: the API, the
composer, the validator and the publisher all ask it.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from .splitting import split


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


class MediaKind(StrEnum):
    """What a file is to people. A GIF that does not move is an image."""

    IMAGE = "image"
    GIF = "gif"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Medium:
    """One file of a draft, as the rules see it. What it says was read from its bytes, never believed.

    `type` is a MIME type, `size` bytes, `width` and `height` pixels as people see it (turned upright), `duration` and
    `frame_rate` seconds and frames a second (of what moves), `video_codec` and `audio_codec` such as `h264`, `hevc`,
    `aac`; "" and 0 where there is none.
    """

    id: UUID
    kind: MediaKind
    type: str
    size: int
    width: int = 0
    height: int = 0
    alt_text: str = ""
    duration: float = 0
    frames: int = 0
    frame_rate: float = 0
    video_codec: str = ""
    audio_codec: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One part of what a target would send, as the rules see it: its final text, and that platform's own settings.

    A post is a thread of one or more parts. `premium`: the account pays its platform for more than others may.
    `source`: which of the author's parts it is or was split from: 0 the content, 1 the first of `thread`, and so on.
    """

    text: str
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    premium: bool = False
    media: tuple[Medium, ...] = ()
    source: int = 0


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What may stand beside one text. The numbers are of files; `together` is of all kinds, 0: kinds do not mix.

    Images of more bytes or pixels than a platform takes are no problem here: they are brought to its size when it is
    sent. `types` are the MIME types of videos; images and GIFs are brought to a type it takes.
    """

    images: int = 0
    gifs: int = 0
    videos: int = 0
    together: int = 0
    types: tuple[str, ...] = ("video/mp4", "video/quicktime")
    video_bytes: int = 0
    gif_bytes: int = 0
    shortest: float = 0
    longest: float = 0
    alt_text: int = 0


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
    #: The same for a post with a video, which platforms take their time to look at.
    publish_video_within: ClassVar[timedelta] = timedelta(minutes=20)
    #: Whether a thread of several parts can be published there.
    threads: ClassVar[bool] = False
    #: What may stand beside a text; None where we cannot send media yet.
    media: ClassVar[MediaLimits | None] = None
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

    def problems(self, *parts: Draft) -> Sequence[Problem]:
        """Everything that would make the platform refuse the thread of these parts; empty when it can go out."""
        found = [
            *self.setting_problems(parts[0].settings),
            *self.thread_problems(parts),
        ]
        for part in parts:
            found += [at_part(problem, part) for problem in (*self.text_problems(part), *self.media_problems(part))]
        return found

    def cautions(self, *parts: Draft) -> Sequence[Problem]:
        """What the author should know of the thread of these parts although it can go out."""
        return [at_part(caution, part) for part in parts for caution in self.warnings(part)]

    def warnings(self, draft: Draft) -> Sequence[Problem]:
        """What the author should know of one part although it can go out."""
        return []

    def lengths(self, draft: Draft) -> Sequence[Length]:
        """Every length the platform limits, the one that people know first."""
        limit = (draft.premium and self.premium_text_limit) or self.text_limit
        return [Length(self.count(draft.text), limit, self.text_unit)]

    def fits(self, draft: Draft) -> bool:
        """Whether the text is short enough."""
        return all(length.count <= length.limit for length in self.lengths(draft))

    def split(self, draft: Draft) -> list[Draft]:
        """The draft as a thread of parts that fit, its media with the first; one that cannot be split stays whole."""
        texts = split(draft.text, fits=lambda text: self.fits(replace(draft, text=text)))
        return [replace(draft, text=text, media=() if number else draft.media) for number, text in enumerate(texts)]

    def time_for(self, *parts: Draft) -> timedelta:
        """The longest a publish of these parts may take altogether."""
        moves = any(medium.kind == MediaKind.VIDEO for part in parts for medium in part.media)
        return self.publish_video_within if moves else self.publish_within + timedelta(seconds=20) * (len(parts) - 1)

    def thread_problems(self, parts: Sequence[Draft]) -> Sequence[Problem]:
        if len(parts) == 1 or self.threads:
            return []
        return [
            Problem(
                code="thread_not_supported",
                message=f"{self.label} has no threads that we can publish. Leave it out, or send it a post of its own.",
                field="/thread" if parts[-1].source else "/content",
                details={"platform": self.name},
            )
        ]

    def text_problems(self, draft: Draft) -> Sequence[Problem]:
        # Beside an image or a video no words are needed.
        if not draft.text.strip() and not draft.media and not self.media_required:
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

    def media_problems(self, draft: Draft) -> Sequence[Problem]:
        """What is wrong with the files of one part; `/media_ids` is where they stand."""
        if self.media_required and not draft.media:
            return [
                self.media_problem(
                    "media_required",
                    f"{self.label} publishes images and videos only; a text alone cannot go out there. "
                    "Save the post as a draft, or leave this platform out.",
                    field="/platforms",
                )
            ]
        return []

    def media_problem(self, code: str, message: str, *, field: str = "/media_ids", **details: Any) -> Problem:
        return Problem(code=code, message=message, field=field, details={"platform": self.name, **details})


def at_part(problem: Problem, part: Draft) -> Problem:
    """The problem of a part, with its pointer into the author's own request."""
    if part.source and problem.field.startswith(("/content", "/media_ids")):
        return replace(problem, field=f"/thread/{part.source - 1}{problem.field}")
    return problem
