"""Two people change one post: whoever comes second is told, sees both texts, and loses nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from integrations.models import Workspace
from openpost.api.errors import ApiError
from posts import actions
from posts.models import Post
from posts.words import Words
from tests import builders

from .test_autosave import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


def people(workspace: Workspace) -> tuple[User, User]:
    return builders.member(workspace, first_name="Ann"), builders.member(workspace, first_name="Ben")


def content_of(post: Post) -> str:
    post.refresh_from_db()
    return post.content


def mine(answer: Any) -> Any:
    return answer.context["form"].body.fields


def test_it_refuses_a_change_of_an_older_version(workspace: Workspace) -> None:
    post = builders.post(workspace, "Hello")
    seen = post.updated_at
    actions.edit(post=post, words=Words(content="Second"), seen=seen)
    with pytest.raises(ApiError) as refused:
        actions.edit(post=post, words=Words(content="Third"), seen=seen)
    assert [fault.code for fault in refused.value.faults] == ["changed_meanwhile"]
    assert content_of(post) == "Second"
    actions.edit(post=post, words=Words(content="By a program, which has not looked"))


def test_it_shows_both_texts_and_who_was_first(workspace: Workspace) -> None:
    ann, ben = people(workspace)
    post = builders.post(workspace, "Hello world, this is us", tags=["spring"])
    first, second = Page(ann, workspace, post), Page(ben, workspace, post)
    first.save(content="Hello world, this is Ann")

    answer = second.save(content="Hello world, this is Ben", tags=["autumn"])

    page = answer.content.decode()
    assert content_of(post) == "Hello world, this is Ann"
    assert f"{ann.username} changed this post <time" in page
    assert "Hello world, this is <mark>Ben</mark>" in page
    assert "Hello world, this is <mark>Ann</mark>" in page
    assert "<mark>autumn</mark>" in page
    assert mine(answer)["content"] == "Hello world, this is Ben"


def test_it_lets_a_person_put_theirs_in_its_place(workspace: Workspace) -> None:
    ann, ben = people(workspace)
    post = builders.post(workspace, "Hello")
    first, second = Page(ann, workspace, post), Page(ben, workspace, post)
    first.save(content="Ann’s")
    second.shown = second.save(content="Ben’s")
    assert content_of(post) == "Ann’s"
    second.save(content="Ann’s and Ben’s")
    assert content_of(post) == "Ann’s and Ben’s"


def test_it_asks_again_when_somebody_was_faster_once_more(workspace: Workspace) -> None:
    ann, ben = people(workspace)
    post = builders.post(workspace, "Hello")
    second = Page(ben, workspace, post)
    for text in ("Ann’s first", "Ann’s second"):
        Page(ann, workspace, post).save(content=text)
        second.shown = second.save(content="Ben’s")
        assert "changed this post <time" in second.html
        assert content_of(post) == text
    second.save(content="Ben’s")
    assert content_of(post) == "Ben’s"


def test_it_lets_a_person_take_the_other_text(workspace: Workspace) -> None:
    ann, ben = people(workspace)
    post = builders.post(workspace, "Hello")
    second = Page(ben, workspace, post)
    Page(ann, workspace, post).save(content="Ann’s")
    second.type(content="Ben’s")
    second.shown = second.save(content="Ben’s")
    answer = second.client.post(second.shown.context["drop_url"], follow=True)
    assert mine(answer)["content"] == "Ann’s"
    assert "unsaved changes" not in answer.content.decode()


@pytest.mark.parametrize("do", ["draft", "schedule", "now", "cancel", "duplicate"])
def test_it_holds_for_every_button(workspace: Workspace, do: str) -> None:
    ann, ben = people(workspace)
    post = builders.post(workspace, "Hello", at=builders.soon(days=2))
    second = Page(ben, workspace, post)
    Page(ann, workspace, post).save("schedule", content="Ann’s")
    before = Post.objects.count()
    assert "changed this post <time" in second.save(do, content="Ben’s").content.decode()
    assert (content_of(post), Post.objects.count()) == ("Ann’s", before)


def test_it_minds_a_change_that_a_program_made(workspace: Workspace) -> None:
    _, ben = people(workspace)
    post = builders.post(workspace, "Hello")
    page = Page(ben, workspace, post)
    builders.client(workspace).patch(f"/v1/posts/{post.id}", {"content": "A program’s"})
    assert "<mark>A program’s</mark>" in page.save(content="Ben’s").content.decode()
    assert content_of(post) == "A program’s"


def test_it_minds_what_was_taken_up_from_an_older_version(workspace: Workspace) -> None:
    ann, ben = people(workspace)
    post = builders.post(workspace, "Hello")
    left = Page(ben, workspace, post)
    left.type(content="Ben’s")
    Page(ann, workspace, post).save(content="Ann’s")
    taken = Page(ben, workspace, post, unsaved=str(left.id))
    assert "changed this post <time" in taken.save(content="Ben’s").content.decode()
    assert content_of(post) == "Ann’s"


def test_it_compares_every_kind_of_field(workspace: Workspace) -> None:
    ann, ben = people(workspace)
    post = builders.post(workspace, "Hello", thread=["Two"], media=[builders.media(workspace, name="cat.png")])
    second = Page(ben, workspace, post)
    words = Words(
        content="Hello",
        thread=[],
        media_ids=[],
        tags=["new"],
        integrations=[builders.account(workspace, "bluesky").id],
        platform_overrides={"bluesky": "Another sky"},
        platform_settings={"bluesky": {"reply_to": "https://bsky.app/profile/us.test/post/3kabc"}},
        split=True,
        at=builders.soon() + timedelta(days=1),
    )
    actions.edit(post=post, words=words, by=ann.username)
    page = second.save(content="Hello").content.decode()
    for shown in ("cat.png", "Two", "Bluesky", "Another sky", "3kabc", "<mark>new</mark>", "<mark>yes</mark>"):
        assert shown in page
