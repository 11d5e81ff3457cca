"""What somebody did with a post stands in its timeline: written with the deed, and only if something was done."""

import re
import uuid
from collections.abc import Sequence

import pytest
from django.test import Client

from integrations.models import ApiKey
from openpost.api.errors import ApiError
from posts import actions, telling
from posts.models import Event, Post
from posts.words import ThreadPart, Words
from tests import builders

from .test_admin import form_of, page_of

pytestmark = pytest.mark.django_db


def told(post: Post) -> list[tuple[str, str]]:
    return [(event.kind, event.message) for event in post.events.all()]


def since(post: Post, known: int) -> list[tuple[str, str]]:
    return told(post)[known:]


def test_it_tells_of_a_draft_and_of_a_scheduled_post() -> None:
    workspace = builders.workspace()
    at = builders.soon(days=2).replace(second=0)
    assert told(builders.post(workspace, platforms=["twitter", "bluesky"])) == [
        ("created", "Created as a draft for X and Bluesky.")
    ]
    assert told(builders.post(workspace, platforms=["twitter", "bluesky", "mastodon"], at=at)) == [
        ("created", "Created for X, Bluesky and Mastodon."),
        ("scheduled", f"Scheduled for {at:%Y-%m-%d %H:%M} UTC."),
    ]


def test_it_names_the_accounts_of_a_platform_that_comes_twice() -> None:
    workspace = builders.workspace()
    other = builders.integration(workspace, username="ann")
    post = builders.post(workspace, integrations=[builders.account(workspace).id, other.id])
    assert told(post) == [("created", "Created as a draft for X (sandbox) and X (ann).")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (Words(content="Other words"), "The text was changed."),
        (Words(tags=["a"]), "The tags were changed."),
        (Words(platform_overrides={"bluesky": "Hi"}), "The text for Bluesky was changed."),
        (Words(platform_settings={"twitter": {"who_can_reply": "verified"}}), "The settings for X were changed."),
        (Words(platform_overrides={"bluesky": "Hi"}, tags=["a"]), "The text for Bluesky and the tags were changed."),
        (Words(group_id=uuid.uuid4()), "The group was changed."),
        (Words(platforms=["twitter"]), "Bluesky was taken out."),
        (Words(platforms=["twitter", "bluesky", "mastodon"], tags=["a"]), "Mastodon was added. The tags were changed."),
        (Words(at=builders.soon(days=3), status="draft"), "The time was changed."),
        (Words(thread=[ThreadPart("Two")]), "The thread was changed."),
        (Words(split=True), "The splitting was changed."),
    ],
    ids=["text", "tags", "override", "settings", "both", "group", "fewer", "more", "time", "thread", "split"],
)
def test_it_tells_what_an_edit_changed(words: Words, sentence: str) -> None:
    post = builders.post(builders.workspace(), platforms=["twitter", "bluesky"])
    actions.edit(post=post, words=words)
    assert since(post, 1) == [("edited", sentence)]


@pytest.mark.parametrize(
    "words",
    [
        Words(),
        Words(content="Hello world", tags=[], platforms=["twitter", "bluesky"], platform_overrides={}, status="draft"),
    ],
    ids=["nothing", "the same"],
)
def test_it_tells_nothing_of_an_edit_that_changes_nothing(words: Words) -> None:
    post = builders.post(builders.workspace(), platforms=["twitter", "bluesky"])
    actions.edit(post=post, words=words)
    assert since(post, 1) == []


def test_it_tells_of_files_that_came_and_went() -> None:
    workspace = builders.workspace()
    one, two = builders.media(workspace), builders.media(workspace)
    post = builders.post(workspace, media=[one], thread=["Two"])
    for words in (
        Words(media_ids=[one.id]),
        Words(media_ids=[two.id, one.id]),
        Words(media_ids=[one.id, two.id]),
        Words(thread=[ThreadPart("Two", [one.id])]),
        Words(media_ids=[], thread=[]),
    ):
        actions.edit(post=post, words=words)
    assert since(post, 1) == [
        ("edited", "The media were changed."),
        ("edited", "The media were changed."),
        ("edited", "The media were changed."),
        ("edited", "The thread and the media were changed."),
    ]


def test_it_tells_of_times_set_moved_and_taken_away() -> None:
    post = builders.post(builders.workspace())
    first, second = builders.soon(days=1), builders.soon(days=2)
    for words in (Words(at=first), Words(at=first), Words(at=second), Words(status="draft")):
        actions.edit(post=post, words=words)
    assert since(post, 1) == [
        ("scheduled", f"Scheduled for {telling.moment(first)}."),
        ("scheduled", f"Scheduled for {telling.moment(second)}."),
        ("cancelled", "Taken off the schedule: it is a draft again, and nothing goes out."),
    ]


def test_it_tells_of_cancelling_publishing_now_and_duplicating() -> None:
    post = builders.post(builders.workspace(), at=builders.soon())
    actions.cancel(post=post)
    actions.cancel(post=post)  # a draft stays a draft: nothing to tell
    actions.publish_now(post=post)
    copy = actions.duplicate(post=post)
    assert [kind for kind, _ in since(post, 2)] == ["cancelled", "publish_now"]
    assert told(post)[-1][1] == "To be published now on X."
    assert told(copy) == [("created", f"Created as a draft for X, a copy of {post.id}.")]


def test_it_tells_which_targets_are_tried_again() -> None:
    post = builders.post(builders.workspace(), platforms=["twitter", "bluesky"], at=builders.soon(seconds=1))
    builders.go_live(builders.target(post, "twitter"))
    builders.go_wrong(builders.target(post, "bluesky"))
    actions.publish_now(post=post)
    assert told(post)[-1] == ("retried", "To be published again on Bluesky, where it had failed.")


def test_it_tells_nothing_of_what_was_refused() -> None:
    post = builders.published(builders.workspace())
    before = told(post)
    for verb in (actions.cancel, actions.publish_now):
        with pytest.raises(ApiError):
            verb(post=post)
    assert told(post) == before


def test_it_names_the_key_but_never_shows_it() -> None:
    workspace = builders.workspace()
    client = builders.client(workspace)
    body = {"content": "Hello", "platforms": ["twitter"], "schedule_at": builders.iso(builders.soon())}
    post = Post.objects.get(id=client.post("/v1/posts", body).json()["data"]["id"])
    client.patch(f"/v1/posts/{post.id}", {"content": "Other"})
    for verb in ("cancel", "publish", "duplicate"):
        assert client.post(f"/v1/posts/{post.id}/{verb}").status_code < 300
    hint = ApiKey.objects.get().hint
    assert set(Event.objects.values_list("actor", flat=True)) == {f"API key “Tests” ({hint})"}
    assert Event.objects.count() == 6
    assert not re.search(r"op_(live|test)_[A-Za-z0-9_-]{20}", str(list(Event.objects.values())))


def test_it_names_the_person_in_admin(admin_client: Client) -> None:
    post = builders.post(builders.workspace())
    assert admin_client.post(page_of(post), form_of(post, content="Other")).status_code == 302
    post.refresh_from_db()
    assert admin_client.post(page_of(post), form_of(post, do="now")).status_code == 302
    events = list(post.events.values_list("kind", "actor"))
    assert events == [("created", ""), ("edited", "admin"), ("publish_now", "admin")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a"], "a"),
        (["a", "b", "c"], "a, b and c"),
        ([str(n) for n in range(12)], "0, 1, 2, 3, 4, 5, 6, 7, 8 and 3 more"),
    ],
)
def test_it_lists_as_sentences_do(words: Sequence[str], sentence: str) -> None:
    assert telling.listed(words) == sentence
