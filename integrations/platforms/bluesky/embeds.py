"""What stands below a post's words: images, a video, the post it quotes, or the card of its link.

https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky/embed
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any

from .. import cards
from ..base import Facet, MediaKind, Medium
from ..client import Account, Files
from ..errors import PublishError
from . import blobs
from .video import video

Embed = dict[str, Any]

_EMBED = "app.bsky.embed"
#: More images than this are a gallery.
#: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/images.json
MOST_IMAGES = 4
#: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/external.json
THUMB_BYTES = 1_000_000
#: As Bluesky's own app has it. https://github.com/bluesky-social/social-app/blob/main/src/lib/constants.ts
THUMB_SIDE = 2000
#: Seconds for all the cards of a thread.
CARDS_WITHIN = 20.0


def media(account: Account, files_of_part: Sequence[Medium], *, files: Files, now: datetime) -> Embed | None:
    """The images or the video of one part, uploaded. Raises NotNow with `waiting` while a video is made ready."""
    if not files_of_part:
        return None
    first = files_of_part[0]
    if first.kind != MediaKind.IMAGE:
        return _video(first, video(account, first, files=files, now=now))
    items = [_image(medium, blobs.image(account, medium, files=files, now=now)) for medium in files_of_part]
    if len(items) <= MOST_IMAGES:
        return {"$type": f"{_EMBED}.images", "images": items}
    return {"$type": f"{_EMBED}.gallery", "items": [{"$type": f"{_EMBED}.gallery#image", **item} for item in items]}


def quoting(quote: Mapping[str, str], beside: Embed | None) -> Embed:
    """The post that is quoted (`{"uri": str, "cid": str}`), and the media beside it."""
    quoted = {"$type": f"{_EMBED}.record", "record": dict(quote)}
    return {"$type": f"{_EMBED}.recordWithMedia", "record": quoted, "media": beside} if beside else quoted


class Cards:
    """The cards of one thread's links, which share their time. Whatever goes wrong is told and never stops the post."""

    def __init__(self, account: Account, *, files: Files) -> None:
        self._account, self._files, self._seconds = account, files, CARDS_WITHIN

    def first(self, facets: Sequence[Facet]) -> Embed | None:
        """The card of the first link; None where there is none."""
        link = next((facet.value for facet in facets if facet.kind == "link"), None)
        if link is None:
            return None
        begun = monotonic()
        try:
            return self._card(link)
        except cards.NoCard as error:
            self._files.tell(f"It goes out without a card for {link}: {error}")
            return None
        finally:
            self._seconds -= monotonic() - begun

    def _card(self, link: str) -> Embed:
        within = min(cards.WITHIN, self._seconds)
        found = cards.card(link, most_bytes=THUMB_BYTES, most_side=THUMB_SIDE, within=within)
        external: dict[str, Any] = {"uri": link, "title": found.title, "description": found.description}
        missing = found.missing
        if found.picture:
            try:
                external["thumb"] = self._thumb(found.picture)
            except PublishError as error:
                missing = error.message
        if missing:
            self._files.tell(f"The card for {link} has no picture: {missing}")
        return {"$type": f"{_EMBED}.external", "external": external}

    def _thumb(self, picture: cards.Picture) -> dict[str, Any]:
        file = io.BytesIO(picture.data)
        return blobs.send(self._account, file, size=len(picture.data), mime_type=picture.type)


def _image(medium: Medium, image: blobs.Image) -> dict[str, Any]:
    return {"image": image.blob, "alt": medium.alt_text, "aspectRatio": _ratio(image.width, image.height)}


def _video(medium: Medium, blob: Mapping[str, Any]) -> Embed:
    embed: Embed = {"$type": f"{_EMBED}.video", "video": blob}
    if medium.alt_text:
        embed["alt"] = medium.alt_text
    if medium.width and medium.height:
        embed["aspectRatio"] = _ratio(medium.width, medium.height)
    if medium.kind == MediaKind.GIF:
        embed["presentation"] = "gif"
    return embed


def _ratio(width: int, height: int) -> dict[str, int]:
    return {"width": width, "height": height}
