"""GET /v1/integrations/{id}/next-slot: a whole hour with an hour's gap to the account's other posts, within a week."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.models import Integration, Workspace
from posts.models import PostTarget
from posts.slots import next_slot
from tests import builders

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 9, 20, tzinfo=UTC)


def at(text: str, day: int = 4) -> datetime:
    return datetime.fromisoformat(f"2026-05-{day:02}T{text}:00+00:00")


def account_with(*taken: datetime, zone: str = "UTC") -> Integration:
    """An account with posts at these times, in a workspace whose clock is there."""
    workspace = builders.workspace()
    Workspace.objects.filter(id=workspace.id).update(timezone=zone)
    for moment in taken:
        target = builders.target(builders.post(workspace, at=builders.soon()))
        PostTarget.objects.filter(id=target.id).update(due_at=moment)
    return Integration.objects.select_related("workspace").get(id=builders.account(workspace).id)


def a_full_week(first: datetime) -> list[datetime]:
    """Every second hour, from half past one on: none has room at the whole hour before it, nor at the one after."""
    return [first + timedelta(hours=hours) for hours in range(0, 24 * 7 + 4, 2)]


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], "10:00"),
        (["10:00"], "11:00"),
        (["10:00", "11:00", "12:00"], "13:00"),
        (["10:30"], "12:00"),
        (["11:00"], "10:00"),
        (["10:59"], "12:00"),
        (["09:01"], "11:00"),
        (["09:00"], "10:00"),
        (["10:00", "10:00", "12:00"], "11:00"),
    ],
)
def test_it_is_the_next_whole_hour_with_an_hours_gap_to_every_other_post(taken: list[str], free: str) -> None:
    assert next_slot(account_with(*map(at, taken)), now=NOW) == at(free)


@pytest.mark.parametrize(("now", "free"), [("09:58", "10:00"), ("09:59", "10:00"), ("10:00", "11:00")])
def test_it_is_far_enough_ahead_to_be_scheduled(now: str, free: str) -> None:
    assert next_slot(account_with(), now=at(now)) == at(free)


def test_it_is_a_whole_hour_by_the_workspaces_clock() -> None:
    assert next_slot(account_with(zone="Asia/Kolkata"), now=NOW) == at("09:30")
    assert next_slot(account_with(zone="Europe/Berlin"), now=NOW) == at("10:00")


def test_it_is_a_whole_hour_too_after_a_clock_was_put_back_by_half() -> None:
    # Lord Howe Island goes back half an hour on 5 April 2026, at 15:00 UTC.
    now = datetime(2026, 4, 5, 14, 20, tzinfo=UTC)
    taken = [datetime(2026, 4, 5, 15, tzinfo=UTC)]
    slot = next_slot(account_with(*taken, zone="Australia/Lord_Howe"), now=now)
    assert slot == datetime(2026, 4, 5, 16, 30, tzinfo=UTC)


def test_there_is_none_when_the_week_is_full() -> None:
    account = account_with(*a_full_week(at("10:30")))
    assert next_slot(account, now=NOW) is None
    PostTarget.objects.filter(due_at__gt=at("08:00", day=11)).delete()
    assert next_slot(account, now=NOW) == at("08:00", day=11)


def test_what_just_went_live_keeps_its_gap_and_what_failed_does_not() -> None:
    workspace = builders.workspace()
    builders.published(workspace)
    builders.failed(workspace)
    account = builders.account(workspace)
    PostTarget.objects.filter(status="published").update(published_at=at("09:10"))
    assert next_slot(account, now=NOW) == at("11:00")
    PostTarget.objects.filter(status="published").update(published_at=at("09:00"))
    assert next_slot(account, now=NOW) == at("10:00")


def test_another_account_and_a_draft_with_a_time_take_no_slot() -> None:
    workspace = builders.workspace()
    account, now = builders.account(workspace), builders.soon(hours=0)
    slot = next_slot(account, now=now)
    builders.post(workspace, at=slot, platforms=["bluesky"])
    draft = {"content": "a", "platforms": ["twitter"], "schedule_at": slot, "status": "draft"}
    assert builders.client(workspace).post("/v1/posts", draft).status_code == 201
    assert next_slot(account, now=now) == slot
    builders.post(workspace, at=slot, platforms=["twitter"])
    assert next_slot(account, now=now) != slot


def test_it_answers_as_the_reference_shows_and_the_time_can_be_scheduled() -> None:
    workspace = builders.workspace()
    client = builders.client(workspace)
    url = f"/v1/integrations/{builders.account(workspace).id}/next-slot"
    seen = []
    for _ in range(3):
        body = client.get(url).json()
        assert body.keys() == {"next_slot"}
        seen.append(body["next_slot"])
        post = {"content": "Hello", "platforms": ["twitter"], "schedule_at": body["next_slot"]}
        assert client.post("/v1/posts", post).json()["data"]["scheduled_at"] == body["next_slot"]
    assert seen == sorted(set(seen))
    assert all(slot.endswith(":00:00Z") for slot in seen)


def test_it_answers_null_when_there_is_none() -> None:
    now = builders.soon(hours=0)
    account = account_with(*a_full_week(now.replace(minute=30, second=0)))
    client = builders.client(account.workspace)
    assert client.get(f"/v1/integrations/{account.id}/next-slot").json() == {"next_slot": None}


@pytest.mark.parametrize("account_id", ["254504b6-0afc-4c73-b074-89da5a1793d8", "1"])
def test_it_does_not_know_an_account_that_is_not_there(account_id: str) -> None:
    builders.error(builders.client(builders.workspace()).get(f"/v1/integrations/{account_id}/next-slot"), 404)


def test_a_stranger_learns_nothing_of_our_posts() -> None:
    account = builders.account(builders.workspace())
    builders.error(builders.stranger().get(f"/v1/integrations/{account.id}/next-slot"), 404)
