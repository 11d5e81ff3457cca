"""What a page says of itself, for platforms that want a link's card from us. Loaded by clients only.

A card is a courtesy: whatever goes wrong on the way, there is none, and why is said.
https://ogp.me
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from openpost.fetching import Unfetchable, fetch

from . import images

#: Seconds for the page and its picture together.
WITHIN = 8.0
#: Of a page this much is read; what it says of itself stands at its beginning. Bytes.
PAGE = 1_500_000
#: Of anything larger not a byte is.
MOST_PAGE = 50_000_000
MOST_PICTURE = 10_000_000
#: A page may say of itself what it likes, a card has room for so many characters.
TITLE, DESCRIPTION = 300, 1000
PAGES = ("text/html", "application/xhtml+xml")
PICTURES = ("image/jpeg", "image/png", "image/webp")

#: Tags of a page that are looked at, and the longest of them.
MOST_TAGS = 500
MOST_TAG = 10_000

# What holds other things than tags, up to its end, and the tags that we want.
_OPENS = re.compile(r"<(!--|(?:script|style|title|meta)\b)", re.IGNORECASE)
_CLOSES = {
    "!--": re.compile(r"-->"),
    "script": re.compile(r"</script", re.IGNORECASE),
    "style": re.compile(r"</style", re.IGNORECASE),
    "title": re.compile(r"</title", re.IGNORECASE),
}
_META = re.compile(r"""<meta\b(?:[^>"']|"[^"]*"|'[^']*')*+>""", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([a-zA-Z0-9_:.-]+)", re.IGNORECASE)
# The encodings of pages. Libraries know others, of which some are slow without end.
# https://encoding.spec.whatwg.org/#names-and-labels
_ENCODING = re.compile(
    r"utf-?8|(?:iso-?8859|windows|cp)[-_]?[0-9]{1,4}(?:-[0-9]{1,2})?|koi8-[ru]|gb(?:k|2312|18030)|big5(?:-hkscs)?"
    r"|euc-(?:jp|kr)|shift[_-]jis|iso-2022-jp",
    re.IGNORECASE,
)
_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class NoCard(Exception):
    """The page gives none: the sentence says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A card's picture, as it is to be sent."""

    data: bytes
    type: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a page says of itself. `missing`: why there is no picture, although it names one."""

    title: str
    description: str
    picture: Picture | None = None
    missing: str = ""


def card(url: str, *, most_bytes: int, most_side: int, within: float = WITHIN) -> Card:
    """This will read the page at `url`; `most_bytes` and `most_side` are of its picture. Raises NoCard."""
    ends = monotonic() + within
    try:
        found, base = _page(url, within=within)
    except Unfetchable as error:
        raise NoCard(error.sentence) from error
    said = _meta(found)
    title = said("og:title", "twitter:title") or _title(found)
    description = said("og:description", "twitter:description", "description")
    address = said("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
    if not (title or description or address):
        raise NoCard("The page says nothing of itself.")
    made = Card(_short(title, TITLE) or urlsplit(url).hostname or url, _short(description, DESCRIPTION))
    if not address:
        return made
    try:
        picture = _picture(urljoin(base, address), most_bytes, most_side, within=ends - monotonic())
    except (Unfetchable, images.Unusable, ValueError) as error:
        return Card(made.title, made.description, missing=str(error))
    return Card(made.title, made.description, picture)


def _page(url: str, *, within: float) -> tuple[LexborHTMLParser, str]:
    accept = ", ".join(PAGES)
    with fetch(url, most_bytes=MOST_PAGE, within=within, schemes=("https", "http"), accept=accept) as answer:
        if answer.status != 200:
            raise NoCard(f"The page answers with HTTP {answer.status}.")
        if answer.content_type not in PAGES:
            raise NoCard(f"It is no page but {answer.content_type or 'of no known type'}.")
        page = _decoded(_beginning(answer.pieces()))
        return LexborHTMLParser("".join(islice(_tags(page), MOST_TAGS))), answer.url


def _beginning(pieces: Iterator[bytes]) -> bytes:
    page = bytearray()
    for piece in pieces:
        page += piece
        if len(page) >= PAGE:
            break
    return bytes(page[:PAGE])


def _decoded(page: bytes) -> str:
    """The page as text, by its own word on how; the header's is rarer, and may be of a proxy."""
    for mark, encoding in _BOMS.items():
        if page.startswith(mark):
            return page[len(mark) :].decode(encoding, "replace")
    named = _CHARSET.search(page[:4096])
    encoding = named[1].decode() if named else ""
    try:
        return page.decode(encoding if _ENCODING.fullmatch(encoding) else "utf-8", "replace")
    except LookupError:
        return page.decode("utf-8", "replace")


def _tags(page: str) -> Iterator[str]:
    """The page's title and its meta tags, as they are written.

    By themselves: a parser takes minutes for what one page can nest, and of the rest we want nothing.
    """
    place = 0
    while opened := _OPENS.search(page, place):
        name = opened[1].lower()
        if name == "meta":
            tag = _META.match(page[opened.start() : opened.start() + MOST_TAG])
            place = opened.start() + (tag.end() if tag else MOST_TAG)
            if tag:
                yield tag[0]
            continue
        closed = _CLOSES[name].search(page, opened.end())
        if closed is None:
            return  # the rest is inside it
        place = closed.end()
        if name == "title":
            yield page[opened.start() : min(closed.start(), opened.start() + MOST_TAG)] + "</title>"


def _meta(page: LexborHTMLParser) -> Callable[..., str]:
    """What gives the first of the named properties that the page has."""
    said: dict[str, str] = {}
    for node in page.css("meta"):
        name = (node.attributes.get("property") or node.attributes.get("name") or "").strip().lower()
        said.setdefault(name, _clean(node.attributes.get("content") or ""))
    return lambda *names: next((said[name] for name in names if said.get(name)), "")


def _title(page: LexborHTMLParser) -> str:
    node = page.css_first("title")
    return _clean(node.text()) if node else ""


def _clean(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _picture(url: str, most_bytes: int, most_side: int, *, within: float) -> Picture:
    with fetch(url, most_bytes=MOST_PICTURE, within=within, schemes=("https", "http"), accept="image/*") as answer:
        if answer.status != 200:
            raise Unfetchable("unreachable", f"Its picture answers with HTTP {answer.status}.")
        file: BinaryIO = io.BytesIO(answer.read())
    fitted = images.fit(file, most_bytes=most_bytes, types=PICTURES, most_side=most_side)
    if fitted:
        return Picture(fitted.data, fitted.type)
    file.seek(0)
    return Picture(file.read(), images.type_of(file))
