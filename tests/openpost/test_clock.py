"""The workers' clock is PostgreSQL's, asked about once a second."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openpost import clock

pytestmark = pytest.mark.django_db


def there() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def test_it_goes_on_between_two_questions_and_is_never_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "PROMPT", 5)  # however busy the machine is
    ours = clock._Clock()
    ours.now()
    monkeypatch.setattr(clock, "GOOD_FOR", 60)
    with CaptureQueriesContext(connection) as asked:
        read = [ours.now() for _ in range(50)]
    assert len(asked) == 0
    assert read == sorted(read)
    assert ours.now() <= there() < ours.now() + timedelta(seconds=clock.PROMPT + 5)


def test_it_asks_again_when_what_it_knows_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = clock._Clock()
    ours.now()
    monkeypatch.setattr(clock, "GOOD_FOR", 0)
    with CaptureQueriesContext(connection) as asked:
        ours.now()
        ours.now()
    assert len(asked) == 2


def test_it_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = clock._Clock()
    ours.now()
    monkeypatch.setattr(clock, "GOOD_FOR", 0)
    monkeypatch.setattr(clock, "STEP", 60)  # however busy the machine is
    read = [ours.now() for _ in range(200)]
    assert read == sorted(read)


def test_it_goes_back_with_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = clock._Clock()
    before = ours.now()
    monkeypatch.setattr(clock, "GOOD_FOR", 0)
    monkeypatch.setattr(clock, "_ask", lambda: before - timedelta(minutes=1))
    assert ours.now() == before - timedelta(minutes=1)


def test_it_does_not_count_on_from_an_answer_that_took_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "PROMPT", -1)
    ours = clock._Clock()
    with CaptureQueriesContext(connection) as asked:
        ours.now()
        ours.now()
    assert len(asked) == 2
