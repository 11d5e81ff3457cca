from datetime import UTC, datetime, timedelta

import pytest

from integrations.platforms.errors import NotNow
from publishing import retry

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(("failures", "most"), [(1, 2), (2, 4), (3, 8), (4, 16)])
def test_it_waits_exponentially_with_full_jitter(failures: int, most: int) -> None:
    error = NotNow("It is down.")
    assert retry.next_try(error, failures=failures, now=NOW, chance=1) == NOW + timedelta(seconds=most)
    assert retry.next_try(error, failures=failures, now=NOW, chance=0) == NOW


def test_it_gives_up_after_five_tries() -> None:
    assert retry.next_try(NotNow("It is down."), failures=5, now=NOW) is None


def test_the_platforms_own_time_wins() -> None:
    error = NotNow("Slow down.", retry_after=timedelta(minutes=15))
    assert retry.next_try(error, failures=1, now=NOW) == NOW + timedelta(minutes=15)


def test_a_rate_limit_of_the_account_is_not_held_against_the_post() -> None:
    error = NotNow("Slow down.", retry_after=timedelta(minutes=15), rests_account=True)
    assert retry.next_try(error, failures=50, now=NOW) == NOW + timedelta(minutes=15)


def test_no_wait_is_longer_than_the_longest() -> None:
    error = NotNow("Slow down.", rests_account=True)
    assert retry.next_try(error, failures=1000, now=NOW, chance=1) == NOW + retry.LONGEST_WAIT


def test_looks_add_up_to_about_an_hour_and_end() -> None:
    waits = [retry.next_look(looks=looks, now=NOW) for looks in range(retry.LOOKS)]
    assert all(waits)
    total = sum((wait - NOW for wait in waits if wait), timedelta())
    assert timedelta(minutes=30) < total < timedelta(minutes=90)
    assert retry.next_look(looks=retry.LOOKS, now=NOW) is None
