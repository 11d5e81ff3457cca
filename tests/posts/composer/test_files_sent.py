"""Files of a browser that runs no script of ours: they come with the form, and are kept before anything is done."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from integrations.models import Role
from posts.models import Media, Post
from tests import builders

pytestmark = pytest.mark.django_db


def picture(name: str = "dot.png", data: bytes = builders.PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/png")


def test_they_are_kept_beside_the_part_they_came_with(admin_client: Client) -> None:
    workspace = builders.workspace()
    account = builders.account(workspace, "bluesky")
    said = {"content": "One", "parts": "more0", "content-more0": "Two", "accounts": str(account.id), "do": "draft"}
    files = {"files-": picture("first.png"), "files-more0": picture("second.png")}
    address = f"{reverse('admin:posts_post_add')}?workspace={workspace.id}"
    assert admin_client.post(address, {**said, **files}).status_code == 302
    found = Post.objects.get().media_by_part()
    assert {part: [str(one) for one in media] for part, media in found.items()} == {0: ["first.png"], 1: ["second.png"]}


def test_one_more_is_added_to_a_post(admin_client: Client) -> None:
    post = builders.post(builders.workspace(), "Hello")
    said = {"content": "Hello", "accounts": str(post.targets.get().integration_id), "do": "draft"}
    page = reverse("admin:posts_post_change", args=[post.id])
    assert admin_client.post(page, {**said, "files-": picture()}).status_code == 302
    assert post.attachments.count() == 1


def test_nothing_is_done_without_a_file_that_is_not_taken(admin_client: Client) -> None:
    workspace = builders.workspace()
    said = {"content": "With a picture", "accounts": str(builders.account(workspace).id), "do": "now"}
    address = f"{reverse('admin:posts_post_add')}?workspace={workspace.id}"
    answer = admin_client.post(address, {**said, "files-": picture("letter.txt", b"no picture")})
    assert "letter.txt: " in answer.content.decode()
    assert "nothing was saved" in answer.content.decode()
    assert not Post.objects.exists()


def test_a_viewer_and_a_stranger_leave_none(client: Client) -> None:
    post = builders.post(builders.workspace(), "Hello")
    for person in (builders.member(post.workspace, Role.VIEWER), builders.member(builders.workspace(), Role.OWNER)):
        client.force_login(person)
        client.post(reverse("admin:posts_post_change", args=[post.id]), {"content": "Mine", "files-": picture()})
        client.post(f"{reverse('admin:posts_post_add')}?workspace={post.workspace.id}", {"files-": picture()})
    assert not Media.objects.exists()
