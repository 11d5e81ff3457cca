"""X's weights. The numbers of the table are the answers of X's own library, npm `twitter-text` 3.1.0."""

import json
from pathlib import Path

import pytest

from integrations.platforms.base import Draft
from integrations.platforms.registry import PLATFORMS

X = PLATFORMS["twitter"]
OFFICIAL = json.loads(Path(__file__).with_name("twitter_text_3_1_0.json").read_text())


@pytest.mark.parametrize(("text", "weight"), OFFICIAL, ids=range(len(OFFICIAL)))
def test_it_counts_what_the_official_library_counts(text: str, weight: int) -> None:
    assert X.count(text) == weight, ascii(text)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("plain", 5),
        ("日本語", 6),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽", 2),
        ("🇩🇪", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("1️⃣", 2),
        ("क्षि", 4),
        ("cafe\u0301", 4),
        ("\u202eabc", 5),
        ("a\r\nb", 4),
        ("https://example.com/" + "a" * 500, 23),
        ("x.com", 23),
        ("(https://example.com/a_(b))", 25),
        ("例え.jp", 6 + 1),
        ("https://例え.jp/path", 23),
        ("me@example.com", 14),
        ("1.5 and e.g. this", 17),
    ],
)
def test_it_weighs_what_the_documentation_explains(text: str, weight: int) -> None:
    assert X.count(text) == weight


def test_it_takes_exactly_280() -> None:
    assert X.text_problems(Draft("文" * 140)) == []
    assert X.text_problems(Draft("👨‍👩‍👧‍👦" * 140)) == []
    (problem,) = X.text_problems(Draft("文" * 140 + "a"))
    assert problem.details["count"] == 281


def test_it_takes_25_000_of_an_account_that_has_premium() -> None:
    assert X.text_problems(Draft("a" * 25_000, premium=True)) == []
    (problem,) = X.text_problems(Draft("文" * 12_500 + "a", premium=True))
    assert (problem.details["count"], problem.details["limit"]) == (25_001, 25_000)
    # Long addresses count in all that we take of a text.
    assert X.count(" ".join(["http://a.com/" + "a" * 3985] * 25)) == 25 * 23 + 24


def test_it_never_shortens_an_address_longer_than_x_does() -> None:
    assert X.count("http://a.com/" + "a" * 4076) == 23
    assert X.count("http://a.com/" + "a" * 4077) > 4000


def test_it_counts_no_text_that_cannot_fit_as_fitting() -> None:
    # Twelve addresses of the greatest length weigh 12 * 23 + 11: the longest text that is nearly one.
    longest = " ".join(["http://a.com/" + "a" * 4075] * 12)
    assert X.count(longest) == 287
    assert X.count(longest + " " + "http://a.com " * 1000) > 287


@pytest.mark.parametrize("char", ["\ufeff", "\ufffe", "\uffff"])
def test_it_refuses_the_characters_x_calls_invalid(char: str) -> None:
    assert [problem.code for problem in X.text_problems(Draft(f"Hello{char}"))] == ["text_characters"]


@pytest.mark.parametrize(
    "piece", ["a.", "a.com", " a.com/(b)", "http://a.com/", "文", "👨‍👩‍👧‍👦", "e\u0301\u0316"], ids=ascii
)
def test_it_says_of_a_flood_that_it_does_not_fit(piece: str) -> None:
    assert X.count(piece * 100_000) > 280


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Hello", []),
        ("see example.com", ["link_costs_more"]),
        ("https://例え.jp", ["link_costs_more"]),
        ("me@example.com, e.g. 1.5", []),
        ("$AAPL up", []),
        ("$AAPL, $tsla!", ["too_many_cashtags"]),
        ("$BRK.A\n$BRK_B", ["too_many_cashtags"]),
        ("$5 or $toolong or a$AAPL or $A1", []),
    ],
)
def test_it_warns_of_what_costs_more_and_of_a_second_cashtag(text: str, codes: list[str]) -> None:
    assert [warning.code for warning in X.warnings(Draft(text))] == codes
