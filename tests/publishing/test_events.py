"""GET /v1/posts/{id}/events"""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.models import Integration
from integrations.platforms.errors import Disconnected, NotNow, Rejected
from posts import actions
from posts.models import Event, Post, PostTarget
from posts.telling import moment
from publishing import retry
from publishing.models import Attempt, Outcome
from publishing.timeline import MOST
from tests import builders

from .engine import ScriptedClient, step, unknown

pytestmark = pytest.mark.django_db


def timeline(post: Post) -> Any:
    answer = builders.client(post.workspace).get(f"/v1/posts/{post.id}/events")
    assert answer.status_code == 200
    return answer.json()


def tried(target: PostTarget, number: int) -> Attempt:
    now = timezone.now()
    return Attempt(
        target=target, number=number, outcome=Outcome.NOT_NOW, worker="here:1", started_at=now, ended_at=now, code="x"
    )


def test_it_tells_the_story_of_a_post_from_draft_to_live(platform: ScriptedClient) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)
    actions.publish_now(post=post, by="ann")
    platform.before = [NotNow("It is down.", code="unreachable", detail="connect: refused")]
    step(builders.target(post))
    target = step(builders.target(post))

    created, now, refused, live = timeline(post)["data"]

    assert [one["kind"] for one in (created, now, refused, live)] == ["created", "publish_now", "not_now", "published"]
    assert (now["actor"], created["actor"], now["target"], now["attempt"]) == ("ann", None, None, None)
    assert refused == {
        "at": refused["at"],
        "kind": "not_now",
        "message": "It is down.",
        "actor": "worker",
        "target": {"id": str(target.id), "platform": "twitter", "username": "sandbox"},
        "code": "unreachable",
        "side": "network",
        "attempt": 1,
        "took_ms": refused["took_ms"],
        "next_attempt_at": None,
    }
    assert isinstance(refused["took_ms"], int)
    assert live["message"] == f"Live on X: {target.platform_post_url}"
    assert (live["code"], live["side"], live["attempt"]) == (None, None, 2)


def test_it_says_when_it_is_tried_again(platform: ScriptedClient) -> None:
    platform.before = [NotNow("It is down.", retry_after=timedelta(minutes=5))]
    target = step(builders.due(builders.workspace()))
    latest = timeline(target.post)["data"][-1]
    assert target.due_at
    assert latest["next_attempt_at"] == builders.iso(target.due_at)
    assert latest["message"] == f"It is down. It is tried again at {moment(target.due_at)}."


def test_it_promises_nothing_on_earlier_tries_nor_while_a_worker_is_at_it(platform: ScriptedClient) -> None:
    platform.before = [NotNow("It is down."), NotNow("It is down.")]
    target = step(step(builders.due(builders.workspace())))
    first, second = timeline(target.post)["data"][-2:]
    assert (first["next_attempt_at"], first["message"]) == (None, "It is down.")
    assert second["next_attempt_at"]
    PostTarget.objects.update(in_hand=True)
    assert timeline(target.post)["data"][-1]["next_attempt_at"] is None


@pytest.mark.parametrize(
    ("error", "kind", "code", "side"),
    [
        (Rejected("Too rude."), "rejected", "rejected", "yours"),
        (Disconnected("Access was revoked."), "disconnected", "account_disconnected", "yours"),
    ],
)
def test_it_says_that_a_failed_one_is_not_tried_again(
    platform: ScriptedClient, error: Exception, kind: str, code: str, side: str
) -> None:
    platform.before = [error]
    target = step(builders.due(builders.workspace()))
    latest = timeline(target.post)["data"][-1]
    assert (latest["kind"], latest["code"], latest["side"]) == (kind, code, side)
    assert latest["message"] == f"{error} It is not tried again by itself."
    assert latest["next_attempt_at"] is None


def test_it_says_that_too_many_tries_were_enough(platform: ScriptedClient) -> None:
    platform.before = [NotNow("It is down.") for _ in range(retry.TRIES)]
    target = builders.due(builders.workspace())
    for _ in range(retry.TRIES):
        step(target)
    assert timeline(target.post)["data"][-1]["message"] == "It is down. It is not tried again by itself."


