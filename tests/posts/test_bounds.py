"""What one request may ask for: parts, files and characters, each once per account; and what the most of it takes."""

import json
from time import process_time
from typing import Any

import pytest

from integrations.models import Workspace
from integrations.platforms.base import MOST_PARTS
from posts.bounds import MOST, SPLITTING
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

#: Seconds of processor time, and bytes of an answer: what the bounds are there for. The machine of a test may be slow.
SECONDS = 3
BYTES = 6_000_000


def accounts(workspace: Workspace, number: int, *platforms: str) -> list[str]:
    return [
        str(builders.integration(workspace, platforms[index % len(platforms)] if platforms else "twitter").id)
        for index in range(number)
    ]


def body(parts: int, ids: list[str], text: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {"content": text, "thread": [{"content": text}] * (parts - 1), "integrations": ids, **fields}


def too_much(said: dict[str, Any], unit: str, count: int) -> None:
    assert (said["code"], said["unit"], said["count"], said["limit"]) == (
        "too_much_at_once",
        unit,
        count,
        getattr(MOST, unit),
    )
    assert f"{count:,} {unit}" in said["error"]


@pytest.mark.parametrize("path", ["/v1/posts", "/v1/posts/validate"])
def test_it_takes_so_many_parts_and_no_more(path: str) -> None:
    workspace = builders.workspace()
    ids = accounts(workspace, 41)
    client = builders.client(workspace)

    assert client.post(path, body(25, ids[:40])).status_code < 300
    too_much(builders.error(client.post(path, body(25, ids))), "parts", 25 * 41)


@pytest.mark.parametrize("path", ["/v1/posts", "/v1/posts/validate"])
def test_it_takes_so_many_characters_and_no_more(path: str) -> None:
    workspace = builders.workspace()
    ids = accounts(workspace, 5)
    client = builders.client(workspace)

    assert client.post(path, body(1, ids, "a" * 100_000)).status_code < 300
    said = builders.error(client.post(path, body(2, ids, "a" * 50_001)))
    too_much(said, "characters", 500_010)


def test_it_counts_the_text_that_each_account_gets() -> None:
    workspace = builders.workspace()
    ids = [*accounts(workspace, 50), *accounts(workspace, 2, "bluesky")]
    client = builders.client(workspace)
    texts = {"platform_overrides": {"bluesky": "b" * 100_000}}

    said = client.post("/v1/posts/validate", body(1, ids, "a" * 6_000, **texts))
    assert said.status_code == 200
    too_much(
        builders.error(client.post("/v1/posts/validate", body(1, ids, "a" * 6_001, **texts))), "characters", 500_050
    )


def test_it_takes_so_many_files_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posts.bounds.MOST", MOST.__class__(parts=100, files=3, characters=100))
    workspace = builders.workspace()
    files = [str(builders.media(workspace).id) for _ in range(2)]
    client, ids = builders.client(workspace), accounts(workspace, 2)

    assert client.post("/v1/posts", body(1, ids[:1], media_ids=files)).status_code == 201
    said = builders.error(client.post("/v1/posts", body(1, ids, media_ids=files)))
    assert (said["unit"], said["count"], said["limit"]) == ("files", 4, 3)


def test_it_counts_the_posts_of_a_group_together_and_makes_none() -> None:
    workspace = builders.workspace()
    client, ids = builders.client(workspace), accounts(workspace, 21)

    said = builders.error(client.post("/v1/posts/group", {"posts": [body(1, ids)] * 48}))

    too_much(said, "parts", 48 * 21)
    assert Post.objects.count() == 0


def test_it_counts_the_lines_of_a_table_together_and_makes_none() -> None:
    workspace = builders.workspace()
    ids = accounts(workspace, 11)
    table = "content,integrations\n" + f'Hello,"{",".join(ids)}"\n' * 100

    said = builders.error(builders.client(workspace).post("/v1/posts/import", table, content_type="text/csv"))

    too_much(said, "parts", 1100)
    assert Post.objects.count() == 0


def test_it_counts_what_a_change_makes_of_a_post() -> None:
    workspace = builders.workspace()
    client = builders.client(workspace)
    made = client.post("/v1/posts", body(1, accounts(workspace, 50))).json()["data"]

    said = builders.error(client.patch(f"/v1/posts/{made['id']}", {"thread": [{"content": "More"}] * 20}))

    too_much(said, "parts", 21 * 50)
    assert Post.objects.get().thread == []


@pytest.mark.parametrize(
    ("parts", "number", "text"),
    [
        (25, 40, "#t " * 100),  # all that can be told of a text stands beside it
        (25, 40, "@a.bsky.social a.de " * 15),
        (1, 50, "#t " * 3_333),
        (1, 5, "a" * 100_000),
        (1, 5, "👩‍👩‍👧‍👦" * 14_000),
        (25, 2, "word and more. " * 650),
        (25, 2, "https://a.de " * 760),
    ],
    ids=["tags", "mentions", "many tags", "long", "emoji", "words", "links"],
)
@pytest.mark.parametrize("split", [False, True])
def test_it_shows_the_most_that_is_taken_soon_and_in_few_bytes(parts: int, number: int, text: str, split: bool) -> None:
    workspace = builders.workspace()
    ids = accounts(workspace, max(number // (SPLITTING if split else 1), 1), "bluesky", "twitter")
    if len(text) * parts * len(ids) * (SPLITTING if split else 1) > MOST.characters:
        text = text[: MOST.characters // (SPLITTING * parts * len(ids))]
    said = json.dumps(body(parts, ids, text, split=split), ensure_ascii=False)
    client = builders.client(workspace)
    begun = process_time()

    answer = client.generic("POST", "/v1/posts/validate", said, "application/json")

    assert answer.status_code == 200
    assert process_time() - begun < SECONDS
    assert len(answer.content) < BYTES


def test_it_makes_the_most_that_is_taken_soon() -> None:
    workspace = builders.workspace()
    client, ids = builders.client(workspace), accounts(workspace, 20, "bluesky", "twitter")
    begun = process_time()

    answer = client.post("/v1/posts/group", {"posts": [body(1, ids, schedule_at=builders.iso(builders.soon()))] * 50})

    assert answer.status_code == 201
    assert process_time() - begun < SECONDS
    assert len(answer.content) < BYTES


SPACE = "\u00a0"
THREADS = "twitter", "bluesky", "threads", "mastodon"


@pytest.mark.parametrize("text", ["中.com", SPACE, f"x{SPACE * 50}", "。", "👍🏽"], ids=ascii)
@pytest.mark.parametrize(
    ("posts", "parts", "platforms"), [(1, 25, THREADS), (1, 1, THREADS), (50, 1, THREADS[:1]), (50, 1, THREADS)]
)
def test_it_splits_the_most_that_is_taken_soon(posts: int, parts: int, platforms: tuple[str, ...], text: str) -> None:
    workspace = builders.workspace()
    size = MOST.characters // SPLITTING // (posts * parts * len(platforms))
    one = body(parts, accounts(workspace, len(platforms), *platforms), (text * size)[:size], split=True)
    said = json.dumps({"posts": [one] * posts}, ensure_ascii=False)
    begun = process_time()

    answer = builders.client(workspace).generic("POST", "/v1/posts/group", said, "application/json")

    assert answer.status_code in (201, 400)
    assert answer.status_code == 201 or builders.error(answer)["code"] != "too_much_at_once"
    assert process_time() - begun < SECONDS


def test_a_character_of_a_text_to_be_split_counts_for_more() -> None:
    workspace = builders.workspace()
    client, ids = builders.client(workspace), accounts(workspace, 2)

    assert client.post("/v1/posts/validate", body(1, ids, "a" * 25_000, split=True)).status_code == 200
    said = builders.error(client.post("/v1/posts/validate", body(1, ids, "a" * 25_001, split=True)))
    too_much(said, "characters", 500_020)


def test_a_thread_is_not_taken_apart_beyond_what_is_refused_anyhow() -> None:
    """Each of its 25 texts could have 25 parts of its own."""
    workspace = builders.workspace()
    post = builders.post(workspace, thread=["word " * 80] * 24, content="word " * 80, split=True)
    # What was written before there was a bound is read with it.
    post.content, post.thread = "word " * 800, ["word " * 800] * 24

    assert MOST_PARTS < len(post.parts_for(builders.integration(workspace, "twitter"))) <= 3 * MOST_PARTS
