"""GET /v1/posts, narrowed down."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from integrations.models import Workspace
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db


def found(workspace: Workspace, **query: Any) -> set[str]:
    """The contents of the posts that are listed."""
    answer = builders.client(workspace).get("/v1/posts", query)
    assert answer.status_code == 200, answer.content
    return {post["content"] for post in answer.json()["data"]}


def test_it_filters_by_tag() -> None:
    workspace = builders.workspace()
    builders.post(workspace, "both", tags=["spring", "sale"])
    builders.post(workspace, "one", tags=["sale"])
    builders.post(workspace, "none")

    assert found(workspace, tag="sale") == {"both", "one"}
    assert found(workspace, tag="spring") == {"both"}
    assert found(workspace, tag="Sale") == set()
    assert found(workspace, tag="sal") == set()


def test_it_filters_by_platform_whatever_its_account_is_called_now() -> None:
    workspace = builders.workspace()
    builders.post(workspace, "both", platforms=["twitter", "bluesky"])
    builders.post(workspace, "one", platforms=["bluesky"])
    workspace.integrations.update(status="needs_refresh")

    assert found(workspace, platform="bluesky") == {"both", "one"}
    assert found(workspace, platform="twitter") == found(workspace, platform="x") == {"both"}
    assert found(workspace, platform="threads") == set()
    assert found(builders.workspace("live"), platform="twitter") == set()


def test_it_filters_by_group() -> None:
    workspace, group_id = builders.workspace(), uuid.uuid4()
    builders.post(workspace, "in", group_id=group_id)
    builders.post(workspace, "out")

    assert found(workspace, group_id=group_id) == {"in"}
    assert found(workspace, group_id=uuid.uuid4()) == set()


def test_it_filters_by_time_from_and_before() -> None:
    workspace, at = builders.workspace(), builders.soon(days=1)
    for hours in range(4):
        builders.post(workspace, str(hours), at=at + timedelta(hours=hours))
    builders.post(workspace, "no time")

    assert found(workspace, **{"from": builders.iso(at + timedelta(hours=2))}) == {"2", "3"}
    assert found(workspace, to=builders.iso(at + timedelta(hours=2))) == {"0", "1"}
    both = {"from": builders.iso(at + timedelta(hours=1)), "to": builders.iso(at + timedelta(hours=3))}
    assert found(workspace, **both) == {"1", "2"}
    assert found(workspace, to=(at + timedelta(hours=1)).isoformat().replace("+00:00", "+02:00")) == set()


@pytest.mark.parametrize(
    "piece", ["lo wor", "HELLO", "hello world", "ld", "größe", "GRÖ", "東京", "100%", "%_", "a\\b"]
)
def test_it_finds_a_piece_of_the_text_in_small_or_capital_letters(piece: str) -> None:
    workspace = builders.workspace()
    text = "Hello World: Größe 100%_a\\b 東京都"
    builders.post(workspace, text)
    builders.post(workspace, "Something else")

    assert found(workspace, q=piece) == {text}


def test_it_finds_a_piece_of_a_thread() -> None:
    workspace = builders.workspace()
    builders.post(workspace, "First")
    Post.objects.update(thread=["Second part", "Third part"])

    assert found(workspace, q="third P") == {"First"}
    assert found(workspace, q="First\nsecond") == {"First"}
    assert found(workspace, q="fourth") == set()


def test_it_finds_no_text_that_has_the_letters_in_another_order() -> None:
    workspace = builders.workspace()
    builders.post(workspace, "abcd bcde cdef")

    assert found(workspace, q="abcdef") == set()


def test_it_finds_what_a_long_text_ends_with() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)
    Post.objects.filter(id=post.id).update(content="ä" * 99_990 + " the end")

    assert len(found(workspace, q="ä the end")) == 1


def test_it_keeps_what_all_filters_keep() -> None:
    workspace, at = builders.workspace(), builders.soon(days=1)
    for content, tags, platforms in [("Yes", ["a"], ["x"]), ("Yes, but", [], ["x"]), ("Yes and", ["a"], ["bluesky"])]:
        builders.post(workspace, content, tags=tags, platforms=platforms, at=at)

    assert found(workspace, q="yes", tag="a", platform="x", status="scheduled", to="2999-01-01T00:00:00Z") == {"Yes"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"tag": "\0"}, "invalid_text"),
        ({"platform": "myspace"}, "unknown_platform"),
        ({"platform": ""}, "unknown_platform"),
        ({"group_id": "7"}, "invalid_value"),
        ({"from": "yesterday"}, "invalid_value"),
        ({"from": "2026-05-01"}, "invalid_value"),
        ({"to": "2026-05-01T14:00:00"}, "invalid_value"),
        ({"to": "2026-05-01T14:00:00 02:00"}, "invalid_value"),
        ({"q": ""}, "invalid_value"),
        ({"q": "a"}, "invalid_value"),
        ({"q": "a" * 201}, "invalid_value"),
        ({"q": "a\0"}, "invalid_text"),
    ],
)
def test_it_refuses_a_filter_that_means_nothing(query: dict[str, str], code: str) -> None:
    body = builders.error(builders.client(builders.workspace()).get("/v1/posts", query))

    assert (body["code"], body["field"]) == (code, next(iter(query)))


def test_it_refuses_a_tag_of_nothing() -> None:
    answer = builders.client(builders.workspace()).get("/v1/posts", {"tag": ""})

    assert (builders.error(answer)["code"], answer.json()["field"]) == ("invalid_value", "tag")


def test_it_refuses_a_cursor_that_was_made_for_other_filters() -> None:
    workspace = builders.workspace()
    client = builders.client(workspace)
    for number in range(3):
        builders.post(workspace, str(number), tags=["a", "b"])
    cursor = client.get("/v1/posts", {"tag": "a", "limit": "1"}).json()["next_cursor"]

    wrong: list[dict[str, str]] = [{}, {"tag": "b"}, {"tag": "a", "status": "draft"}]
    for others in wrong:
        answer = client.get("/v1/posts", {**others, "cursor": cursor})
        assert (builders.error(answer)["code"], answer.json()["field"]) == ("invalid_cursor", "cursor")

    same = client.get("/v1/posts", {"limit": "2", "cursor": cursor, "tag": "a"}).json()["data"]
    assert [post["content"] for post in same] == ["1", "0"]
