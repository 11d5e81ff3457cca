"""A long text as a thread: where it is cut, what is kept, and what it costs."""

import random
import re
import time
from collections.abc import Callable
from uuid import UUID

import pytest

from integrations.platforms import splitting
from integrations.platforms.base import MOST_PARTS, Draft, MediaKind, Medium
from integrations.platforms.counting import GRAPHEME
from integrations.platforms.registry import PLATFORMS
from integrations.platforms.splitting import SEPARATOR
from tests.integrations.platforms.test_contract import FLOODS, PIECES

FAMILY = "👨‍👩‍👧‍👦"
WORDS = [*PIECES, "word", "Dr.", "end.", "Ende!", "文。", "؟", "…", " ", "  ", "\n\n", "\n", "\u00a0", "\n---\n"]
WORDS += [FAMILY, "https://example.com/a/long/path?with=query", "e.g.", "x" * 40]
HOSTILE = [*FLOODS, "---\n", "a\n---\n", " ", "\u00a0", "a\u00a0", ". ", "。", "\u0600 "]


def split(text: str, *, fits: Callable[[str], bool], most: int = 1_000_000) -> list[str]:
    return splitting.split(text, fits=fits, most=most)


def up_to(limit: int) -> Callable[[str], bool]:
    return lambda text: len(text) <= limit


def bare(text: str) -> str:
    return re.sub(r"[\s\x1c-\x1f]+", "", text)


# Where it is cut ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " ", "Hello", " Hello \n", "a --- b", "a\n----\nb", "a\n--\nb", "---a\nb---"])
def test_it_leaves_alone_what_fits(text: str) -> None:
    assert split(text, fits=up_to(100)) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One\n---\nTwo", ["One", "Two"]),
        ("One\r\n---\r\nTwo", ["One", "Two"]),
        ("One\n\n \t---  \n\n  Two \n---\n\n---\n", ["One", "  Two"]),
        ("---\nOne", ["One"]),
        ("---\n---\n \n---", [""]),
    ],
)
def test_it_separates_at_the_authors_own_lines_which_vanish(text: str, parts: list[str]) -> None:
    assert split(text, fits=up_to(100)) == parts


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        # Between paragraphs before all else, as many as fit.
        ("One. Two.\n\nThree.\n\nFour. Five.", 20, ["One. Two.\n\nThree.", "Four. Five."]),
        ("One.\r\n\r\nTwo. Three. Four.", 20, ["One.", "Two. Three. Four."]),
        # Else between sentences, and lines.
        ("One two. Three four. Five six.", 21, ["One two. Three four.", "Five six."]),
        ("One two!” Three four?) Five", 24, ["One two!” Three four?)", "Five"]),
        ("One two\nthree four five six", 15, ["One two", "three four five", "six"]),
        ("今日は良い天気です。明日は雨。「本当？」", 14, ["今日は良い天気です。", "明日は雨。「本当？」"]),
        ("هل هذا جيد؟ نعم هو جيد جدا", 20, ["هل هذا جيد؟", "نعم هو جيد جدا"]),
        ("Wait… And then it went on", 20, ["Wait…", "And then it went on"]),
        # Not after what only looks like the end of one.
        ("See it, e.g. there and here", 18, ["See it, e.g. there", "and here"]),
        ("Ask (Dr. Smith) about J. Doe again", 18, ["Ask (Dr. Smith)", "about J. Doe again"]),
        ("It costs ... nothing at all now", 20, ["It costs ... nothing", "at all now"]),
        # Else between words, not at a space that keeps words together.
        ("one two three four", 9, ["one two", "three", "four"]),
        ("it is 10\u00a0km from here", 8, ["it is", "10\u00a0km", "from", "here"]),
        # Else between graphemes.
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        (FAMILY * 3, 15, [FAMILY * 2, FAMILY]),
        ("e\u0301" * 4, 5, ["e\u0301" * 2] * 2),
    ],
)
def test_it_cuts_at_the_best_place(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, fits=up_to(limit)) == parts


def test_it_keeps_an_address_whole_where_it_can() -> None:
    address = "https://example.com/" + "a" * 20

    assert split(f"Look at this: {address}", fits=up_to(45)) == ["Look at this:", address]
    assert split("文" * 20 + address, fits=up_to(45)) == ["文" * 20, address]
    assert split(address, fits=up_to(30)) == [address[:30], address[30:]]


def test_it_packs_addresses_by_what_they_count() -> None:
    address = "https://example.com/" + "a" * 400
    text = f"{'word ' * 51}{address} more"

    assert [X.count(part) for part in parts_of(text)] == [278, 4]


def test_it_leaves_whole_what_nothing_can_shorten() -> None:
    heap = "a" + "\u0301" * 50
    assert split(f"{heap} b", fits=up_to(10)) == [heap, "b"]
    assert split("abc", fits=lambda text: False) == ["a", "b", "c"]


# What a platform makes of it ----------------------------------------------------------------------------------------


