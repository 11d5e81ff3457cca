"""Is this post the text we sent? X stores another form of it: links become t.co, `&<>` are escaped, space is trimmed.

https://docs.x.com/x-api/fundamentals/data-dictionary
"""

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import category, normalize
from urllib.parse import unquote

from .weight import find_urls

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_HOST_END = re.compile(r"[/?:#]")
_LEADING_MENTIONS = re.compile(r"\s*(?:@\w+\s+)*")


def is_same(post: Mapping[str, Any], text: str, *, quotes: str | None = None, answers: bool = False) -> bool:
    """Whether the text of `post`, as `GET /2/users/:id/tweets` gives it, is what became of sending `text`.

    `quotes` is the id of the post it quotes. X puts the names of those whom a reply `answers` before it.
    """
    written = as_written(post, text, quotes=quotes)
    if answers:
        written, text = _LEADING_MENTIONS.sub("", written, count=1), _LEADING_MENTIONS.sub("", text, count=1)
    return comparable(written) == comparable(text)


def as_written(post: Mapping[str, Any], text: str, *, quotes: str | None = None) -> str:
    """The post's text with its t.co links put back as its author wrote them; `text` is what we sent.

    Posts beyond 280 characters carry the whole text, and its links, in `note_tweet`.
    """
    whole = post.get("note_tweet") or post.get("note_post") or post
    written = unescape(str(whole.get("text", "")))
    links = (whole.get("entities") or {}).get("urls") or ()
    # Links to the post's own media, and the last to the post it quotes, stand at the end, and nobody wrote them.
    quoted = [link["url"] for link in links if quotes and _leads_to(link, quotes)][-1:]
    for link in links:
        if link["url"] in text:
            continue  # we sent this t.co address itself
        unwritten = "media_key" in link or link["url"] in quoted
        written = written.replace(link["url"], "" if unwritten else link.get("expanded_url", ""))
    return written


def _leads_to(link: Mapping[str, Any], post_id: str) -> bool:
    return str(link.get("expanded_url", "")).rpartition("/")[2] == post_id


def comparable(text: str) -> str:
    """A form in which two texts are equal exactly when X makes the same post of them, as far as we know."""
    text = normalize("NFC", text)
    pieces, position = [], 0
    for start, end in find_urls(text):
        pieces += [text[position:start], _comparable_url(text[start:end])]
        position = end
    text = "".join([*pieces, text[position:]])
    # Links of a top-level domain newer than our tables.
    text = _SCHEME.sub("", unescape(text))
    return " ".join("".join(char for char in text if char.isspace() or category(char) != "Cc").split())


def unescape(text: str) -> str:
    """X escapes exactly these three; `html.unescape` would also read `&copy` as a sign."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _comparable_url(url: str) -> str:
    """The address without what X may add or change: protocol, case of the host, punycode, escapes, last slash."""
    url = _SCHEME.sub("", url, count=1)
    end = match.start() if (match := _HOST_END.search(url)) else len(url)
    return _unicode_host(url[:end].lower()) + unquote(url[end:]).rstrip("/")


def _unicode_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii").encode("ascii").decode("idna")
    except UnicodeError:
        return host
