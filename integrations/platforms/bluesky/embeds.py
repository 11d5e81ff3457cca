"""What stands below a post's words: images, a video, the post it quotes, or the card of its link.

https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky/embed
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any

from .. import cards
from ..base import Draft, Facet, MediaKind, Medium
from ..client import Account, Files
from ..errors import PublishError
from . import blobs
from .video import video

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


class Embeds:
    """The embeds of one post's parts, made in turn."""

    def __init__(self, account: Account, *, files: Files, now: datetime) -> None:
        self._account, self._files, self._now = account, files, now
        self._cards_end = monotonic() + CARDS_WITHIN

    def of(self, draft: Draft, *, facets: Sequence[Facet], quote: Mapping[str, str] | None) -> dict[str, Any] | None:
        """The embed of one part; None where it is words alone. `quote`: `{"uri", "cid"}` of the post that it quotes."""
        media = self._media(draft.media) if draft.media else None
        if quote:
            quoted = {"$type": f"{_EMBED}.record", "record": dict(quote)}
            if media is None:
                return quoted
            return {"$type": f"{_EMBED}.recordWithMedia", "record": quoted, "media": media}
        if media is None and draft.settings.get("link_card", True):
            link = next((facet.value for facet in facets if facet.kind == "link"), None)
            return self._card(link) if link else None
        return media

    def _media(self, media: Sequence[Medium]) -> dict[str, Any]:
        if media[0].kind != MediaKind.IMAGE:
            return self._video(media[0])
        items = [self._image(medium) for medium in media]
        if len(items) <= MOST_IMAGES:
            return {"$type": f"{_EMBED}.images", "images": items}
        return {"$type": f"{_EMBED}.gallery", "items": [{"$type": f"{_EMBED}.gallery#image", **item} for item in items]}

    def _image(self, medium: Medium) -> dict[str, Any]:
        image = blobs.image(self._account, medium, files=self._files, now=self._now)
        return {"image": image.blob, "alt": medium.alt_text, "aspectRatio": _ratio(image.width, image.height)}

    def _video(self, medium: Medium) -> dict[str, Any]:
        embed: dict[str, Any] = {
            "$type": f"{_EMBED}.video",
            "video": video(self._account, medium, files=self._files, now=self._now),
        }
        if medium.alt_text:
            embed["alt"] = medium.alt_text
        if medium.width and medium.height:
            embed["aspectRatio"] = _ratio(medium.width, medium.height)
        if medium.kind == MediaKind.GIF:
            embed["presentation"] = "gif"
        return embed

    def _card(self, link: str) -> dict[str, Any] | None:
        """The card of a link; None where there is none: that never stops the post, and is said in its timeline."""
        within = min(cards.WITHIN, self._cards_end - monotonic())
        try:
            found = cards.card(link, most_bytes=THUMB_BYTES, most_side=THUMB_SIDE, within=within)
        except cards.NoCard as error:
            self._files.tell(f"It goes out without a card for {link}: {error}")
            return None
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


def _ratio(width: int, height: int) -> dict[str, int]:
    return {"width": width, "height": height}
