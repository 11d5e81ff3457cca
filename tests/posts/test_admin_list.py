"""The list of posts in admin: what a row says, what it is narrowed to, and verbs that ask first."""

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import Role, Workspace
from posts.models import Post, PostStatus
from tests import builders

pytestmark = pytest.mark.django_db

LIST = "/admin/posts/post/"


def listed(user: User, **asked: Any) -> list[str]:
    answer = builders.signed_in(user).get(LIST, {name: str(value) for name, value in asked.items()})
    assert answer.status_code == 200
    return [post.content for post in answer.context["cl"].result_list]


def test_it_shows_the_first_line_the_tags_the_thread_and_the_platforms(ours: Workspace, ann: User) -> None:
    builders.post(
        ours, "First line\nSecond", platforms=["twitter", "bluesky"], tags=["launch"], thread=["Two", "Three"]
    )
    page = builders.signed_in(ann).get(LIST).content.decode()
    row = page[page.index("First line") :]
    assert "Second" not in page
    assert "+2" in row
    assert '<span class="op-tag">launch</span>' in row
    assert row.index('aria-label="X"') < row.index('aria-label="Bluesky"')


def test_it_says_of_each_account_how_far_it_got_where_they_differ(ours: Workspace, ann: User) -> None:
    post = builders.publishing(ours, platforms=["twitter", "bluesky"])
    builders.go_live(builders.target(post, "twitter"))
    page = builders.signed_in(ann).get(LIST).content.decode()
    assert 'op-good">Published' in page
    assert 'op-busy">Publishing' in page


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"status": "scheduled"}, ["Next week", "Tomorrow"]),
        ({"status": "approval"}, ["Asked for"]),
        ({"platform": "bluesky"}, ["Tomorrow"]),
        ({"tag": "launch"}, ["Tomorrow"]),
        ({"when": "next"}, ["Tomorrow"]),
        ({"when": "never"}, ["Asked for", "Some day"]),
        ({"when": "last"}, []),
        ({"q": "some DAY"}, ["Some day"]),
    ],
)
def test_it_narrows_the_list(ours: Workspace, ann: User, asked: dict[str, str], wanted: list[str]) -> None:
    builders.post(ours, "Tomorrow", at=builders.soon(days=1), platforms=["bluesky"], tags=["launch"])
    builders.post(ours, "Next week", at=builders.soon(days=8))
    builders.post(ours, "Some day")
    post = builders.post(ours, "Asked for")
    Post.objects.filter(pk=post.pk).update(approval_requested_at=timezone.now(), approval_requested_by="ann")
    assert sorted(listed(ann, **asked)) == wanted


def test_it_narrows_the_list_to_an_account(ours: Workspace, ann: User) -> None:
    builders.post(ours, "On X", platforms=["twitter"])
    builders.post(ours, "On Bluesky", platforms=["bluesky"])
    builders.post(ours, "On LinkedIn", platforms=["linkedin"])
    bluesky, twitter = (builders.account(ours, name).id for name in ("bluesky", "twitter"))
    assert listed(ann, account=bluesky) == ["On Bluesky"]
    assert sorted(listed(ann, account=f"{bluesky},{twitter}")) == ["On Bluesky", "On X"]


def test_it_narrows_the_list_to_any_day_of_the_workspaces(ours: Workspace, ann: User) -> None:
    ours.timezone = ZoneInfo("Pacific/Auckland")
    ours.save(update_fields=["timezone"])
    at = builders.soon(days=2).replace(hour=20, minute=0)  # the next day there
    builders.post(ours, "There", at=at)
    builders.post(ours, "The day before", at=at - timedelta(days=1))
    day = at.astimezone(ours.timezone).date()
    assert listed(ann, when=day) == ["There"]
    assert builders.signed_in(ann).get(LIST, {"when": "2026-02-31"}).status_code == 200


def test_it_finds_a_post_or_a_group_by_its_id(ours: Workspace, ann: User) -> None:
    group = uuid.uuid4()
    one = builders.post(ours, "One", group_id=group)
    builders.post(ours, "Two", group_id=group)
    builders.post(ours, "Other")
    assert listed(ann, q=one.id) == ["One"]
    assert sorted(listed(ann, q=group)) == ["One", "Two"]


@pytest.mark.parametrize("asked", [{"account": "x"}, {"status": "%00"}, {"tag": "'"}, {"p": "9999"}])
def test_it_takes_any_address(ours: Workspace, ann: User, asked: dict[str, str]) -> None:
    assert builders.signed_in(ann).get(LIST, asked).status_code in {200, 302}


def test_it_shows_and_offers_nothing_of_another_workspace(ours: Workspace, ann: User) -> None:
    theirs = builders.workspace(name="Theirs")
    account = builders.integration(theirs, "bluesky", username="their-account")
    builders.post(theirs, "Their post", integrations=[account.id], tags=["their-tag"])
    page = builders.signed_in(ann).get(LIST).content.decode()
    assert "Their" not in page
    assert "their-" not in page
    assert listed(ann, account=account.id) == []


def act(user: User, action: str, *posts: Post, **more: str) -> Any:
    chosen = {"action": action, "_selected_action": [str(post.id) for post in posts], **more}
    return builders.signed_in(user).post(LIST, chosen, follow=True)


def test_it_shows_what_a_verb_will_do_before_it_does_it(ours: Workspace, ann: User) -> None:
    at = builders.soon(days=1)
    waiting, live = builders.post(ours, "Waits", at=at), builders.published(ours, content="Is live")
    page = act(ann, "publish_now", waiting, live).content.decode()
    assert "One post goes out now" in page
    assert "Waits" in page
    assert "One post is left alone" in page
    waiting.refresh_from_db()
    assert (waiting.status, waiting.scheduled_at) == (PostStatus.SCHEDULED, at)
    act(ann, "publish_now", waiting, live, sure="yes")
    waiting.refresh_from_db()
    assert waiting.scheduled_at
    assert waiting.scheduled_at < timezone.now() + timedelta(minutes=1)


def test_it_cancels_what_was_chosen_after_a_yes(ours: Workspace, ann: User) -> None:
    post = builders.post(ours, at=builders.soon(days=1))
    assert "One post becomes a draft" in act(ann, "cancel", post).content.decode()
    act(ann, "cancel", post, sure="yes")
    post.refresh_from_db()
    assert post.status == PostStatus.DRAFT


def test_it_acts_on_no_post_of_another_workspace(ours: Workspace, ann: User) -> None:
    theirs = builders.post(builders.workspace(), "Their post", at=builders.soon(days=1))
    assert "Their post" not in act(ann, "cancel", theirs).content.decode()
    act(ann, "cancel", theirs, sure="yes")
    theirs.refresh_from_db()
    assert theirs.status == PostStatus.SCHEDULED


def test_a_viewer_is_offered_no_verb(ours: Workspace) -> None:
    builders.post(ours, at=builders.soon(days=1))
    page = builders.signed_in(builders.member(ours, Role.VIEWER)).get(LIST).content.decode()
    assert "publish_now" not in page
    assert reverse("admin:posts_post_add") not in page


def test_it_asks_as_often_for_many_posts_as_for_few(ours: Workspace, ann: User) -> None:
    client = builders.signed_in(ann)

    def fill() -> int:
        builders.post(ours, platforms=["twitter", "bluesky"], tags=["a"])
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    fill()
    few = fill()
    assert fill() == few
