"""The length of a text as X weighs it: a rewrite of the official twitter-text 3.1.0, configuration 3.

Why not a package: the one port there is (`twitter-text-parser`) needs `pkg_resources`, which setuptools no longer has,
and its regular expressions are cubic: 0.1 s for 100 times "a.", over 8 s for 1000 times. An API key could stop a web
process with that.
Everything here is linear in the length of the text. Where the official library is peculiar, so is this:
it is compared with it, case by case, in the tests.

https://docs.x.com/fundamentals/counting-characters
https://github.com/twitter/twitter-text/blob/master/config/v3.json
"""

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from heapq import merge
from typing import NamedTuple
from unicodedata import normalize

import regex

from ..counting import utf16_units
from .tables import ASCII_TLDS, EMOJI_SEQUENCE, OTHER_TLDS

URL_WEIGHT = 23
EMOJI_WEIGHT = 2

# The four ranges that weigh one; everything else weighs two.
LIGHT = re.compile("[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]+")

# Longer addresses are not shortened: `maxURLLength`, `maxTCOSlugLength` and the longest DNS label.
MAX_URL, MAX_SLUG, MAX_LABEL = 4096, 40, 63

_SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_MARKERS = "\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_INVALID = "\ufffe\ufeff\uffff"
_LATIN = (
    "\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    "\u02bb\u0300-\u036f\u1e00-\u1eff"
    # Not in its list, but their capitals are capitals of some that are, and it does not look at case.
    "\u0260\u0269\u0275\u0280\u0283\u0288\u028a\u028c\u0292\u0399\u03b9\u1fbe\u2c65\u2c66\u2c7e\u2c7f\ua7dc"
)
_LETTERS = f"A-Za-z0-9\u0400-\u04ff\u1c80-\u1c87{_LATIN}"
_DOMAIN = rf"""[^!'#%&()*+,\\/:;<=>?@\[\]^{{|}}~${_SPACES}{_INVALID}{_MARKERS}]"""
_BEFORE = f"[^A-Za-z0-9@\uff20$#\uff03{_INVALID}]"

#: Labels and the dots between them: nothing outside such a run can belong to a domain.
RUN = re.compile(rf"{_DOMAIN}++")
#: Where an address without protocol may begin: after anything but a letter, a digit, "@", "$" or "#", and at any
#: character beyond U+FFFF (the official library sees two halves there, and the second comes after the first).
START = re.compile(rf"(?<={_BEFORE})[^-_.]|[\U00010000-\U0010ffff]")
BEFORE = re.compile(_BEFORE)
NO_BARE_BEFORE = frozenset("-_./")
PROTOCOL = re.compile(r"https?://\Z", re.IGNORECASE | re.ASCII)
PORT = re.compile(r":[0-9]++")
PORT_AND_PATH = re.compile(r"(?::[0-9]++)?+/")
_PATH_END = rf"[{_LETTERS}+=_#/\-]"
_PATH_INSIDE = r"[!*';:,.$%\[\]\u2013~@|&]"
_PATH_CHAR = rf"(?:{_PATH_END}|{_PATH_INSIDE})"
_PARENTHESES = rf"\((?:{_PATH_CHAR}++|{_PATH_CHAR}*+\({_PATH_CHAR}++\){_PATH_CHAR}*+)\)"
#: One nested level of balanced parentheses is part of a path; some characters may stand in one, but not end it.
PATH = re.compile(rf"/(?:{_PARENTHESES}|(?:{_PATH_INSIDE}|{_PARENTHESES})*+{_PATH_END})*+")
QUERY = re.compile(r"\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*+")
#: What may stand in a query, but not end it.
NO_QUERY_END = "!?*'@();:+$%[].,~|"
SHORTENED = re.compile(r"https?://t\.co/([a-z0-9]+)", re.IGNORECASE | re.ASCII)
ASCII_CHAIN = re.compile(rf"(?:[-A-Za-z0-9{_LATIN}]++\.)++")
ASCII_WORD = re.compile(r"[A-Za-z0-9]++")
PUNYCODE = re.compile(r"xn--[-0-9a-z]++", re.IGNORECASE | re.ASCII)
AFTER_TLD = re.compile(r"[^0-9a-zA-Z@+-]|\Z")

OTHER_TLDS_BY_FIRST = {first[0]: tuple(tld for tld in OTHER_TLDS if tld[0] == first[0]) for first in OTHER_TLDS}

