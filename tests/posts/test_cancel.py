"""POST /v1/posts/{id}/cancel"""

import uuid

import pytest
from django.utils import timezone

from posts import lifecycle
from tests import builders

pytestmark = pytest.mark.django_db


def test_it_makes_a_scheduled_post_a_draft() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, platforms=["twitter", "bluesky"], at=builders.soon())

    answer = builders.client(workspace).post(f"/v1/posts/{post.id}/cancel")

    assert answer.status_code == 200
    shown = answer.json()["data"]
    assert (shown["status"], shown["scheduled_at"]) == ("draft", None)
    assert {one.due_at for one in post.targets.all()} == {None}


def test_it_is_certain_that_nothing_goes_out_afterwards() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, at=timezone.now())
    target = builders.target(post)
    assert target.due_at is not None

    builders.client(workspace).post(f"/v1/posts/{post.id}/cancel")

    assert lifecycle.claim(target_id=target.id, token=target.due_at, now=timezone.now()) is None
    assert lifecycle.hand_off(now=builders.soon(days=999), most=10) == []


@pytest.mark.parametrize("status", ["publishing", "published", "failed"])
def test_it_is_too_late_once_it_has_begun(status: str) -> None:
    workspace = builders.workspace()
    post = getattr(builders, status)(workspace)

    body = builders.error(builders.client(workspace).post(f"/v1/posts/{post.id}/cancel"))

    assert body["code"] == "post_not_editable"
    post.refresh_from_db()
    assert post.status == status


def test_it_is_not_found_for_a_stranger_and_changes_nothing() -> None:
    post = builders.post(builders.workspace(), at=builders.soon())
    client = builders.stranger()

    foreign = builders.error(client.post(f"/v1/posts/{post.id}/cancel"), 404)
    unknown = builders.error(client.post(f"/v1/posts/{uuid.uuid4()}/cancel"), 404)

    assert foreign | {"request_id": ""} == unknown | {"request_id": ""}
    post.refresh_from_db()
    assert post.status == "scheduled"
