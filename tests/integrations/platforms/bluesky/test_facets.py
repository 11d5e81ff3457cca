"""What is made clickable, without asking anybody."""

import time
from typing import Any

import pytest

from integrations.platforms.base import Draft
from integrations.platforms.bluesky import records
from integrations.platforms.bluesky.facets import facets
from integrations.platforms.registry import PLATFORMS

PEOPLE = {"ann.test": "did:plc:ann", "bob.bsky.social": "did:plc:bob"}


def found(text: str) -> list[tuple[str, Any]]:
    """What each facet covers, cut out of the text's UTF-8 bytes, and where it leads."""
    raw = text.encode()
    return [
        (
            raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            next(value for name, value in facet["features"][0].items() if name != "$type"),
        )
        for facet in records.facets(facets(text), resolve=PEOPLE.get)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", []),
        ("see https://example.com/ü?q=1#x.", [("https://example.com/ü?q=1#x", "https://example.com/ü?q=1#x")]),
        ("(https://example.com)", [("https://example.com", "https://example.com")]),
        ("(https://example.com).", [("https://example.com", "https://example.com")]),
        ("https://example.com/a_(b)", [("https://example.com/a_(b)", "https://example.com/a_(b)")]),
        ("👨‍👩‍👧 example.com", [("example.com", "https://example.com")]),
        ("httpfoo.com", [("httpfoo.com", "https://httpfoo.com")]),
        ("not.adomainatall, e.g. this", []),
        ("Grüße #Käse!", [("#Käse", "Käse")]),
        ("＃full", [("＃full", "full")]),
        ("#1 is no tag, #1a is", [("#1a", "1a")]),
        ("🙂 $aapl", [("$aapl", "$AAPL")]),
        ("$toolong $1 $A.", [("$A", "$A")]),
        ("hi @Ann.test, and @bob.bsky.social", [("@Ann.test", "did:plc:ann"), ("@bob.bsky.social", "did:plc:bob")]),
        ("nobody is @nobody.test", []),
        ("mail ann@example.com", []),
        ("bad https:///path", []),
        ("bad https://[::1", []),
        ("#ok first, then https://example.com", [("#ok", "ok"), ("https://example.com", "https://example.com")]),
    ],
)
def test_it_covers_exactly_the_words(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_it_leaves_out_a_tag_that_a_server_would_refuse() -> None:
    assert found("#" + "a" * 64) == [("#" + "a" * 64, "a" * 64)]
    assert found("#" + "a" * 65) == []
    england = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"  # one grapheme, 28 bytes
    assert found("#" + england * 22) == [("#" + england * 22, england * 22)]
    assert found("#" + england * 23) == []


def test_it_asks_once_per_handle() -> None:
    asked: list[str] = []
    assert records.facets(facets("@ann.test @ANN.test"), resolve=lambda handle: asked.append(handle)) == []
    assert asked == ["ann.test"]


def test_validate_is_told_of_them_as_they_will_be_sent() -> None:
    told = PLATFORMS["bluesky"].facets(Draft("🙂 @Ann.test #ü"))
    assert [(facet.start, facet.end, facet.kind, facet.value) for facet in told] == [
        (5, 14, "mention", "Ann.test"),
        (15, 18, "tag", "ü"),
    ]


def test_validate_is_not_told_of_what_could_never_be_sent() -> None:
    assert len(PLATFORMS["bluesky"].facets(Draft("#a " * 10_000))) == 10_000
    assert not PLATFORMS["bluesky"].facets(Draft("#a " * 10_001))


@pytest.mark.parametrize("piece", ["#1", "#", "a.", "@a.", "$", "(", " a.co", " #a", "(@", " @-", "\u200b#", "http://"])
def test_it_is_not_slow_on_a_hostile_text(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    facets(text)
    assert time.process_time() - began < 10


@pytest.mark.parametrize("sign", ["!", ".", "_"])
def test_a_tag_of_signs_is_gone_through_once(sign: str) -> None:
    text = f"#a{sign * 300_000}a"
    began = time.process_time()
    assert not facets(text)
    assert time.process_time() - began < 3
