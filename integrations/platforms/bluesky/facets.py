"""What makes links, tags and mentions clickable: ranges of UTF-8 bytes beside the text.

https://docs.bsky.app/docs/advanced-guides/post-richtext
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from atproto_client.utils.facet_detection import detect_facets, detect_mentions

from ..counting import graphemes, utf8_bytes

_FACET = "app.bsky.richtext.facet"

# maxGraphemes and maxLength of a tag, maxLength of an address. One that is longer makes a server refuse the whole post.
# https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/richtext/facet.json
# https://atproto.com/specs/lexicon#uri
TAG_GRAPHEMES = 64
TAG_BYTES = 640
URI_BYTES = 8192


def facets(text: str, *, resolve: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """The facets of `text` as JSON, by their place in it: links, bare domains, #tags, $cashtags, @mentions.

    `resolve` gives the DID of a handle in lower case, or None: then the mention stays plain text. It is asked once
    per handle.
    """
    found = [facet.model_dump(by_alias=True, exclude_none=True) for facet in detect_facets(text)]
    found = [facet for facet in found if _is_accepted(facet["features"][0])]
    dids: dict[str, str | None] = {}
    for mention in detect_mentions(text):
        handle = mention.handle.lower()
        if handle not in dids:
            dids[handle] = resolve(handle)
        if did := dids[handle]:
            found.append(_mention(did, mention.byte_start, mention.byte_end))
    return sorted(found, key=lambda facet: facet["index"]["byteStart"])


def _mention(did: str, start: int, end: int) -> dict[str, Any]:
    return {
        "$type": _FACET,
        "features": [{"$type": f"{_FACET}#mention", "did": did}],
        "index": {"$type": f"{_FACET}#byteSlice", "byteStart": start, "byteEnd": end},
    }


def _is_accepted(feature: dict[str, Any]) -> bool:
    """Whether a server takes this link or tag; the library finds some that one refuses."""
    if "tag" in feature:
        return graphemes(feature["tag"]) <= TAG_GRAPHEMES and utf8_bytes(feature["tag"]) <= TAG_BYTES
    try:
        return bool(urlsplit(feature["uri"]).hostname) and utf8_bytes(feature["uri"]) <= URI_BYTES
    except ValueError:
        return False
