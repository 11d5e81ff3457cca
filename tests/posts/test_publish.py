"""POST /v1/posts/{id}/publish"""

import uuid

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from integrations.models import Integration
from posts import hints
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scheduled", [False, True])
def test_it_makes_a_draft_or_scheduled_post_due_now(scheduled: bool) -> None:
    workspace = builders.workspace()
    at = builders.soon(days=9) if scheduled else None
    post = builders.post(workspace, platforms=["twitter", "bluesky"], at=at)
    before = timezone.now()

    answer = builders.client(workspace).post(f"/v1/posts/{post.id}/publish")

    assert answer.status_code == 202
    shown = answer.json()["data"]
    assert shown["status"] == "scheduled"
    assert [one["status"] for one in shown["post_targets"]] == ["pending", "pending"]
    (due,) = {one.due_at for one in post.targets.all()}
    assert due is not None
    assert before <= due <= timezone.now()
    assert shown["scheduled_at"] == builders.iso(due)


@pytest.mark.parametrize("broker", [True, False])
def test_it_hints_at_every_target_once_and_on_commit_until_the_broker_is_away(
    broker: bool, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, platforms=["twitter", "bluesky"])
    sent: list[tuple[uuid.UUID, str]] = []

    def send(task: str, target_id: str, token: str, *, queue: str) -> bool:
        sent.append((uuid.UUID(target_id), queue.removeprefix("publish.")))
        return broker

    monkeypatch.setattr(hints, "hint", send)

    with django_capture_on_commit_callbacks() as callbacks:
        builders.client(workspace).post(f"/v1/posts/{post.id}/publish")
    assert sent == []
    for callback in callbacks:
        callback()

    due = set(post.targets.values_list("id", "integration__platform"))
    assert len(sent) == (2 if broker else 1)
    assert set(sent) <= due


def test_it_tries_only_the_failed_targets_of_a_failed_post_again() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, platforms=["twitter", "bluesky"], at=timezone.now())
    builders.go_live(builders.target(post, "twitter"))
    builders.go_wrong(builders.target(post, "bluesky"))
    live = builders.target(post, "twitter")

    answer = builders.client(workspace).post(f"/v1/posts/{post.id}/publish")

    assert answer.status_code == 202
    assert answer.json()["data"]["status"] == "publishing"
    again = builders.target(post, "bluesky")
    assert (again.status, again.error_code, again.failures) == ("pending", "", 0)
    assert again.due_at is not None
    after = builders.target(post, "twitter")
    assert (after.status, after.due_at, after.published_at) == ("published", None, live.published_at)


@pytest.mark.parametrize("status", ["publishing", "published"])
def test_it_refuses_what_is_under_way_or_done(status: str) -> None:
    workspace = builders.workspace()
    post = getattr(builders, status)(workspace)
    before = builders.target(post)

    body = builders.error(builders.client(workspace).post(f"/v1/posts/{post.id}/publish"))

    assert body["code"] == "post_not_editable"
    after = builders.target(post)
    assert (after.status, after.due_at, after.attempts) == (before.status, before.due_at, before.attempts)


@pytest.mark.parametrize("made", ["post", "failed"])
def test_it_refuses_an_account_that_must_be_connected_again(made: str) -> None:
    workspace = builders.workspace()
    post = getattr(builders, made)(workspace)
    Integration.objects.filter(workspace=workspace).update(status="needs_refresh")
    before = Post.objects.get(id=post.id)

    body = builders.error(builders.client(workspace).post(f"/v1/posts/{post.id}/publish"))

    assert body["code"] == "integration_not_active"
    assert Post.objects.get(id=post.id).status == before.status


def test_it_points_into_no_body_where_there_is_none() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, "a" * 281)

    body = builders.error(builders.client(workspace).post(f"/v1/posts/{post.id}/publish"))

    assert (body["code"], body["count"]) == ("text_too_long", 281)
    assert "field" not in body


def test_it_is_not_found_for_a_stranger_and_changes_nothing() -> None:
    post = builders.post(builders.workspace())
    client = builders.stranger()

    foreign = builders.error(client.post(f"/v1/posts/{post.id}/publish"), 404)
    unknown = builders.error(client.post(f"/v1/posts/{uuid.uuid4()}/publish"), 404)

    assert foreign | {"request_id": ""} == unknown | {"request_id": ""}
    assert builders.target(post).due_at is None
