"""What X makes of a text: composed, trimmed, links as t.co with their entities, `&<>` escaped.

In front stand the @mentions of those whom a reply answers, at the end the t.co links of its media and its quote.
"""

import secrets
import string
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize
from urllib.parse import urlsplit

from integrations.platforms.twitter.weight import find_urls

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Stored:
    """`written` is what duplicates are told by; `text` and `entities` are what reading gives."""

    written: str
    text: str
    entities: dict[str, Any]


@dataclass(frozen=True)
class Behind:
    """An address that X puts at the end: of the quoted post, or of each medium, which all have one t.co link."""

    expanded_url: str
    media_keys: tuple[str, ...] = ()


def composed(text: str) -> str:
    return normalize("NFC", text).strip()


def store(text: str, *, addressed: str = "", behind: tuple[Behind, ...] = ()) -> Stored:
    written = composed(text)
    stored, links, position = addressed, [], 0
    for start, end in find_urls(written):
        stored += escape(written[position:start])
        stored, link = with_link(stored, expanded(written[start:end]))
        links.append(link)
        position = end
    stored += escape(written[position:])
    for last in behind:
        stored, link = with_link(f"{stored} " if stored else "", last.expanded_url)
        links += [link | {"media_key": key} for key in last.media_keys] or [link]
    return Stored(written, stored, {"urls": links} if links else {})


def with_link(text: str, url: str) -> tuple[str, dict[str, Any]]:
    """The text with a new t.co link at its end, and the link's entity."""
    short = "https://t.co/" + "".join(secrets.choice(_ALPHABET) for _ in range(10))
    entity = {
        "start": len(text),
        "end": len(text) + len(short),
        "url": short,
        "expanded_url": url,
        "display_url": url.split("://", 1)[1][:30],
    }
    return text + short, entity


def expanded(url: str) -> str:
    """With a protocol, and scheme and host in lower case."""
    if "://" not in url:
        url = f"http://{url}"
    parts = urlsplit(url)
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
