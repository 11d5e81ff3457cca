"""DELETE /v1/posts/{id}"""

import uuid

import pytest
from django.utils import timezone

from posts import lifecycle
from posts.models import Post, PostTarget
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("made", ["post", "published", "failed"])
def test_it_is_gone_from_the_workspace(made: str) -> None:
    workspace = builders.workspace()
    post = getattr(builders, made)(workspace)
    client = builders.client(workspace)

    answer = client.delete(f"/v1/posts/{post.id}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert not PostTarget.objects.exists()
    builders.error(client.get(f"/v1/posts/{post.id}"), 404)
    builders.error(client.delete(f"/v1/posts/{post.id}"), 404)


def test_it_is_certain_that_a_scheduled_post_does_not_go_out_afterwards() -> None:
    workspace = builders.workspace()
    target = builders.due(workspace)
    assert target.due_at is not None

    assert builders.client(workspace).delete(f"/v1/posts/{target.post_id}").status_code == 204

    assert lifecycle.claim(target_id=target.id, token=target.due_at, now=timezone.now()) is None
    assert lifecycle.hand_off(now=builders.soon(days=999), most=10) == []


def test_it_is_refused_while_it_may_be_going_out() -> None:
    workspace = builders.workspace()
    post = builders.publishing(workspace)

    answer = builders.client(workspace).delete(f"/v1/posts/{post.id}")

    body = builders.error(answer, 409)
    assert answer["Retry-After"] == "5"
    assert (body["code"], body["post_ids"]) == ("post_is_publishing", [str(post.id)])
    assert Post.objects.filter(id=post.id).exists()


def test_it_is_not_found_for_a_stranger_and_stays() -> None:
    post = builders.post(builders.workspace())
    client = builders.stranger()

    foreign = builders.error(client.delete(f"/v1/posts/{post.id}"), 404)
    unknown = builders.error(client.delete(f"/v1/posts/{uuid.uuid4()}"), 404)

    assert foreign | {"request_id": ""} == unknown | {"request_id": ""}
    assert Post.objects.filter(id=post.id).exists()
