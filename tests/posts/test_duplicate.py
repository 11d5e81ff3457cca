"""POST /v1/posts/{id}/duplicate"""

import uuid

import pytest

from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

SAME = ("content", "media", "thread", "split", "tags", "platform_overrides", "platform_settings")


@pytest.mark.parametrize("status", ["post", "publishing", "published", "failed"])
def test_it_makes_a_new_draft_of_the_same_content(status: str) -> None:
    workspace = builders.workspace()
    picture = builders.media(workspace)
    post = getattr(builders, status)(
        workspace,
        media=[picture],
        thread=["Two", ("Three", [picture])],
        split=True,
        content="Hello",
        platforms=["bluesky", "twitter"],
        tags=["launch"],
        group_id=uuid.uuid4(),
        overrides={"twitter": "On X"},
        settings={"twitter": {"who_can_reply": "verified"}},
    )
    client = builders.client(workspace)
    before = client.get(f"/v1/posts/{post.id}").json()["data"]

    answer = client.post(f"/v1/posts/{post.id}/duplicate")

    assert answer.status_code == 201
    copy = answer.json()["data"]
    assert copy["id"] != str(post.id)
    assert (copy["status"], copy["scheduled_at"], copy["published_at"]) == ("draft", None, None)
    assert {name: copy[name] for name in SAME} == {name: before[name] for name in SAME}
    targets = [
        (one["integrations"]["platform"], one["status"], one["platform_post_url"]) for one in copy["post_targets"]
    ]
    assert targets == [("bluesky", "pending", None), ("twitter", "pending", None)]
    assert client.get(f"/v1/posts/{post.id}").json()["data"] == before


def test_it_warns_of_what_would_keep_the_copy_from_going_out() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, "a" * 281)

    copy = builders.client(workspace).post(f"/v1/posts/{post.id}/duplicate").json()["data"]

    assert [one["code"] for one in copy["warnings"]] == ["text_too_long", "duplicate_text"]


def test_it_is_not_found_for_a_stranger_and_makes_nothing() -> None:
    post = builders.post(builders.workspace())
    client = builders.stranger()

    foreign = builders.error(client.post(f"/v1/posts/{post.id}/duplicate"), 404)
    unknown = builders.error(client.post(f"/v1/posts/{uuid.uuid4()}/duplicate"), 404)

    assert foreign | {"request_id": ""} == unknown | {"request_id": ""}
    assert Post.objects.count() == 1
