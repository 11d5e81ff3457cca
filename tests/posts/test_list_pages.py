"""GET /v1/posts, page by page."""

import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db


def pages(client: builders.ApiClient, **query: Any) -> Iterator[list[str]]:
    """The ids of page after page, as a program walks through them."""
    cursor: dict[str, str] = {}
    while True:
        answer = client.get("/v1/posts", {**query, **cursor}).json()
        yield [post["id"] for post in answer["data"]]
        if answer["next_cursor"] is None:
            return
        cursor = {"cursor": answer["next_cursor"]}


def test_it_walks_through_all_posts_newest_first() -> None:
    workspace = builders.workspace()
    made = [str(builders.post(workspace).id) for _ in range(7)]
    client = builders.client(workspace)

    assert list(pages(client, limit=3)) == [made[:3:-1], made[3:0:-1], made[:1]]
    assert list(pages(client, limit=7)) == [made[::-1]]
    assert list(pages(client)) == [made[::-1]]


def test_it_has_no_next_page_of_nothing() -> None:
    answer = builders.client(builders.workspace()).get("/v1/posts").json()

    assert answer == {"data": [], "next_cursor": None}


def test_it_walks_through_posts_of_one_moment() -> None:
    workspace = builders.workspace()
    made = [builders.post(workspace) for _ in range(9)]
    Post.objects.update(created_at=made[0].created_at)

    walked = [post_id for page in pages(builders.client(workspace), limit=2) for post_id in page]

    assert walked == sorted((str(post.id) for post in made), reverse=True)


def test_it_neither_skips_nor_repeats_a_post_while_others_come_and_go() -> None:
    dice = random.Random(20261125)
    workspace = builders.workspace()
    client = builders.client(workspace)
    there = [builders.post(workspace) for _ in range(30)]
    gone: set[str] = set()
    walked: list[str] = []
    for page in pages(client, limit=4):
        walked += page
        builders.post(workspace, "One more")
        post = there.pop(dice.randrange(len(there)))
        gone.add(str(post.id))
        post.delete()
    stayed = [str(post.id) for post in reversed(there)]

    assert len(walked) == len(set(walked))
    assert [post_id for post_id in walked if post_id not in gone] == stayed


def test_it_goes_on_after_a_post_that_was_deleted() -> None:
    workspace = builders.workspace()
    made = [builders.post(workspace) for _ in range(4)]
    client = builders.client(workspace)
    cursor = client.get("/v1/posts", {"limit": 2}).json()["next_cursor"]
    made[2].delete()

    rest = client.get("/v1/posts", {"cursor": cursor}).json()["data"]

    assert [post["id"] for post in rest] == [str(made[1].id), str(made[0].id)]


def test_it_keeps_a_filter_from_page_to_page() -> None:
    workspace = builders.workspace()
    made = [str(builders.post(workspace, tags=["odd"] if number % 2 else []).id) for number in range(10)]

    assert list(pages(builders.client(workspace), limit=2, tag="odd")) == [
        [made[9], made[7]],
        [made[5], made[3]],
        [made[1]],
    ]


def test_it_shows_nothing_of_another_workspace_by_its_cursor() -> None:
    workspace = builders.workspace()
    for _ in range(3):
        builders.post(workspace)
    cursor = builders.client(workspace).get("/v1/posts", {"limit": 1}).json()["next_cursor"]

    assert builders.stranger().get("/v1/posts", {"cursor": cursor}).json()["data"] == []


def changed(cursor: str) -> Iterator[str]:
    """What might be made of a cursor."""
    for place in range(0, len(cursor), 7):
        yield cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
    yield from ("", " ", "x", "\0", "ä", cursor[:-1], cursor + "A", cursor * 2, str(uuid.uuid4()), "." * 9, "9" * 9999)


def test_it_refuses_a_cursor_that_it_did_not_make() -> None:
    workspace = builders.workspace()
    for _ in range(2):
        builders.post(workspace)
    client = builders.client(workspace)
    cursor = client.get("/v1/posts", {"limit": 1}).json()["next_cursor"]

    assert len(client.get("/v1/posts", {"cursor": cursor}).json()["data"]) == 1
    for other in changed(cursor):
        body = builders.error(client.get("/v1/posts", {"cursor": other}))
        assert (body["code"], body["field"]) == ("invalid_cursor", "cursor")


@pytest.mark.parametrize("size", [100, 60_000])
def test_it_ends_a_page_early_when_its_posts_are_large(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("openpost.api.pages.LARGEST_PAGE", 40 * size)
    workspace = builders.workspace()
    made = [str(builders.post(workspace, "a" * (size // 2), thread=["ä" * (size // 4)]).id) for _ in range(90)]
    client = builders.client(workspace)

    found = list(pages(client, limit=200))

    assert [len(page) for page in found] == [41, 41, 8]
    assert [post_id for page in found for post_id in page] == made[::-1]
    assert list(pages(client, limit=40)) == [made[:49:-1], made[49:9:-1], made[9::-1]]


def test_one_post_is_a_page_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openpost.api.pages.LARGEST_PAGE", 1)
    workspace = builders.workspace()
    made = [str(builders.post(workspace).id) for _ in range(3)]

    assert list(pages(builders.client(workspace))) == [[made[2]], [made[1]], [made[0]]]
