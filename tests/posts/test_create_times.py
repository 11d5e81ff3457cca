"""POST /v1/posts: when it goes out, and what `status` has to say about that."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests import builders
from tests.posts.test_create import create, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> builders.ApiClient:
    return builders.client(builders.workspace())


def due_at(made: dict[str, Any]) -> datetime | None:
    from posts.models import PostTarget

    return PostTarget.objects.get(post_id=made["id"]).due_at


@pytest.mark.parametrize("name", ["schedule_at", "scheduled_at"])
def test_it_schedules_at_a_time_under_either_name(client: builders.ApiClient, name: str) -> None:
    at = builders.soon(days=3)

    made = create(client, **{name: builders.iso(at)})

    assert (made["status"], made["scheduled_at"]) == ("scheduled", builders.iso(at))
    assert due_at(made) == at


def test_it_takes_both_names_when_they_agree(client: builders.ApiClient) -> None:
    at = builders.soon()
    elsewhere = at.astimezone(timezone(timedelta(hours=5, minutes=45))).isoformat()

    made = create(client, schedule_at=builders.iso(at), scheduled_at=elsewhere)
    body = refused(client, schedule_at=builders.iso(at), scheduled_at=builders.iso(at + timedelta(seconds=1)))

    assert made["scheduled_at"] == builders.iso(at)
    assert (body["code"], body["field"]) == ("conflicting_times", "/schedule_at")


def test_it_takes_null_for_no_time(client: builders.ApiClient) -> None:
    assert create(client, schedule_at=None)["status"] == "draft"


@pytest.mark.parametrize("text", ["2030-05-01T14:00:00", "2030-05-01", "2030-05-01 14:00"])
def test_it_refuses_a_time_without_an_offset_and_says_so(client: builders.ApiClient, text: str) -> None:
    body = refused(client, schedule_at=text)

    assert body["field"] == "/schedule_at"
    assert "offset" in body["error"]


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2030-02-30T00:00:00Z"])
def test_it_refuses_a_time_that_does_not_exist(client: builders.ApiClient, text: str) -> None:
    assert refused(client, schedule_at=text)["field"] == "/schedule_at"


@pytest.mark.parametrize("seconds", [-58, -1, 0, 1, 58])
def test_it_is_due_at_once_near_now(client: builders.ApiClient, seconds: int) -> None:
    at = builders.soon(seconds=seconds)

    made = create(client, schedule_at=builders.iso(at))

    assert (made["status"], made["scheduled_at"]) == ("scheduled", builders.iso(at))
    due = due_at(made)
    assert due is not None
    assert due <= builders.soon(seconds=1)


def test_it_waits_for_a_time_more_than_a_minute_ahead(client: builders.ApiClient) -> None:
    at = builders.soon(seconds=63)

    assert due_at(create(client, schedule_at=builders.iso(at))) == at


@pytest.mark.parametrize("ago", [{"seconds": -62}, {"days": -1}, {"days": -30000}])
def test_it_refuses_a_time_that_has_passed(client: builders.ApiClient, ago: dict[str, float]) -> None:
    body = refused(client, schedule_at=builders.iso(builders.soon(**ago)))

    assert (body["code"], body["field"]) == ("time_in_past", "/schedule_at")


def test_it_takes_180_days_and_no_more(client: builders.ApiClient) -> None:
    create(client, schedule_at=builders.iso(builders.soon(days=180)))
    body = refused(client, schedule_at=builders.iso(builders.soon(days=180, seconds=2)))

    assert (body["code"], body["field"]) == ("time_too_far", "/schedule_at")
    assert "180" in body["error"]


@pytest.mark.parametrize(
    ("status", "timed", "becomes"),
    [
        (None, False, "draft"),
        (None, True, "scheduled"),
        ("draft", False, "draft"),
        ("draft", True, "draft"),
        ("scheduled", True, "scheduled"),
        ("scheduled", False, "time_required"),
        ("publishing", True, "invalid_status"),
        ("published", True, "invalid_status"),
        ("failed", False, "invalid_status"),
        ("anything", True, "invalid_status"),
    ],
)
def test_it_lets_status_override_what_the_time_says(
    client: builders.ApiClient, status: str | None, timed: bool, becomes: str
) -> None:
    at = builders.soon()
    fields: dict[str, Any] = {}
    if status:
        fields["status"] = status
    if timed:
        fields["schedule_at"] = builders.iso(at)

    if becomes not in ("draft", "scheduled"):
        assert refused(client, **fields)["code"] == becomes
        return
    made = create(client, **fields)

    assert made["status"] == becomes
    assert made["scheduled_at"] == (builders.iso(at) if timed else None)
    assert due_at(made) == (at if becomes == "scheduled" else None)