#: No text of an ordinary account that is longer than this can fit, all of it addresses of the greatest length though it
#: be (280 / 23 * 4088 = 49 766), and we take none longer than this of any account.
REACH = 100_000

#: More combining marks in a row than any script stacks.
FLOOD = regex.compile(r"\p{M}{64,}+")

Span = tuple[int, int]


def weight(text: str) -> int:
    """The weighted length of `text`; X takes 280, or 25,000 of accounts with Premium.

    Beyond the first 100 000 characters addresses weigh what their letters do: we take no such text, and what the
    sender wants to know is how much there is to cut.
    """
    text = composed(text)
    urls = ((start, end, URL_WEIGHT) for start, end in find_urls(text[:REACH]))
    emoji = ((match.start(), match.end(), EMOJI_WEIGHT) for match in EMOJI_SEQUENCE.finditer(text))
    total = position = 0
    for start, end, fixed in merge(urls, emoji, key=lambda span: span[0]):
        if start >= position:
            total += _plain(text[position:start]) + fixed
            position = end
    return total + _plain(text[position:])


def has_url(text: str) -> bool:
    """Whether X makes a link of any part of `text`."""
    return any(find_urls(composed(text)[:REACH]))


def composed(text: str) -> str:
    """NFC, save for floods of combining marks in a text too long to fit: sorting those takes quadratic time."""
    if len(text) <= MAX_URL:
        return normalize("NFC", text)
    pieces, position = [], 0
    for flood in FLOOD.finditer(text):
        pieces += [normalize("NFC", text[position : flood.start()]), flood.group()]
        position = flood.end()
    return "".join([*pieces, normalize("NFC", text[position:])])


def _plain(text: str) -> int:
    return len(text) + len(LIGHT.sub("", text))


def find_urls(text: str) -> Iterator[Span]:
    """What X turns into a t.co link, from left to right: addresses with a protocol, and bare domains like `x.com`."""
    searched = 0  # Nothing before this is looked at again.
    for run in RUN.finditer(text):
        if "." not in run.group() or run.end() <= searched:
            continue
        for label in _starting_labels(text, *run.span()):
            found = _begin(text, label, searched, after_protocol=label.start == run.start())
            if not found:
                continue
            start, domain_start = found
            # At 0 and right after another address nothing stands before it (see START).
            before = text[start - 1] if start not in (0, searched) else ""
            halved = text[start] > "\uffff" and not (start > searched and BEFORE.match(text, start - 1))
            searched = _end(text, label.domain_end)
            if not _shortened(text, start, domain_start, label.domain_end, searched, halved=halved):
                continue
            if start < domain_start:
                yield from _with_protocol(text, start, searched)
            elif before not in NO_BARE_BEFORE:
                yield from _bare(text, start, label.domain_end, searched)


class _Label(NamedTuple):
    """A label in which a domain may begin (anywhere from `earliest`), and where that domain then ends."""

    start: int
    end: int
    earliest: int
    domain_end: int


def _starting_labels(text: str, start: int, end: int) -> Iterator[_Label]:
    """The labels of the run where a domain may begin. A domain reaches to the last top-level domain it can."""
    found: list[_Label] = []
    reach: int | None = None  # Where a domain ends that has the whole next label in it.
    next_start = text.rfind(".", start, end) + 1
    while next_start > start:
        label_end = next_start - 1
        label_start = text.rfind(".", start, label_end) + 1 or start
        underscore = text.rfind("_", label_start, label_end)
        own = _tld_end(text, next_start)
        next_start = label_start
        if label_start == label_end or text[label_end - 1] in "-_":
            reach = None
            continue
        if reach is not None:
            found.append(_Label(label_start, label_end, label_start, reach))
        elif own is not None:
            # The label right before the top-level domain has no underscore.
            found.append(_Label(label_start, label_end, max(label_start, underscore + 1), own))
            if underscore < 0:
                reach = own
        if text[label_start] in "-_":
            reach = None
    return reversed(found)


