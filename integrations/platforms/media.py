"""What may stand beside a text, and what is wrong with files that may not. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .draft import Draft, MediaKind, Medium
from .problem import Problem

#: What people call several files of a kind.
NOUNS = {MediaKind.IMAGE: "images", MediaKind.GIF: "GIFs", MediaKind.VIDEO: "videos"}


#: Ours: pixels of an image that is held in memory while it is brought to what a platform takes. Of a JPEG that has more
#: only a fraction is read.
MOST_PIXELS = 50_000_000
#: Ours: scans of a JPEG. Each costs a look at every pixel and may be a few bytes long; programs that make progressive
#: files write about ten, and none more than these.
MOST_SCANS = 64
#: Ours: pixels of a JPEG that is read at all. A progressive one is held whole, whatever size is wanted of it.
MOST_JPEG_PIXELS = 100_000_000


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What may stand beside one text. `together` is of all kinds; 0: kinds do not mix.

    Images of another type than `image_types` or of more than `image_bytes` are no problem: they are brought to what
    the platform takes when they are sent. GIFs and videos are sent as they are, or refused. `types` are the MIME types
    of videos. Sizes are bytes, `shortest` and `longest` seconds, `alt_text` characters; 0: no limit that we know of.
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
    image_types: tuple[str, ...] = ("image/jpeg", "image/png")
    image_bytes: int = 0

    def most(self, kind: MediaKind) -> int:
        return {MediaKind.IMAGE: self.images, MediaKind.GIF: self.gifs, MediaKind.VIDEO: self.videos}[kind]

    def most_bytes(self, kind: MediaKind) -> int:
        return {MediaKind.IMAGE: 0, MediaKind.GIF: self.gif_bytes, MediaKind.VIDEO: self.video_bytes}[kind]


@dataclass(frozen=True, slots=True)
class MediaNote:
    """What becomes of one file on its way to the platform, in a sentence."""

    medium: Medium
    as_it_is: bool
    message: str


class MediaRules:
    """The half of `Rules` that looks at files. A platform that knows more of them than numbers extends its methods."""

    #: The name in the API, stable: `twitter`.
    name: ClassVar[str]
    #: What people call it: `X`.
    label: ClassVar[str]
    #: What may stand beside a text; None where we cannot send media yet.
    media: ClassVar[MediaLimits | None] = None
    #: A post without an image or a video cannot exist there.
    media_required: ClassVar[bool] = False

    def media_limits(self, draft: Draft) -> MediaLimits | None:
        """What may stand beside this text: more, for some accounts."""
        return self.media

    def media_problems(self, draft: Draft) -> Sequence[Problem]:
        """What is wrong with the files of one part: all together at `/media_ids`, one at `/media_ids/2`."""
        if not draft.media:
            return [self._media_missing()] if self.media_required else []
        limits = self.media_limits(draft)
        if limits is None:
            return [
                self.media_problem(
                    "media_not_supported",
                    f"Images and videos cannot be sent to {self.label} yet. Leave them or this platform out.",
                )
            ]
        found = [*self._kind_problems(draft.media, limits)]
        for index, medium in enumerate(draft.media):
            found += self._file_problems(medium, limits, f"/media_ids/{index}")
        return found

    def media_notes(self, draft: Draft) -> Sequence[MediaNote]:
        """What becomes of each file of one part before it is sent, in their order."""
        limits = self.media_limits(draft)
        return [self.media_note(medium, limits) for medium in draft.media] if limits else []

    def media_note(self, medium: Medium, limits: MediaLimits) -> MediaNote:
        changes = self._changes(medium, limits)
        message = f"It will be {' and '.join(changes)}." if changes else "It is sent as it is."
        return MediaNote(medium, as_it_is=not changes, message=message)

    def media_problem(self, code: str, message: str, *, field: str = "/media_ids", **details: Any) -> Problem:
        return Problem(code=code, message=message, field=field, details={"platform": self.name, **details})

    def _changes(self, medium: Medium, limits: MediaLimits) -> list[str]:
        """What an image has to become, as "it will be …"; nothing when it can be sent as it is."""
        changes = []
        if medium.kind == MediaKind.IMAGE and medium.type not in limits.image_types:
            changes.append(f"turned into a type that {self.label} takes, which {medium.type} is not")
        if medium.kind == MediaKind.IMAGE and limits.image_bytes and medium.size > limits.image_bytes:
            changes.append(f"brought under {limits.image_bytes:,} bytes, from {medium.size:,}")
        return changes

    def _media_missing(self) -> Problem:
        return self.media_problem(
            "media_required",
            f"{self.label} publishes images and videos only; a text alone cannot go out there. "
            "Add one, save the post as a draft, or leave this platform out.",
        )

    def _kind_problems(self, media: Sequence[Medium], limits: MediaLimits) -> Iterator[Problem]:
        """What is wrong with how many there are of each kind, and with the kinds that stand together."""
        counted = Counter(medium.kind for medium in media)
        for kind, count in counted.items():
            limit, noun = limits.most(kind), NOUNS[kind]
            if not limit:
                first = next(index for index, medium in enumerate(media) if medium.kind == kind)
                yield self.media_problem(
                    "media_kind_not_supported",
                    f"{self.label} takes no {noun}. Leave it or this platform out.",
                    field=f"/media_ids/{first}",
                    count=count,
                    limit=limit,
                    unit=noun,
                )
            elif count > limit:
                yield self._too_many(count, limit, noun)
        if len(counted) > 1 and not limits.together:
            yield self.media_problem(
                "media_mixed",
                f"{self.label} takes files of one kind beside one text; these are "
                f"{' and '.join(NOUNS[kind] for kind in counted)}. Leave some out, or move them to another part.",
                count=len(counted),
                limit=1,
                unit="kinds",
            )
        elif len(counted) > 1 and len(media) > limits.together:
            yield self._too_many(len(media), limits.together, "files")

    def _too_many(self, count: int, limit: int, noun: str) -> Problem:
        return self.media_problem(
            "too_many_media",
            f"There are {count} {noun} beside one text for {self.label}; the limit is {limit}.",
            count=count,
            limit=limit,
            unit=noun,
        )

    def _file_problems(self, medium: Medium, limits: MediaLimits, field: str) -> Iterator[Problem]:
        """What is wrong with one file."""
        pixels = medium.width * medium.height
        if medium.type != "image/jpeg" and pixels > MOST_PIXELS and self._changes(medium, limits):
            yield self.media_problem(
                "media_too_large",
                f"The image has {pixels:,} pixels and would have to be changed for {self.label}, which is done up to "
                f"{MOST_PIXELS:,}. Give it as a JPEG, or smaller.",
                field=field,
                count=pixels,
                limit=MOST_PIXELS,
                unit="pixels",
            )
        if medium.kind == MediaKind.VIDEO and medium.type not in limits.types:
            yield self.media_problem(
                "media_type_not_supported",
                f"{self.label} takes no {medium.type}; it takes {', '.join(limits.types)}.",
                field=field,
                type=medium.type,
                types=list(limits.types),
            )
        if (most := limits.most_bytes(medium.kind)) and medium.size > most:
            yield self._beyond("media_too_large", "file", medium.size, most, "bytes", field)
        if medium.kind == MediaKind.VIDEO and limits.longest and medium.duration > limits.longest:
            yield self._beyond("media_too_long", "video", medium.duration, limits.longest, "seconds", field)
        if medium.kind == MediaKind.VIDEO and medium.duration < limits.shortest:
            yield self._beyond("media_too_short", "video", medium.duration, limits.shortest, "seconds", field)
        if limits.alt_text and len(medium.alt_text) > limits.alt_text:
            yield self._beyond(
                "alt_text_too_long", "alt text", len(medium.alt_text), limits.alt_text, "characters", field
            )

    def _beyond(self, code: str, what: str, count: float, limit: float, unit: str, field: str) -> Problem:
        return self.media_problem(
            code,
            f"The {what} has {count:,} {unit}; the limit of {self.label} is {limit:,}.",
            field=field,
            count=count,
            limit=limit,
            unit=unit,
        )
