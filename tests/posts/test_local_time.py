"""Times that daylight saving skips, or has twice."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from posts.local_time import after_the_gap, moments

BERLIN = ZoneInfo("Europe/Berlin")


def utc(*at: int) -> datetime:
    return datetime(*at, tzinfo=UTC)  # type: ignore[misc, arg-type]


def local(*at: int) -> datetime:
    return datetime(*at)  # type: ignore[arg-type]  # noqa: DTZ001  # a clock on a wall


def test_it_finds_the_one_moment_of_an_ordinary_time() -> None:
    assert moments(local(2026, 7, 1, 9, 0), BERLIN) == [utc(2026, 7, 1, 7, 0)]


def test_it_finds_no_moment_for_a_time_that_is_skipped() -> None:
    assert moments(local(2026, 3, 29, 2, 30), BERLIN) == []
    assert after_the_gap(local(2026, 3, 29, 2, 30), BERLIN).astimezone(BERLIN).hour == 3


def test_it_finds_both_moments_of_a_time_that_comes_twice() -> None:
    assert moments(local(2026, 10, 25, 2, 30), BERLIN) == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)]


def test_it_finds_the_one_moment_in_a_zone_that_never_changes() -> None:
    assert moments(local(2026, 3, 29, 2, 30), ZoneInfo("UTC")) == [utc(2026, 3, 29, 2, 30)]
