"""GET /v1/events: all that happened, in one order, from where the reader stopped."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from integrations import outbox
from integrations.models import EventType, Workspace
from integrations.webhooks import fan_out
from publishing.webhooks import sweep
from tests import builders
from tests.builders import ApiClient, error

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Workspace:
    return builders.workspace()


@pytest.fixture
def client(room: Workspace) -> ApiClient:
    return builders.client(room)


def get(client: ApiClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/v1/events", query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def happen(room: Workspace, *names: str, place: bool = True) -> None:
    with transaction.atomic():
        for name in names:
            outbox.emit(
                EventType.INTEGRATION_CONNECTED, {"name": name}, workspace_id=room.id, subject=None, now=timezone.now()
            )
    if place:
        fan_out.place(now=timezone.now())


def names(body: dict[str, Any]) -> list[str]:
    return [event["data"]["name"] for event in body["data"]]


def test_it_shows_events_as_webhooks_tell_them(client: ApiClient, room: Workspace) -> None:
    post = builders.published(room)
    fan_out.place(now=timezone.now())
    first, second = get(client)["data"]
    assert set(first) == {"id", "event", "data", "timestamp"}
    assert (first["event"], first["data"]["post_id"]) == ("post.published", str(post.id))
    assert (second["event"], second["data"]["status"]) == ("post.completed", "published")


def test_a_reader_goes_on_from_where_it_stopped(client: ApiClient, room: Workspace) -> None:
    happen(room, "a", "b", "c")
    page = get(client, limit=2)
    assert (names(page), page["has_more"]) == (["a", "b"], True)
    page = get(client, limit=2, cursor=page["next_cursor"])
    assert (names(page), page["has_more"]) == (["c"], False)
    end = get(client, cursor=page["next_cursor"])
    assert (names(end), end["has_more"]) == ([], False)
    happen(room, "d")
    assert names(get(client, cursor=end["next_cursor"])) == ["d"]
    assert names(get(client, cursor=page["next_cursor"])) == ["d"], "the same cursor as often as one likes"


def test_what_is_not_placed_yet_is_not_shown_and_not_missed(client: ApiClient, room: Workspace) -> None:
    happen(room, "a")
    happen(room, "b", place=False)
    page = get(client)
    assert names(page) == ["a"]
    fan_out.place(now=timezone.now())
    assert names(get(client, cursor=page["next_cursor"])) == ["b"]


def test_it_gives_some_types_only(client: ApiClient, room: Workspace) -> None:
    happen(room, "a")
    builders.failed(room)
    fan_out.place(now=timezone.now())
    assert [event["event"] for event in get(client, type="post.failed")["data"]] == ["post.failed"]
    assert [event["event"] for event in get(client, type="post.failed,integration.connected")["data"]] == [
        "integration.connected",
        "post.failed",
    ]
    assert error(client.get("/v1/events", {"type": "post.exploded"}))["field"] == "type"


@pytest.mark.parametrize("query", [{"cursor": "nonsense"}, {"cursor": ""}, {"limit": "0"}, {"limit": "201"}])
def test_it_refuses_what_means_nothing(client: ApiClient, query: dict[str, str]) -> None:
    assert error(client.get("/v1/events", query))["field"] == next(iter(query))


def test_a_stranger_reads_none_of_it(client: ApiClient, room: Workspace) -> None:
    happen(room, "a")
    stranger = builders.stranger()
    assert get(stranger)["data"] == []
    assert get(stranger, cursor=get(client)["next_cursor"])["data"] == []


def test_a_reader_that_stayed_away_too_long_is_told(client: ApiClient, room: Workspace) -> None:
    with time_machine.travel(datetime.now(UTC), tick=True) as time:
        happen(room, "a", "b")
        half = get(client, limit=1)["next_cursor"]
        for _ in range(3):
            cursor = get(client)["next_cursor"]
            time.shift(timedelta(days=20))
            client = builders.client(room)
            assert names(get(client, cursor=cursor)) == [], "one that comes now and then reads a quiet feed for ever"
        sweep.sweep(now=timezone.now())
        assert error(client.get("/v1/events", {"cursor": half}))["code"] == "cursor_expired"
        assert get(client)["data"] == []


def test_a_page_costs_the_same_wherever_it_is(client: ApiClient, room: Workspace) -> None:
    other = builders.workspace()
    with connection.cursor() as cursor:
        for workspace in (room, other):
            cursor.execute(
                """INSERT INTO integrations_outboxevent (public_id, workspace_id, position, type, data, happened_at)
                   SELECT gen_random_uuid(), %s, nextval('integrations_outboxevent_position'),
                     CASE WHEN number %% 1000 = 0 THEN 'post.failed' ELSE 'post.published' END, '{}', now()
                   FROM generate_series(1, 20000) number""",
                [workspace.id],
            )
        cursor.execute("ANALYZE integrations_outboxevent")
        for types in ("", "AND type = 'post.failed'"):
            cursor.execute(
                "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM integrations_outboxevent "  # noqa: S608
                f"WHERE workspace_id = %s AND position > 15000 {types} ORDER BY position LIMIT 21",
                [room.id],
            )
            plan = "\n".join(row for (row,) in cursor.fetchall())
            assert "Index Scan" in plan, plan
            assert "Sort" not in plan, plan
