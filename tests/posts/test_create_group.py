"""POST /v1/posts/group: many posts by one request, all or none."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from posts.models import Event, Post
from tests import builders

pytestmark = pytest.mark.django_db


def body(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"content": f"Part {number}", "platforms": ["twitter"], **fields}


def refused(posts: Any, **beside: Any) -> dict[str, Any]:
    """The 400 for these posts, of which none may have been made."""
    said = builders.error(builders.client(builders.workspace()).post("/v1/posts/group", {"posts": posts, **beside}))
    assert (Post.objects.count(), Event.objects.count()) == (0, 0)
    return said


def test_it_makes_all_posts_in_order_and_in_one_group() -> None:
    workspace = builders.workspace()
    client = builders.client(workspace)
    posts = [body(number, schedule_at=builders.iso(builders.soon(hours=number))) for number in range(1, 6)]

    answer = client.post("/v1/posts/group", {"posts": posts})

    assert answer.status_code == 201
    made = answer.json()["data"]
    assert [(post["content"], post["status"]) for post in made] == [(f"Part {n}", "scheduled") for n in range(1, 6)]
    (group_id,) = {post["group_id"] for post in made}
    assert client.get(f"/v1/posts/group/{group_id}").json()["data"] == made


def test_it_takes_a_group_id_also_of_a_group_that_there_is() -> None:
    workspace, group_id = builders.workspace(), uuid.uuid4()
    builders.post(workspace, group_id=group_id)
    client = builders.client(workspace)

    answer = client.post("/v1/posts/group", {"posts": [body()], "group_id": str(group_id)})

    assert {post["group_id"] for post in answer.json()["data"]} == {str(group_id)}
    assert len(client.get(f"/v1/posts/group/{group_id}").json()["data"]) == 2


def test_it_makes_50_with_a_bounded_number_of_queries() -> None:
    client = builders.client(builders.workspace())
    client.get("/v1/posts")

    def queries(number: int) -> int:
        posts = [
            body(n, platforms=["twitter", "bluesky"], schedule_at=builders.iso(builders.soon())) for n in range(number)
        ]
        with CaptureQueriesContext(connection) as asked:
            assert client.post("/v1/posts/group", {"posts": posts}).status_code == 201
        # The clock is asked for every now and then (openpost/clock.py).
        return len([one for one in asked if "clock_timestamp" not in one["sql"]])

    one, ten, fifty = queries(1), queries(10), queries(50)

    each = (ten - one) / 9
    assert each < 20
    assert fifty == one + 49 * each


@pytest.mark.parametrize("posts", [[], [body()] * 51, {}, "posts", None, ..., [7], [[]], [None]])
def test_it_refuses_what_are_not_1_to_50_posts(posts: Any) -> None:
    sent = {} if posts is ... else {"posts": posts}

    said = builders.error(builders.client(builders.workspace()).post("/v1/posts/group", sent))

    assert said["field"].startswith("/posts")
    assert not Post.objects.exists()


@pytest.mark.parametrize("sent", ["[]", '"x"', "null", "7"])
def test_it_refuses_a_body_that_is_no_object(sent: str) -> None:
    answer = builders.client(builders.workspace()).post("/v1/posts/group", sent)

    assert builders.error(answer)["code"] == "invalid_value"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"content": 7}, "/posts/3/content", "invalid_value"),
        ({"content": ...}, "/posts/3/content", "field_required"),
        ({"platforms": []}, "/posts/3/platforms", "field_required"),
        ({"platforms": ["myspace"]}, "/posts/3/platforms/0", "unknown_platform"),
        ({"schedule_at": "2020-01-01T00:00:00Z"}, "/posts/3/schedule_at", "time_in_past"),
        ({"status": "published"}, "/posts/3/status", "invalid_status"),
        ({"platform_settings": {"x": 7}}, "/posts/3/platform_settings/x", "invalid_value"),
        ({"thread": [{"content": 7}]}, "/posts/3/thread/0/content", "invalid_value"),
        ({"group_id": "c824d9f7-3cb6-4ad5-9f01-7254a3ec43a4"}, "/posts/3/group_id", "invalid_value"),
    ],
)
def test_it_makes_none_when_one_is_wrong_and_says_which(fields: dict[str, Any], field: str, code: str) -> None:
    wrong = {name: value for name, value in body(3, **fields).items() if value is not ...}

    said = refused([body(0), body(1), body(2), wrong])

    assert (said["field"], said["code"]) == (field, code)


def test_it_says_of_each_post_what_is_wrong_with_its_shape() -> None:
    said = refused([body(content=7), body(), body(tags="no list")])

    assert [(one["field"], one["code"]) for one in said["details"]] == [
        ("/posts/0/content", "invalid_value"),
        ("/posts/2/tags", "invalid_value"),
    ]


def test_it_says_of_each_post_what_is_wrong_with_what_it_asks_for() -> None:
    late = builders.iso(builders.soon())
    long, nowhere = body(content="a" * 281, schedule_at=late), body(platforms=["myspace"])

    assert [(one["field"], one["code"]) for one in refused([nowhere, body(), nowhere])["details"]] == [
        ("/posts/0/platforms/0", "unknown_platform"),
        ("/posts/2/platforms/0", "unknown_platform"),
    ]
    assert [(one["field"], one["code"]) for one in refused([body(), long, long])["details"]] == [
        ("/posts/1/content", "text_too_long"),
        ("/posts/2/content", "text_too_long"),
    ]


def test_it_checks_the_length_of_what_is_scheduled() -> None:
    late = builders.iso(builders.soon())

    said = refused([body(schedule_at=late), body(content="a" * 281, schedule_at=late)])

    assert (said["field"], said["code"]) == ("/posts/1/content", "text_too_long")


def test_it_refuses_a_field_that_it_does_not_know() -> None:
    assert refused([body()], colour="red")["field"] == "/colour"


def test_it_hands_out_what_is_due_once_all_are_committed(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Any] = []
    monkeypatch.setattr("posts.hints.hand_out", lambda **said: handed.append(said["accounts"]))
    client = builders.client(builders.workspace())
    now = timezone.now().isoformat()

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/v1/posts/group", {"posts": [body(schedule_at=now), body(content=7)]})
    assert handed == []
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/v1/posts/group", {"posts": [body(schedule_at=now), body(2)]})
    assert len(handed) == 1
