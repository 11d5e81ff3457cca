"""GET /v1/posts"""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db


def test_it_lists_newest_first() -> None:
    workspace = builders.workspace()
    made = [builders.post(workspace, f"Post {number}") for number in range(3)]

    answer = builders.client(workspace).get("/v1/posts")

    assert answer.status_code == 200
    assert [post["id"] for post in answer.json()["data"]] == [str(post.id) for post in reversed(made)]


def test_it_orders_posts_of_one_moment_by_id() -> None:
    workspace = builders.workspace()
    made = [builders.post(workspace) for _ in range(5)]
    Post.objects.update(created_at=made[0].created_at)

    shown = builders.client(workspace).get("/v1/posts").json()["data"]

    assert [post["id"] for post in shown] == sorted((str(post.id) for post in made), reverse=True)


def test_it_shows_nothing_of_another_workspace() -> None:
    builders.post(builders.workspace())

    assert builders.stranger().get("/v1/posts").json()["data"] == []


@pytest.mark.parametrize("status", ["draft", "scheduled", "publishing", "published", "failed"])
def test_it_filters_by_status(status: str) -> None:
    workspace = builders.workspace()
    builders.post(workspace)
    builders.post(workspace, at=builders.soon())
    builders.publishing(workspace)
    builders.published(workspace)
    builders.failed(workspace)

    shown = builders.client(workspace).get("/v1/posts", {"status": status}).json()["data"]

    assert [post["status"] for post in shown] == [status]


@pytest.mark.parametrize("status", ["", "Draft", "pending", "draft,scheduled", "\0", "ä"])
def test_it_refuses_an_unknown_status(status: str) -> None:
    body = builders.error(builders.client(builders.workspace()).get("/v1/posts", {"status": status}))

    assert (body["code"], body["field"]) == ("invalid_status", "status")
    assert "draft, scheduled, publishing, published, failed" in body["error"]


def test_it_gives_20_unless_told_otherwise() -> None:
    workspace = builders.workspace()
    for _ in range(21):
        builders.post(workspace)
    client = builders.client(workspace)

    assert len(client.get("/v1/posts").json()["data"]) == 20
    assert len(client.get("/v1/posts", {"limit": 3}).json()["data"]) == 3
    assert len(client.get("/v1/posts", {"limit": 200}).json()["data"]) == 21


@pytest.mark.parametrize("limit", ["0", "201", "-1", "", "ten", "1.5", "1e2", "٣", " 5", "9" * 5000, "\0"])
def test_it_refuses_a_limit_outside_1_to_200(limit: str) -> None:
    body = builders.error(builders.client(builders.workspace()).get("/v1/posts", {"limit": limit}))

    assert (body["code"], body["field"]) == ("invalid_limit", "limit")


def test_it_asks_the_database_the_same_for_1_post_and_for_100(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    workspace = builders.workspace()
    client = builders.client(workspace)
    picture = builders.media(workspace)
    builders.post(workspace, platforms=["twitter", "bluesky"], media=[picture], thread=[("Two", [picture])])
    client.get("/v1/posts")  # the key's first use is noted

    with django_assert_num_queries(4):  # the key, the posts, their targets with the accounts, the files
        assert len(client.get("/v1/posts", {"limit": 200}).json()["data"]) == 1
    for _ in range(99):
        platforms = ["twitter", "bluesky", "mastodon"]
        builders.post(workspace, platforms=platforms, media=[picture], thread=["Two", ("Three", [picture])])
    # The posts twice: more than the first few are asked for when it is known how large they are.
    with django_assert_num_queries(5):
        assert len(client.get("/v1/posts", {"limit": 200}).json()["data"]) == 100
    with django_assert_num_queries(4):
        assert len(client.get("/v1/posts").json()["data"]) == 20


def test_it_shows_times_in_utc_with_a_z() -> None:
    workspace = builders.workspace()
    at = builders.soon(days=1)
    builders.post(workspace, at=at)

    (post,) = builders.client(workspace).get("/v1/posts").json()["data"]

    assert post["scheduled_at"] == builders.iso(at)
    assert post["created_at"].endswith("Z")
    assert at.utcoffset() == timedelta(0)