X = PLATFORMS["twitter"]
PICTURE = Medium(id=UUID(int=1), kind=MediaKind.IMAGE, type="image/png", size=10)


def parts_of(text: str) -> list[str]:
    return [part.text for part in X.split(Draft(text))]


def test_it_leaves_the_files_with_the_first_part_and_the_rest_with_all() -> None:
    draft = Draft("Hello " * 100, {"who_can_reply": "verified"}, media=(PICTURE,), source=2)

    parts = X.split(draft)

    assert len(parts) == 3
    assert [part.media for part in parts] == [(PICTURE,), (), ()]
    assert all((part.settings, part.source) == (draft.settings, 2) for part in parts)


def test_it_uses_what_an_account_pays_for() -> None:
    assert len(X.split(Draft("Hello " * 1000, premium=True))) == 1


def test_it_is_told_when_there_are_too_many() -> None:
    fine, much = ("\n---\n".join(["part"] * count) for count in (MOST_PARTS, MOST_PARTS + 1))

    assert X.problems(*X.split(Draft(fine))) == []
    (problem,) = X.problems(*X.split(Draft(much)))

    assert (problem.code, problem.field) == ("thread_too_long", "/content")
    assert problem.details == {"platform": "twitter", "count": MOST_PARTS + 1, "limit": MOST_PARTS, "unit": "parts"}


@pytest.mark.parametrize("text", ["word " * 20_000, "a" * 100_000, "word\n---\n" * 3 + "a" * 1000])
def test_it_stops_where_there_are_too_many_and_loses_nothing(text: str) -> None:
    calls = 0

    def fits(part: str) -> bool:
        nonlocal calls
        calls += 1
        return len(part) <= 10

    parts = split(text, fits=fits, most=5)

    assert len(parts) == 6
    assert bare("".join(parts)) == bare(SEPARATOR.sub("", text))
    assert all(len(part) <= 10 for part in parts[:5])
    assert calls < 100


# What holds for every text ------------------------------------------------------------------------------------------


def texts(seed: str, number: int) -> list[str]:
    dice = random.Random(seed)
    return ["".join(dice.choice(WORDS) for _ in range(dice.randint(0, 80))) for _ in range(number)]


@pytest.mark.parametrize("limit", [1, 2, 7, 20, 50])
def test_it_loses_nothing_but_white_space(limit: int) -> None:
    for text in texts(f"whole {limit}", 300):
        parts = split(text, fits=up_to(limit))

        assert bare("".join(parts)) == bare(SEPARATOR.sub("", text))
        assert parts == split(text, fits=up_to(limit))
        assert all(part.strip() for part in parts) or not bare(SEPARATOR.sub("", text))


@pytest.mark.parametrize("limit", [1, 2, 7, 20, 50])
def test_it_makes_parts_that_fit_or_cannot_be_shortened(limit: int) -> None:
    for text in texts(f"fits {limit}", 300):
        for part in split(text, fits=up_to(limit)):
            assert len(part) <= limit or len(GRAPHEME.findall(part)) == 1


@pytest.mark.parametrize("name", ["twitter", "bluesky", "mastodon", "threads"])
def test_it_makes_parts_that_a_platform_takes(name: str) -> None:
    rules = PLATFORMS[name]
    for text in texts(name, 30):
        for part in rules.split(Draft(text * 5)):
            assert rules.fits(part)


@pytest.mark.parametrize("limit", [2, 7, 20])
def test_it_cuts_no_grapheme(limit: int) -> None:
    for text in texts(f"graphemes {limit}", 300):
        text = text.replace("---", "")
        ends = {0} | {found.end() for found in GRAPHEME.finditer(text)}
        at = 0
        for part in split(text, fits=up_to(limit)):
            at = text.index(part, at) if part else 0
            assert {at, at + len(part)} <= ends
            at += len(part)


@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
def test_it_takes_a_hundred_thousand_characters_of_anything(piece: str) -> None:
    text, calls, read = piece * (100_000 // len(piece)), 0, 0

    def fits(part: str) -> bool:
        nonlocal calls, read
        calls, read = calls + 1, read + len(part)
        return len(part) <= 280

    started = time.process_time()
    parts = split(text, fits=fits)

    # Ten to twelve questions a part, of twice its length.
    assert time.process_time() - started < 3
    assert calls <= 15 * 358 + len(parts)
    assert read <= 25 * len(text)


def test_stops_that_end_no_sentence_are_gone_through_once() -> None:
    text = "。" * 100_000 + "\u0301"
    started = time.process_time()
    assert "".join(split(text, fits=up_to(280))) == text
    assert time.process_time() - started < 3


def test_parts_of_nothing_but_space_count_too() -> None:
    """Else a long stretch of spaces that are no place to cut at is gone through to its end."""
    asked: list[str] = []

    def fits(text: str) -> bool:
        asked.append(text)
        return len(text) <= 10

    split("a" + "\u00a0" * 10_000 + "b", fits=fits, most=5)

    assert len(asked) < 200
