"""What is typed and not saved: kept while somebody writes, offered when they come back, gone once it is saved."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import Role, Workspace
from posts import actions
from posts.composer import autosave
from posts.models import Autosave, Post, PostStatus
from posts.models.autosave import LONGEST_AUTOSAVE
from tests import builders

pytestmark = pytest.mark.django_db


class Page:
    """One open page of the composer: of a post, or of a new one."""

    def __init__(self, user: User, workspace: Workspace, post: Post | None = None, *, unsaved: str = "") -> None:
        self.client = Client()
        self.client.force_login(user)
        self.workspace, self.post = workspace, post
        self.address = (
            reverse("admin:posts_post_change", args=[post.id])
            if post
            else f"{reverse('admin:posts_post_add')}?workspace={workspace.id}"
        )
        mark = "&" if "?" in self.address else "?"
        self.shown = self.client.get(f"{self.address}{mark}unsaved={unsaved}" if unsaved else self.address)
        assert self.shown.status_code == 200

    @property
    def html(self) -> str:
        html: str = self.shown.content.decode()
        return html

    @property
    def id(self) -> uuid.UUID:
        page: uuid.UUID = self.shown.context["page"]
        return page

    def fields(self, **typed: Any) -> dict[str, Any]:
        """What the browser would send."""
        form = self.shown.context["form"]
        said = form.body.fields
        begun = {"content": said["content"], "accounts": said["integrations"], "tags": said["tags"]}
        begun |= dict(zip(("at_0", "at_1", "at_2"), form.body.clock, strict=True))
        begun |= {"media_ids": said["media_ids"], "parts": form.body.keys}
        for key, part in zip(form.body.keys, said["thread"], strict=True):
            begun |= {f"content-{key}": part["content"], f"media-{key}": part["media_ids"]}
        own = {"csrfmiddlewaretoken": "secret", "page": self.id, "version": form.version}
        return {**begun, **own, **({"post": self.post.id} if self.post else {}), **typed}

    def type(self, **typed: Any) -> Any:
        """This will do what the page does a few seconds after a pause."""
        return self.client.post(self.shown.context["keep_url"], self.fields(**typed))

    def save(self, do: str = "draft", **typed: Any) -> Any:
        return self.client.post(self.address, {**self.fields(**typed), "do": do}, follow=True)


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


@pytest.fixture
def ann(workspace: Workspace) -> User:
    return builders.member(workspace, first_name="Ann")


def test_it_offers_on_return_what_was_not_saved(workspace: Workspace, ann: User) -> None:
    post = builders.post(workspace, "Hello")
    assert "unsaved changes" not in Page(ann, workspace, post).html
    left = Page(ann, workspace, post)
    assert "Kept, not saved" in left.type(content="Hello, and more\r\nwith ümläuts").content.decode()

    back = Page(ann, workspace, post)
    assert "You have unsaved changes from" in back.html
    assert back.shown.context["form"].body.fields["content"] == "Hello"
    taken = Page(ann, workspace, post, unsaved=str(left.id))
    assert taken.shown.context["form"].body.fields["content"] == "Hello, and more\nwith ümläuts"
    assert "Nothing of them is saved yet" in taken.html
    assert taken.id == left.id


def test_it_offers_what_was_typed_of_a_new_post(workspace: Workspace, ann: User) -> None:
    left = Page(ann, workspace)
    left.type(content="A beginning", accounts=[str(builders.account(workspace).id)])
    assert Post.objects.count() == 0
    assert "You have unsaved changes from" in Page(ann, workspace).html
    fields = Page(ann, workspace, unsaved=str(left.id)).shown.context["form"].body.fields
    assert (fields["content"], len(fields["integrations"])) == ("A beginning", 1)


def test_it_keeps_nothing_but_the_fields(workspace: Workspace, ann: User) -> None:
    Page(ann, workspace).type(content="Hello")
    kept = Autosave.objects.get().fields
    assert "Hello" in kept
    assert "secret" not in kept


def test_it_is_gone_once_it_is_saved(workspace: Workspace, ann: User) -> None:
    post = builders.post(workspace, "Hello")
    earlier, page = Page(ann, workspace, post), Page(ann, workspace, post)
    earlier.type(content="In another tab")
    page.type(content="Changed")
    page.save(content="Changed")
    post.refresh_from_db()
    assert post.content == "Changed"
    assert not Autosave.objects.exists()


def test_it_is_gone_once_a_new_post_is_saved_and_what_another_tab_has_stays(workspace: Workspace, ann: User) -> None:
    other, page = Page(ann, workspace), Page(ann, workspace)
    other.type(content="In another tab")
    page.type(content="New")
    page.save(content="New", accounts=[str(builders.account(workspace).id)])
    assert Post.objects.get().content == "New"
    assert Autosave.objects.get().id == other.id


def test_it_stays_when_saving_is_refused(workspace: Workspace, ann: User) -> None:
    post = builders.post(workspace, "Hello")
    page = Page(ann, workspace, post)
    page.type(content="x" * 300)
    page.save("schedule", content="x" * 300)
    assert Autosave.objects.get().id == page.id


def test_it_is_thrown_away_when_asked_to(workspace: Workspace, ann: User) -> None:
    for post in (builders.post(workspace, "Hello"), None):
        left = Page(ann, workspace, post)
        left.type(content="Never mind")
        back = Page(ann, workspace, post)
        assert back.client.get(back.shown.context["drop_url"]).status_code == 405
        answer = back.client.post(back.shown.context["drop_url"], follow=True)
        assert answer.status_code == 200
        assert "unsaved changes" not in answer.content.decode()
    assert not Autosave.objects.exists()


def test_it_is_seen_by_nobody_else(workspace: Workspace, ann: User) -> None:
    post = builders.post(workspace, "Hello")
    left = Page(ann, workspace, post)
    left.type(content="A secret thought")
    for other in (
        builders.member(workspace, Role.OWNER),
        User.objects.create_superuser("operator"),
    ):
        theirs = Page(other, workspace, post, unsaved=str(left.id))
        assert "secret thought" not in theirs.html
        assert "You have unsaved" not in Page(other, workspace, post).html
        # Neither read, written over nor thrown away, though its name be known.
        address = f"{reverse('admin:posts_compose_keep', args=[left.id])}?post={post.id}"
        assert theirs.client.post(address, {"content": "Mine now"}).status_code == 404
        theirs.client.post(f"{reverse('admin:posts_compose_drop', args=[left.id])}?post={post.id}")
    assert "secret" in Autosave.objects.get(id=left.id).fields


def test_it_keeps_nothing_for_strangers_and_viewers(workspace: Workspace) -> None:
    post = builders.post(workspace)
    viewer = builders.member(workspace, Role.VIEWER)
    stranger = builders.member(builders.workspace(), Role.OWNER)
    for user in (viewer, stranger):
        client = Client()
        client.force_login(user)
        for about in (f"post={post.id}", f"workspace={workspace.id}", "post=x", ""):
            address = f"{reverse('admin:posts_compose_keep', args=[uuid.uuid4()])}?{about}"
            assert client.post(address, {"content": "x"}).status_code == 404
    assert not Autosave.objects.exists()


def test_it_says_who_else_is_writing(workspace: Workspace, ann: User) -> None:
    post = builders.post(workspace, "Hello")
    ben = builders.member(workspace, first_name="Ben")
    Page(ann, workspace, post).type(content="Hello you")
    assert "Ann is editing this post too." in Page(ben, workspace, post).html
    assert "editing this post too" not in Page(ann, workspace, post).html
    assert "Ann is editing this post too." in Page(ben, workspace, post).type(content="Hi").content.decode()
    Autosave.objects.update(kept_at=timezone.now() - timedelta(minutes=2))
    assert "editing this post too" not in Page(ben, workspace, post).html


def test_it_offers_a_new_post_when_the_time_of_the_old_one_has_come(workspace: Workspace, ann: User) -> None:
    post = builders.post(workspace, "Hello", at=builders.soon())
    page = Page(ann, workspace, post)
    actions.publish_now(post=post)
    builders.go_live(builders.target(post))

    answer = page.save("schedule", content="Too late")

    assert "It was too late: this post is published by now" in answer.content.decode()
    assert "Take them up in a new post" in answer.content.decode()
    post.refresh_from_db()
    assert (post.status, post.content) == (PostStatus.PUBLISHED, "Hello")
    taken = Page(ann, workspace, unsaved=str(page.id))
    assert taken.shown.context["form"].body.fields["content"] == "Too late"
    taken.save(content="Too late")
    assert Post.objects.exclude(id=post.id).get().content == "Too late"
    assert not Autosave.objects.exists()


def test_it_is_not_put_on_somebody_elses_page_when_it_is_too_late(workspace: Workspace, ann: User) -> None:
    post = builders.post(workspace, "Hello", at=builders.soon())
    theirs, mine = Page(builders.member(workspace), workspace, post), Page(ann, workspace, post)
    theirs.type(content="Theirs")
    actions.publish_now(post=post)
    builders.go_live(builders.target(post))
    assert mine.save(page=theirs.id, content="Mine").status_code == 200
    assert "Theirs" in Autosave.objects.get().fields


def test_it_outlives_a_post_that_is_deleted_meanwhile(workspace: Workspace, ann: User) -> None:
    post = builders.post(workspace, "Hello")
    Page(ann, workspace, post).type(content="Still here")
    actions.delete(post=post)
    assert "You have unsaved changes from" in Page(ann, workspace).html


def test_it_keeps_no_more_than_it_can(workspace: Workspace, ann: User) -> None:
    page = Page(ann, workspace)
    assert "too long to be kept" in page.type(content="x" * LONGEST_AUTOSAVE).content.decode()
    assert not Autosave.objects.exists()


def test_it_goes_after_a_month(workspace: Workspace, ann: User) -> None:
    old = Page(ann, workspace)
    old.type(content="Old")
    Autosave.objects.update(kept_at=timezone.now() - autosave.KEPT_FOR - timedelta(minutes=1))
    assert "unsaved changes" not in Page(ann, workspace).html
    Page(ann, workspace).type(content="New")
    assert not Autosave.objects.filter(id=old.id).exists()


def test_it_keeps_the_newest_of_one_person(workspace: Workspace, ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "MOST", 2)
    for content in ("One", "Two", "Three"):
        Page(ann, workspace).type(content=content)
    assert {one.fields.partition("&")[0] for one in Autosave.objects.all()} == {"content=Two", "content=Three"}


def test_it_costs_few_queries(workspace: Workspace, ann: User) -> None:
    page = Page(ann, workspace, builders.post(workspace))
    page.type(content="First")
    with CaptureQueriesContext(connection) as queries:
        page.type(content="Again")
    # Session, person, roles, post, and in a transaction the row that is looked for, held and written; who else.
    assert len(queries) <= 12
