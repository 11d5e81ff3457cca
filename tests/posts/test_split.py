"""`split`: a text that is too long becomes a thread, platform by platform."""

from typing import Any

import pytest

from integrations.models import Workspace
from posts.models import Post
from tests import builders
from tests.posts.test_create import create, refused
from tests.posts.test_patch import patch
from tests.posts.test_validate import validate

pytestmark = pytest.mark.django_db

SENTENCE = "This is a sentence of forty-three letters. "
LONG = SENTENCE * 14


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


@pytest.fixture
def client(workspace: Workspace) -> builders.ApiClient:
    return builders.client(workspace)


def parts_of(found: dict[str, Any]) -> list[list[str]]:
    return [[part["content"] for part in target["parts"]] for target in found["targets"]]


def test_it_schedules_a_long_text_only_when_it_may_be_split(client: builders.ApiClient) -> None:
    fields = {"content": LONG, "platforms": ["twitter", "bluesky"], "schedule_at": builders.iso(builders.soon())}

    assert {one["code"] for one in refused(client, **fields)["details"]} == {"text_too_long"}
    made = create(client, **fields, split=True)

    assert (made["content"], made["split"], made["warnings"]) == (LONG, True, [])


def test_it_splits_for_each_platform_by_its_own_counting(client: builders.ApiClient) -> None:
    found = validate(client, content=LONG, platforms=["twitter", "mastodon", "linkedin"], split=True)

    twitter, mastodon, linkedin = parts_of(found)
    assert found["valid"]
    assert [len(part) for part in twitter] == [6 * 43 - 1, 6 * 43 - 1, 2 * 43]
    assert [len(part) for part in mastodon] == [11 * 43 - 1, 3 * 43]
    assert linkedin == [LONG]
    assert " ".join(twitter) == " ".join(mastodon) == LONG


def test_it_separates_at_the_authors_lines_whatever_the_length(client: builders.ApiClient) -> None:
    content = "One\n---\nTwo"
    assert parts_of(validate(client, content=content, split=True)) == [["One", "Two"]]
    assert parts_of(validate(client, content=content)) == [[content]]


def test_it_splits_parts_of_a_thread_and_a_platforms_own_text(client: builders.ApiClient) -> None:
    found = validate(
        client,
        platforms=["twitter", "bluesky"],
        split=True,
        platform_overrides={"bluesky": "On\n---\nBluesky"},
        thread=[{"content": "Two\n---\nThree"}],
    )

    assert parts_of(found) == [["Hello world", "Two", "Three"], ["On", "Bluesky", "Two", "Three"]]


def test_it_leaves_the_files_with_the_first_piece_of_their_part(
    client: builders.ApiClient, workspace: Workspace
) -> None:
    media = [str(builders.media(workspace).id)]

    found = validate(
        client, content="One\n---\nTwo", split=True, media_ids=media, thread=[{"content": LONG, "media_ids": media}]
    )

    shown = [[one["id"] for one in part["media"]] for part in found["targets"][0]["parts"]]
    assert shown == [media, [], media, [], []]


def test_it_says_where_there_would_be_too_many_parts(client: builders.ApiClient) -> None:
    fields = {"content": "part\n---\n" * 26, "split": True}

    found = validate(client, **fields)
    body = refused(client, **fields, schedule_at=builders.iso(builders.soon()))

    assert not found["valid"]
    assert (body["code"], body["field"]) == ("thread_too_long", "/content")
    assert (body["count"], body["limit"], body["unit"]) == (26, 25, "parts")


def test_it_says_where_there_are_no_threads(client: builders.ApiClient) -> None:
    lines = validate(client, content="One\n---\nTwo", platforms=["linkedin"], split=True)
    long = validate(client, content="a" * 3001, platforms=["linkedin"], split=True)

    assert [[one["code"] for one in found["targets"][0]["problems"]] for found in (lines, long)] == [
        ["thread_not_supported"],
        ["text_too_long"],
    ]
    assert lines["targets"][0]["problems"][0]["field"] == "/content"


@pytest.mark.parametrize("value", [None, 1, "true", []])
def test_it_is_true_or_false(client: builders.ApiClient, value: Any) -> None:
    body = refused(client, split=value)
    assert (body["code"], body["field"]) == ("invalid_value", "/split")


def test_it_can_be_switched_on_and_off(client: builders.ApiClient, workspace: Workspace) -> None:
    post = builders.post(workspace, LONG)

    on = patch(client, post, split=True)
    kept = patch(client, post, tags=["a"])
    off = patch(client, post, split=False)

    assert [one["split"] for one in (on, kept, off)] == [True, True, False]
    assert [[warning["code"] for warning in one["warnings"]] for one in (on, off)] == [[], ["text_too_long"]]


def test_it_is_not_switched_off_under_a_scheduled_post_that_needs_it(
    client: builders.ApiClient, workspace: Workspace
) -> None:
    post = builders.post(workspace, LONG, split=True, at=builders.soon())

    assert builders.error(client.patch(f"/v1/posts/{post.id}", {"split": False}))["code"] == "text_too_long"
    assert Post.objects.get().split


@pytest.mark.parametrize("piece", ["a", "word ", "https://", "a.b.", "👨‍👩‍👧‍👦", "\n---\n", "."])
def test_it_answers_soon_whatever_it_is_given(client: builders.ApiClient, piece: str) -> None:
    # As much as may be split for three platforms (bounds.py).
    content = piece * (16_000 // len(piece))
    found = validate(client, content=content, split=True, platforms=["twitter", "bluesky", "mastodon"])
    assert all(len(target["parts"]) <= 25 for target in found["targets"])
