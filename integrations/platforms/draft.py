"""What a target would send, as the platforms' rules see it: a text, its settings and its files. Pure."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class MediaKind(StrEnum):
    """What a file is to people. A GIF that does not move is an image."""

    IMAGE = "image"
    GIF = "gif"
    VIDEO = "video"


class Look(StrEnum):
    """How posts stand in a platform's own app, as far as a preview shows it."""

    MICROBLOG = "microblog"  # words first, media below them; a thread is a chain
    FEED = "feed"  # a card in a feed, its picture from edge to edge
    PHOTO = "photo"  # the picture first, the words as its caption
    VIDEO = "video"  # a film with a title, the words as its description
    REEL = "reel"  # an upright film, the words laid over it


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
class Length:
    """How long a text is and may be, in one of the units in which the platform limits it."""

    count: int
    limit: int
    unit: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A stretch of the text that the platform is told to show as a link, a mention or a tag.

    `start` and `end` are offsets in the text's UTF-8 bytes; `kind` is `link`, `mention` or `tag`, and `value` the
    address, the handle or the word that is meant.
    """

    start: int
    end: int
    kind: str
    value: str
