"""What we make clickable against what others do, on thousands of hard texts: the same seeds, so the same texts.

Left out: what a server would refuse, and the whole post with it (an address without a host, a handle that cannot be
one); and bare domains that begin with "http", which Bluesky's own library takes for whole addresses.
"""

import json
import random
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from atproto_client.utils.facet_detection import detect_facets, detect_mentions

from integrations.platforms.bluesky.facets import HANDLE, facets
from tests.peers import facets as peer
from tests.peers.facets import Found
from tests.peers.pds import require_peers

KINDS: dict[str, list[str]] = json.loads((Path(__file__).parents[1] / "hard_pieces.json").read_text())
PIECES = [piece for pieces in KINDS.values() for piece in pieces]
#: What facets are made of, and what stands at their edges.
WORDS = [
    "#", "＃", "@", "$", "http://", "https://", "HTTPS://", "http", "example.com", "a.co", "xn--e1afmkfd.xn--p1ai",
    "x.рф", "ann.bsky.social", "bob.test", "-bob.test", "1.test", "tag", "Käse", "日本語", "1", "12a", "AAPL", "aapl",
    "TOOLONG", "(", ")", ").", "'", '"', "’", ".", ",", ":", ";", "!", "?", "…", "_", "-", "/", "/a_(b)", "?q=ü#x",
    "[::1", " ", " ", " ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2028", "\ufeff", "\u200b", "\u2060", "\ufe0f",
    "🙂", "👨‍👩‍👧",
]  # fmt: skip


def texts(seed: str, count: int) -> list[str]:
    dice = random.Random(seed)
    return [
        "".join(dice.choice(WORDS if dice.random() < 0.8 else PIECES) for _ in range(dice.randint(1, 14)))
        for _ in range(count)
    ]


def ours(text: str) -> list[Found]:
    return compared(text, [(one.start, one.end, one.kind, one.value) for one in facets(text)])


def compared(text: str, found: list[Found]) -> list[Found]:
    return sorted(one for one in found if _is_compared(text, one))


def _is_compared(text: str, one: Found) -> bool:
    start, end, kind, value = one
    words = text.encode()[start:end]
    if kind == "mention":
        return bool(HANDLE.match(value))
    if kind == "tag":
        return True
    try:
        return bool(urlsplit(value).hostname) and words.startswith((b"http://", b"https://")) == words.startswith(
            b"http"
        )
    except ValueError:
        return False


def of_the_python_library(text: str) -> list[Found]:
    found: list[Found] = []
    for facet in detect_facets(text):
        (feature,) = facet.features
        kind, value = ("link", feature.uri) if hasattr(feature, "uri") else ("tag", feature.tag)
        found.append((facet.index.byte_start, facet.index.byte_end, kind, value))
    return found + [(one.byte_start, one.byte_end, "mention", one.handle) for one in detect_mentions(text)]


def test_it_finds_what_the_python_library_finds() -> None:
    differ = [
        f"{text!a}: {ours(text)}, theirs {theirs}"
        for text in texts("python", 10_000)
        if "xn--" not in text  # which it takes for a domain's end, and Bluesky's own library does not
        and ours(text) != (theirs := compared(text, of_the_python_library(text)))
    ]
    assert differ == []


@pytest.mark.peer
def test_it_finds_what_blueskys_own_library_finds() -> None:
    require_peers()
    some = texts("npm", 10_000)
    differ = [
        f"{text!a}: {ours(text)}, theirs {theirs}"
        for text, found in zip(some, peer.find(some), strict=True)
        if ours(text) != (theirs := compared(text, found))
    ]
    assert differ == []
