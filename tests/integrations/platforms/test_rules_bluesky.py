"""Bluesky's two limits. The table holds the answers of `Intl.Segmenter` (Unicode 17), which its server counts with."""

import json
from pathlib import Path

import pytest

from integrations.platforms.base import Draft
from integrations.platforms.registry import PLATFORMS

BLUESKY = PLATFORMS["bluesky"]
FAMILY = "👨‍👩‍👧‍👦"
SEGMENTER = json.loads(Path(__file__).with_name("intl_segmenter.json").read_text())


@pytest.mark.parametrize(("text", "graphemes"), SEGMENTER, ids=range(len(SEGMENTER)))
def test_it_counts_what_the_server_counts(text: str, graphemes: int) -> None:
    assert BLUESKY.count(text) == graphemes, ascii(text)


@pytest.mark.parametrize(
    ("text", "graphemes"),
    [
        (FAMILY, 1),
        ("🇩🇪🇫🇷", 2),
        ("🇩🇪🇫", 2),
        ("1️⃣", 1),
        ("क्षि", 1),
        ("1\u094d\u0937", 2),
        ("\r\n", 1),
        ("e\u0301", 1),
        ("\u202eabc", 4),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("👍🏽", 1),
        ("https://example.com/path", 24),
    ],
)
def test_it_counts_what_a_reader_sees(text: str, graphemes: int) -> None:
    assert BLUESKY.count(text) == graphemes


def test_it_takes_300_graphemes() -> None:
    assert BLUESKY.text_problems(Draft("é" * 300)) == []
    (problem,) = BLUESKY.text_problems(Draft("é" * 301))
    assert (problem.details["count"], problem.details["limit"]) == (301, 300)


def test_it_takes_3000_bytes() -> None:
    assert BLUESKY.text_problems(Draft(FAMILY * 120)) == []
    (problem,) = BLUESKY.text_problems(Draft(FAMILY * 121))
    assert problem.details == {"platform": "bluesky", "count": 3025, "limit": 3000, "unit": "UTF-8 bytes"}


def test_it_tells_of_both_limits_at_once() -> None:
    graphemes, size = BLUESKY.text_problems(Draft(FAMILY * 301))
    assert (graphemes.details["count"], graphemes.details["unit"]) == (301, "graphemes")
    assert (size.details["count"], size.details["unit"]) == (7525, "UTF-8 bytes")