def test_it_says_what_a_person_can_do_about_an_unknown_outcome(platform: ScriptedClient) -> None:
    target = unknown(platform)
    data = timeline(target.post)["data"]
    assert data[2]["message"] == "No answer."
    assert (data[2]["kind"], data[2]["side"]) == ("unconfirmed", "platform")
    assert data[-1]["message"].startswith("It is down. It could not be found out whether this went out.")
    assert "resolve" in data[-1]["message"]


def test_it_tells_of_a_lost_worker_as_our_side(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    builders.claimed(target)
    step(target)
    lost = timeline(target.post)["data"][-2]
    assert (lost["kind"], lost["side"], lost["took_ms"], lost["attempt"]) == ("worker_lost", "ours", None, 1)


def test_it_names_the_rest_that_a_try_waits_for(platform: ScriptedClient) -> None:
    platform.before = [NotNow("It is down.")]
    target = step(builders.due(builders.workspace()))
    until = builders.soon(minutes=30)
    Integration.objects.update(resting_until=until)
    assert timeline(target.post)["data"][-1]["next_attempt_at"] == builders.iso(until)


def test_it_never_shows_what_a_platform_said_word_for_word(platform: ScriptedClient) -> None:
    platform.before = [Rejected("Too rude.", detail="HTTP 403 some raw answer")]
    target = step(builders.due(builders.workspace()))
    worker = Attempt.objects.get().worker
    shown = str(timeline(target.post))
    assert "raw answer" not in shown
    assert worker not in shown


def test_it_keeps_the_newest_and_says_that_there_were_more() -> None:
    target = builders.due(builders.workspace())
    Attempt.objects.bulk_create(tried(target, number) for number in range(MOST))
    told = timeline(target.post)
    assert told["truncated"] is True
    assert len(told["data"]) == MOST
    assert [told["data"][0]["attempt"], told["data"][-1]["attempt"]] == [0, MOST - 1]
    assert timeline(builders.post(builders.workspace()))["truncated"] is False


def test_it_asks_the_database_the_same_for_any_story(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    workspace = builders.workspace()
    few = builders.post(workspace)
    many = builders.post(workspace, platforms=["twitter", "bluesky", "mastodon"], at=timezone.now())
    for target in many.targets.all():
        Attempt.objects.bulk_create(tried(target, number) for number in range(20))
    client = builders.client(workspace)
    client.get("/v1/posts")
    for post, queries in ((few, 6), (many, 7)):  # the key, the post, its targets, events, tries, steps; what rests
        with django_assert_num_queries(queries):
            client.get(f"/v1/posts/{post.id}/events")


def test_its_queries_read_no_whole_table() -> None:
    targets = [builders.due(builders.workspace()) for _ in range(20)]
    for target in targets:
        Attempt.objects.bulk_create(tried(target, number) for number in range(500))
        Event.objects.bulk_create(
            Event(post=target.post, kind="edited", at=timezone.now(), message="x") for _ in range(500)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE posts_event, publishing_attempt")
    tries = Attempt.objects.filter(target__in=[targets[0].id]).order_by("-id")[:501]
    events = Event.objects.filter(post=targets[0].post_id).order_by("-id")[:501]
    for query in (tries, events):
        assert "Seq Scan" not in query.explain()


def test_it_is_not_found_for_a_stranger_as_if_it_never_existed() -> None:
    post = builders.post(builders.workspace())
    client = builders.stranger()
    foreign = builders.error(client.get(f"/v1/posts/{post.id}/events"), 404)
    unknown_id = builders.error(client.get(f"/v1/posts/{uuid.uuid4()}/events"), 404)
    assert foreign | {"request_id": ""} == unknown_id | {"request_id": ""}
    builders.error(client.get("/v1/posts/nonsense/events"), 404)
    builders.error(client.post(f"/v1/posts/{post.id}/events"), 405)
