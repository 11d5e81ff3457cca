"""Whose role is for drafts alone sends nothing out, by whatever way: the verbs ask, and every screen calls them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import Role, Workspace
from integrations.people import roles
from integrations.people.roles import Permission
from openpost.acting import Actor, Kind, as_actor
from openpost.api.errors import ApiError
from posts import actions
from posts.models import Post, PostStatus
from posts.words import Words
from tests import builders

from .composer.test_form import change, write

pytestmark = pytest.mark.django_db

HELLO: dict[str, Any] = {"content": "Hello", "platforms": ["twitter"]}


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


@pytest.fixture
def author(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Somebody who may write drafts and no more, as the one who acts and at their browser."""
    monkeypatch.setattr(roles, "ALLOWED", {Role.EDITOR: frozenset({Permission.VIEW, Permission.WRITE})})
    user = builders.member(workspace, Role.EDITOR)
    with as_actor(Actor(Kind.PERSON, str(user.pk), user.username, user=user)):
        yield builders.signed_in(user)


def refused(verb: Any, **said: Any) -> None:
    with pytest.raises(ApiError, match="for drafts") as error:
        verb(**said)
    assert (error.value.status, error.value.faults[0].code) == (403, "forbidden")


def test_it_writes_drafts_with_a_time(author: Client, workspace: Workspace) -> None:
    at = builders.soon()
    post = actions.create(workspace=workspace, words=Words(**HELLO, at=at, status="draft"))
    post = actions.edit(post=post, words=Words(content="Other"))
    assert (post.status, post.scheduled_at, post.content) == (PostStatus.DRAFT, at, "Other")


def test_it_schedules_and_publishes_nothing(author: Client, workspace: Workspace) -> None:
    refused(actions.create, workspace=workspace, words=Words(**HELLO, at=builders.soon()))
    draft = actions.create(workspace=workspace, words=Words(**HELLO))
    refused(actions.edit, post=draft, words=Words(at=builders.soon()))
    refused(actions.publish_now, post=draft)
    assert Post.objects.get().status == PostStatus.DRAFT


def test_it_keeps_nothing_from_going_out_and_changes_nothing_that_does(author: Client, workspace: Workspace) -> None:
    with as_actor(Actor(Kind.MACHINE)):
        post = builders.post(workspace, at=builders.soon())
    refused(actions.cancel, post=post)
    refused(actions.edit, post=post, words=Words(content="Other"))
    refused(actions.edit, post=post, words=Words(status="draft"))
    assert Post.objects.get().status == PostStatus.SCHEDULED


@pytest.mark.parametrize("do", ["", "schedule", "now"])
def test_the_composer_says_so_and_loses_nothing(author: Client, workspace: Workspace, do: str) -> None:
    day = builders.soon(days=1)
    page = write(author, workspace, do=do, at_0=f"{day:%Y-%m-%d}", at_1="10:00").content.decode()
    assert "Your role here is for drafts" in page
    assert "Hello" in page
    assert not Post.objects.exists()


def test_the_composer_gives_no_draft_a_time_by_which_it_goes_out(author: Client, workspace: Workspace) -> None:
    post, day = actions.create(workspace=workspace, words=Words(**HELLO)), builders.soon(days=1)
    page = change(author, post, do="", at_0=f"{day:%Y-%m-%d}", at_1="10:00").content.decode()
    assert "Your role here is for drafts" in page
    assert Post.objects.get().scheduled_at is None


def test_a_table_schedules_nothing(author: Client, workspace: Workspace) -> None:
    table = f"content,platforms,schedule_at\nHello,twitter,{builders.soon(days=1).isoformat()}\n"
    page = author.post(
        reverse("admin:posts_post_import"), {"workspace": workspace.id, "table": table, "make": "Import"}
    )
    assert "Your role here is for drafts" in page.text
    assert not Post.objects.exists()
