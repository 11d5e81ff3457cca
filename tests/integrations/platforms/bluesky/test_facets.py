import time
from typing import Any

import pytest

from integrations.platforms.bluesky.facets import facets

PEOPLE = {"ann.test": "did:plc:ann", "bob.bsky.social": "did:plc:bob"}


def found(text: str) -> list[tuple[str, Any]]:
    """What each facet covers, cut out of the text's UTF-8 bytes, and where it leads."""
    raw = text.encode()
    return [
        (
            raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            next(value for name, value in facet["features"][0].items() if name != "$type"),
        )
        for facet in facets(text, resolve=PEOPLE.get)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", []),
        ("see https://example.com/ü?q=1#x.", [("https://example.com/ü?q=1#x", "https://example.com/ü?q=1#x")]),
        ("(https://example.com)", [("https://example.com", "https://example.com")]),
        ("👨‍👩‍👧 example.com", [("example.com", "https://example.com")]),
        ("not.adomainatall, e.g. this", []),
        ("Grüße #Käse!", [("#Käse", "Käse")]),
        ("#1 is no tag, #1a is", [("#1a", "1a")]),
        ("🙂 $aapl", [("$aapl", "$AAPL")]),
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
    assert facets("@ann.test @ANN.test", resolve=lambda handle: asked.append(handle)) == []
    assert asked == ["ann.test"]


@pytest.mark.parametrize("text", ["#" + "1" * 3000, "#" * 3000, "a." * 1500, "@" + "a." * 1499, "$" * 3000, "(" * 3000])
def test_it_is_not_slow_on_a_hostile_text(text: str) -> None:
    began = time.process_time()
    found(text)
    assert time.process_time() - began < 1
