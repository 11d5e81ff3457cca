"""`thread`: the parts of a post after its first."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from integrations.models import Workspace
from integrations.platforms.base import MOST_PARTS
from posts import lifecycle
from posts.models import Post
from tests import builders
from tests.posts.test_create import create, refused
from tests.posts.test_media_ids import ids, stored
from tests.posts.test_patch import patch, shown

pytestmark = pytest.mark.django_db

TWO = {"content": "Two"}


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


@pytest.fixture
def client(workspace: Workspace) -> builders.ApiClient:
    return builders.client(workspace)


def texts(post: dict[str, Any]) -> list[str]:
    return [part["content"] for part in post["thread"]]


def test_it_keeps_each_part_with_its_text_and_files(client: builders.ApiClient, workspace: Workspace) -> None:
    one, two = builders.media(workspace), builders.media(workspace)
    thread = [
        {"content": " Two\n", "media_ids": ids(one, two)},
        {"content": "Three"},
        {"content": "", "media": ids(two)},
    ]

    made = create(client, platforms=["twitter", "bluesky"], thread=thread)

    assert texts(made) == [" Two\n", "Three", ""]
    assert [[file["id"] for file in part["media"]] for part in made["thread"]] == [ids(one, two), [], ids(two)]
    assert [part for part, _, _ in stored(made)] == [1, 1, 3]
    assert made["warnings"] == []
    assert shown(client, Post.objects.get()) == made


def test_it_takes_a_thread_as_it_shows_it(client: builders.ApiClient, workspace: Workspace) -> None:
    first = create(
        client, thread=[{"content": "Two", "media_ids": ids(builders.media(workspace))}, {"content": "Three"}]
    )

    again = create(client, content="Again", thread=first["thread"])

    assert (again["thread"], again["warnings"]) == (first["thread"], [])


def test_it_makes_one_target_of_a_thread(client: builders.ApiClient) -> None:
    made = create(client, thread=[TWO], schedule_at=builders.iso(builders.soon()))

    (target,) = made["post_targets"]
    assert (target["thread_urls"], made["status"]) == ([], "scheduled")


@pytest.mark.parametrize(
    ("thread", "code", "field"),
    [
        (None, "invalid_value", "/thread"),
        ("Two", "invalid_value", "/thread"),
        ({"content": "Two"}, "invalid_value", "/thread"),
        (["Two"], "invalid_value", "/thread/0"),
        ([TWO, None], "invalid_value", "/thread/1"),
        ([TWO, {}], "field_required", "/thread/1/content"),
        ([{"content": None}], "invalid_value", "/thread/0/content"),
        ([{"content": 7}], "invalid_value", "/thread/0/content"),
        ([{"content": "a" * 100_001}], "invalid_value", "/thread/0/content"),
        ([{"content": "nul\0"}], "invalid_text", "/thread/0/content"),
        ([TWO, TWO | {"media_ids": "x"}], "invalid_value", "/thread/1/media_ids"),
        ([TWO, TWO | {"media": ["x"]}], "invalid_value", "/thread/1/media/0"),
        ([TWO, TWO | {"media_ids": [str(uuid.UUID(int=7))]}], "media_not_found", "/thread/1/media_ids/0"),
        ([TWO] * MOST_PARTS, "invalid_value", "/thread"),
    ],
)
def test_it_names_the_part_that_is_wrong(client: builders.ApiClient, thread: Any, code: str, field: str) -> None:
    body = refused(client, thread=thread)
    assert (body["code"], body["field"]) == (code, field)


def test_it_names_the_file_that_stands_twice_in_a_part(client: builders.ApiClient, workspace: Workspace) -> None:
    one = builders.media(workspace)
    body = refused(client, thread=[TWO, {"content": "Three", "media_ids": ids(one, one)}])
    assert (body["code"], body["field"]) == ("named_twice", "/thread/1/media_ids/1")


def test_it_takes_as_many_parts_as_a_thread_may_have(client: builders.ApiClient) -> None:
    made = create(client, thread=[TWO] * (MOST_PARTS - 1), schedule_at=builders.iso(builders.soon()))
    assert len(made["thread"]) == MOST_PARTS - 1


def test_it_names_the_fields_of_a_part_that_mean_nothing(client: builders.ApiClient) -> None:
    made = create(client, thread=[TWO, TWO | {"colour": "red"}], font=1)
    assert [(one["code"], one["field"]) for one in made["warnings"]] == [
        ("field_ignored", "/font"),
        ("field_ignored", "/thread/1/colour"),
    ]


# What the platforms say of it ---------------------------------------------------------------------------------------


def test_it_checks_every_part_by_each_platforms_own_counting(client: builders.ApiClient) -> None:
    thread = [TWO, {"content": "a" * 281}, {"content": " "}]

    body = refused(client, platforms=["twitter", "bluesky"], thread=thread, schedule_at=builders.iso(builders.soon()))

    assert [(one["code"], one["field"], one["platform"]) for one in body["details"]] == [
        ("text_too_long", "/thread/1/content", "twitter"),
        ("text_required", "/thread/2/content", "twitter"),
        ("text_required", "/thread/2/content", "bluesky"),
    ]


def test_it_refuses_a_thread_where_there_are_none(client: builders.ApiClient) -> None:
    fields = {"platforms": ["linkedin", "mastodon"], "thread": [TWO]}

    body = refused(client, **fields, schedule_at=builders.iso(builders.soon()))
    draft = create(client, **fields)

    assert (body["code"], body["field"], body["platform"]) == ("thread_not_supported", "/thread", "linkedin")
    assert [one["code"] for one in draft["warnings"]] == ["thread_not_supported"]


def test_it_gives_a_platform_its_own_first_part_and_the_same_others(client: builders.ApiClient) -> None:
    body = {"content": "One", "platforms": ["twitter", "bluesky"], "thread": [TWO]}

    found = client.post("/v1/posts/validate", body | {"platform_overrides": {"bluesky": "On Bluesky"}}).json()["data"]

    assert [[part["content"] for part in target["parts"]] for target in found["targets"]] == [
        ["One", "Two"],
        ["On Bluesky", "Two"],
    ]


# Changing -----------------------------------------------------------------------------------------------------------


def test_it_says_what_a_part_must_be(client: builders.ApiClient, workspace: Workspace) -> None:
    answer = client.post("/v1/posts", {"content": "One", "thread": ["Two"], "platforms": ["twitter"]})
    assert answer.json()["error"] == "thread.0 must be an object."


@pytest.mark.parametrize("scheduled", [False, True])
def test_it_changes_the_thread_as_a_whole(client: builders.ApiClient, workspace: Workspace, scheduled: bool) -> None:
    one = builders.media(workspace)
    at = builders.soon() if scheduled else None
    post = builders.post(workspace, media=[one], thread=["Two", ("Three", [one])], at=at)

    kept = patch(client, post, content="Other")
    other = patch(client, post, thread=[{"content": "2"}])
    gone = patch(client, post, thread=[])

    assert texts(kept) == ["Two", "Three"]
    assert (other["thread"], [file["id"] for file in other["media"]]) == ([{"content": "2", "media": []}], ids(one))
    assert (gone["thread"], gone["status"]) == ([], "scheduled" if scheduled else "draft")
    assert Post.objects.get().attachments.count() == 1


def test_it_changes_nothing_when_a_part_is_wrong(client: builders.ApiClient, workspace: Workspace) -> None:
    post = builders.post(workspace, thread=["Two"], at=builders.soon())
    before = shown(client, post)

    for part in ({}, {"content": "a" * 281}, {"content": "Two", "media_ids": [str(uuid.uuid4())]}):
        builders.error(client.patch(f"/v1/posts/{post.id}", {"content": "Other", "thread": [part]}))

    assert shown(client, post) == before


# Going out ----------------------------------------------------------------------------------------------------------


def test_it_shows_where_the_parts_are_that_are_live(client: builders.ApiClient, workspace: Workspace) -> None:
    urls = [f"https://example.com/{number}" for number in range(3)]
    target = builders.due(workspace, thread=["Two", "Three"])
    claim = builders.claimed(target)

    def found() -> tuple[str, list[str], str | None]:
        post = shown(client, target.post)
        (one,) = post["post_targets"]
        return post["status"], one["thread_urls"], one["platform_post_url"]

    assert found() == ("publishing", [], None)
    assert lifecycle.part_live(claim, urls=urls[:1], now=timezone.now())
    assert found() == ("publishing", urls[:1], None)
    assert lifecycle.live(claim, remote_id="1", urls=urls, now=timezone.now())
    assert found() == ("published", urls, urls[0])
