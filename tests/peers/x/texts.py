"""What X makes of a text: composed, trimmed, links as t.co with their entities, `&<>` escaped."""

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


def composed(text: str) -> str:
    return normalize("NFC", text).strip()


def store(text: str) -> Stored:
    written = composed(text)
    stored, links, position = "", [], 0
    for start, end in find_urls(written):
        stored += escape(written[position:start])
        short = "https://t.co/" + "".join(secrets.choice(_ALPHABET) for _ in range(10))
        links.append(
            {
                "start": len(stored),
                "end": len(stored) + len(short),
                "url": short,
                "expanded_url": expanded(written[start:end]),
                "display_url": expanded(written[start:end]).split("://", 1)[1][:30],
            }
        )
        stored += short
        position = end
    stored += escape(written[position:])
    return Stored(written, stored, {"urls": links} if links else {})


def expanded(url: str) -> str:
    """With a protocol, and scheme and host in lower case."""
    if "://" not in url:
        url = f"http://{url}"
    parts = urlsplit(url)
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
