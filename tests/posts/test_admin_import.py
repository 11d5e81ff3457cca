"""A table of posts in admin."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from integrations.models import Role, Workspace
from posts.models import Event, Post, PostStatus
from tests import builders

pytestmark = pytest.mark.django_db

TABLE = 'content,platforms\n"Two\nlines",twitter\nHello,"twitter, bluesky"\n'


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


def send(client: Client, workspace: Workspace, table: str | bytes, **said: Any) -> Any:
    """What the browser sends: bytes as a file, a text as that of the page."""
    body: dict[str, Any] = {"workspace": workspace.id, "table": "", **said}
    if isinstance(table, bytes):
        body["file"] = SimpleUploadedFile("posts.csv", table, "text/csv")
    else:
        body["table"] = table.replace("\n", "\r\n")
    return client.post(reverse("admin:posts_post_import"), body)


def test_it_is_reached_from_the_list(admin_client: Client) -> None:
    assert reverse("admin:posts_post_import") in admin_client.get(reverse("admin:posts_post_changelist")).text

    assert admin_client.get(reverse("admin:posts_post_import")).status_code == 200


def test_it_tries_a_file_and_then_makes_what_was_seen(admin_client: Client, workspace: Workspace) -> None:
    tried = send(admin_client, workspace, b"\xef\xbb\xbf" + TABLE.encode())
    assert "Import 2 posts" in tried.text
    assert (Post.objects.count(), Event.objects.count()) == (0, 0)

    made = send(admin_client, workspace, tried.context["form"].initial["table"], make="Import")

    assert made.status_code == 302
    assert [post.content for post in Post.objects.order_by("created_at")] == ["Two\nlines", "Hello"]
    assert {event.actor for event in Event.objects.all()} == {"admin"}


@pytest.mark.parametrize("said", [{}, {"make": "Import"}])
def test_it_says_what_is_wrong_with_a_line_and_makes_none(
    admin_client: Client, workspace: Workspace, said: dict[str, str]
) -> None:
    page = send(admin_client, workspace, f"{TABLE}<b>,myspace\n", **said)

    assert "myspace is not a platform we know" in page.text
    assert "<b>" not in page.text
    assert 'name="make"' not in page.text
    assert Post.objects.count() == 0


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (b"content\nHell\xf6\n", "The file is not UTF-8"),
        (b"content\nHel\0lo\n", "Text may not contain NUL characters."),
        (b"", "The submitted file is empty."),
        (b"content\n" + b"a" * 2**20, "A table may have at most 1 MiB."),
        ("", "There is no post in the table."),
        ("content,colour\nHello,red\n", "There is no column"),
    ],
)
def test_it_says_what_is_wrong_with_a_table(
    admin_client: Client, workspace: Workspace, table: str | bytes, sentence: str
) -> None:
    assert sentence in send(admin_client, workspace, table).text


def test_it_needs_leave_to_add_posts(client: Client, workspace: Workspace) -> None:
    client.force_login(builders.member(workspace, Role.VIEWER))

    assert send(client, workspace, TABLE, make="Import").status_code == 403
    assert reverse("admin:posts_post_import") not in client.get(reverse("admin:posts_post_changelist")).text
    assert Post.objects.count() == 0


def test_what_an_editor_imports_waits_for_approval_where_the_workspace_wants_it(
    client: Client, workspace: Workspace
) -> None:
    Workspace.objects.filter(id=workspace.id).update(needs_approval=True)
    client.force_login(builders.member(workspace, Role.EDITOR))
    at = builders.soon(days=1)

    send(client, workspace, f"content,platforms,schedule_at\nHello,twitter,{at.isoformat()}\n", make="Import")

    post = Post.objects.get()
    assert (post.status, post.scheduled_at, post.awaits_approval) == (PostStatus.DRAFT, at, True)