def _tld_end(text: str, start: int) -> int | None:
    """The end of the top-level domain that begins at `start`; None if there is none."""
    first = text[start : start + 1].lower()
    word = ASCII_WORD.match(text, start) if first.isascii() else None
    if word and word.group().lower() in ASCII_TLDS and AFTER_TLD.match(text, word.end()):
        return word.end()
    for tld in OTHER_TLDS_BY_FIRST.get(first, ()):
        end = start + len(tld)
        if text[start:end].lower() == tld and AFTER_TLD.match(text, end):
            return end
    punycode = PUNYCODE.match(text, start) if first == "x" else None
    return punycode.end() if punycode else None


def _begin(text: str, label: _Label, searched: int, *, after_protocol: bool) -> Span | None:
    """Where the address begins and where its domain does."""
    whole = label.earliest == label.start and text[label.start] not in "-_"
    if after_protocol and whole:
        protocol = PROTOCOL.search(text, max(0, label.start - len("https://")), label.start)
        start = protocol.start() if protocol else 0
        if protocol and (start == 0 or (start > searched and BEFORE.match(text, start - 1))):
            return start, label.start
    if label.start == 0 and whole and not START.match(text, 1, label.end):
        return 0, 0
    free = searched if text[searched : searched + 1] > "\uffff" else searched + 1
    plain = START.search(text, max(label.earliest, free), label.end)
    return (plain.start(), plain.start()) if plain else None


def _end(text: str, domain_end: int) -> int:
    """The end of the address: after the domain come port, path and query, less what belongs to the sentence."""
    port = PORT.match(text, domain_end)
    end = port.end() if port else domain_end
    path = PATH.match(text, end)
    return _query_end(text, path.end() if path else end)


def _query_end(text: str, start: int, stop: int = sys.maxsize) -> int:
    query = QUERY.match(text, start, stop)
    return start + len(query.group().rstrip(NO_QUERY_END)) if query else start


def _shortened(text: str, start: int, domain_start: int, domain_end: int, end: int, *, halved: bool) -> bool:
    """Whether the domain is a possible one, and the whole not longer than X shortens.

    `halved`: the official library takes the first half of its first character for what stands before it.
    """
    protocol = domain_start - start or len("https://")
    if protocol + utf16_units(text[start:end]) - halved > MAX_URL:
        return False
    domain = text[domain_start:domain_end]
    if halved:
        domain = chr(0xDC00 + (ord(domain[0]) & 0x3FF)) + domain[1:]
    if domain.startswith("xn--") and not any(_ascii_domains(domain)):
        return False
    return all(_fits_dns(label) for label in domain.split("."))


@lru_cache(maxsize=4096)  # to split a text is to weigh the same words again and again, and punycode takes long
def _fits_dns(label: str) -> bool:
    if label.isascii() or len(label) > MAX_LABEL:
        return len(label) <= MAX_LABEL
    return len("xn--" + label.encode("punycode").decode("ascii")) <= MAX_LABEL


def _with_protocol(text: str, start: int, end: int) -> Iterator[Span]:
    shortened = SHORTENED.match(text, start, end)
    if shortened and len(shortened[1]) <= MAX_SLUG:
        yield start, _query_end(text, shortened.end(), end)
    elif not shortened:
        yield start, end


def _bare(text: str, start: int, domain_end: int, end: int) -> Iterator[Span]:
    """Only the Latin part of a domain without protocol is a link; port and query are its own only after a path."""
    spans = [(start + first, start + last) for first, last in _ascii_domains(text[start:domain_end])]
    if spans and PORT_AND_PATH.match(text, domain_end):
        first, last = spans.pop()
        spans.append((first, _after(text, last, end - domain_end)))
    yield from spans


def _after(text: str, start: int, units: int) -> int:
    """The place `units` of UTF-16 after `start`; a halved character comes after, since half of one weighs as much.

    Known to differ: it takes a halved emoji sequence apart, and we do not (`n.de👍🏽.kr/` is 31, ours 29).
    """
    while start < len(text) and (units := units - utf16_units(text[start])) >= 0:
        start += 1
    return start


def _ascii_domains(domain: str) -> Iterator[Span]:
    position = 0
    for chain in ASCII_CHAIN.finditer(domain):
        dot = chain.end() - 1
        while dot >= chain.start():
            end = _tld_end(domain, dot + 1)
            if end is not None:
                # The official library looks for the words again, and takes the first place where they stand.
                start = domain.index(domain[chain.start() : end], position)
                position = start + end - chain.start()
                yield start, position
                break
            dot = domain.rfind(".", chain.start(), dot)
