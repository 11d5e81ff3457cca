"""GET and DELETE /v1/posts/group/{group_id}"""

import uuid

import pytest
from pytest_django import DjangoAssertNumQueries

from integrations.models import Workspace
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db
GROUP = uuid.UUID(int=1)


def group(workspace: Workspace, posts: int = 3) -> list[str]:
    return [str(builders.post(workspace, f"Part {number}", group_id=GROUP).id) for number in range(posts)]


def test_it_lists_a_group_oldest_first() -> None:
    workspace = builders.workspace()
    ids = group(workspace)
    builders.post(workspace, group_id=uuid.uuid4())
    builders.post(workspace)

    answer = builders.client(workspace).get(f"/v1/posts/group/{GROUP}")

    assert answer.status_code == 200
    assert [post["id"] for post in answer.json()["data"]] == ids


def test_it_lists_a_whole_group_with_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    workspace = builders.workspace()
    group(workspace, posts=30)
    client = builders.client(workspace)
    client.get("/v1/posts")

    with django_assert_num_queries(3):  # the key, the posts, their targets with the accounts
        assert len(client.get(f"/v1/posts/group/{GROUP}").json()["data"]) == 30


def test_it_lists_nothing_for_an_unknown_group_nor_for_a_stranger() -> None:
    workspace = builders.workspace()
    group(workspace)

    unknown = builders.client(workspace).get(f"/v1/posts/group/{uuid.uuid4()}")
    foreign = builders.stranger().get(f"/v1/posts/group/{GROUP}")

    assert (unknown.status_code, unknown.json()) == (200, {"data": []})
    assert (foreign.status_code, foreign.json()) == (200, {"data": []})


@pytest.mark.parametrize("method", ["get", "delete"])
def test_it_is_not_found_under_a_malformed_id(method: str) -> None:
    builders.error(getattr(builders.client(builders.workspace()), method)("/v1/posts/group/mine"), 404)


def test_it_deletes_every_post_of_the_group_and_no_other() -> None:
    workspace = builders.workspace()
    group(workspace)
    builders.published(workspace, group_id=GROUP)
    other = builders.post(workspace)
    foreign = builders.post(builders.workspace(), group_id=GROUP)

    answer = builders.client(workspace).delete(f"/v1/posts/group/{GROUP}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert set(Post.objects.all()) == {other, foreign}


def test_it_deletes_all_or_none() -> None:
    workspace = builders.workspace()
    group(workspace)
    held = builders.publishing(workspace, group_id=GROUP)

    body = builders.error(builders.client(workspace).delete(f"/v1/posts/group/{GROUP}"), 409)

    assert (body["code"], body["post_ids"]) == ("post_is_publishing", [str(held.id)])
    assert str(held.id) in body["error"]
    assert Post.objects.filter(group_id=GROUP).count() == 4


def test_it_finds_no_unknown_group_to_delete_nor_a_strangers() -> None:
    workspace = builders.workspace()
    group(workspace)
    client = builders.stranger()

    foreign = builders.error(client.delete(f"/v1/posts/group/{GROUP}"), 404)
    unknown = builders.error(client.delete(f"/v1/posts/group/{uuid.uuid4()}"), 404)

    assert foreign | {"request_id": ""} == unknown | {"request_id": ""}
    assert Post.objects.count() == 3
