"""Files in admin: what is shown, and that everything goes through the verbs."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry
from posts.media import receiving
from posts.media.links import link
from posts.models import Attachment, Media
from tests import builders

from . import films, pictures
from .conftest import left
from .sending import media

pytestmark = pytest.mark.django_db

LIST = "admin:posts_media_changelist"
ADD = "admin:posts_media_add"


def page_of(one: Media, what: str = "change") -> str:
    return reverse(f"admin:posts_media_{what}", args=[one.id])


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_list_shows_each_file(admin_client: Client, django_assert_max_num_queries: Any) -> None:
    workspace = builders.workspace()
    image, video = media(workspace, alt_text="<b>"), media(workspace, films.video(), name="clip.mp4")
    for part in (0, 1):
        Attachment.objects.create(post=builders.post(workspace), media=image, part=part)

    with django_assert_max_num_queries(12):
        page = admin_client.get(reverse(LIST)).content.decode()

    for shown in ("clip.mp4", "640 × 360", f'src="{link(image)}"', "&lt;b&gt;"):
        assert shown in page
    assert re.search(r'class="field-used_by[^>]*>\s*2\s*<', page)
    assert f'src="{link(video)}"' not in page


def test_it_takes_no_file_while_its_places_are_taken(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = builders.workspace()
    monkeypatch.setattr(receiving, "_places", cache(lambda: receiving.Places(2)))
    with receiving.slot(workspace):
        said = {"workspace": workspace.id, "upload": SimpleUploadedFile("sea.jpg", pictures.jpeg())}
        page = admin_client.post(reverse(ADD), said).text
    assert "1 files of this workspace are on their way to us already" in page
    assert not Media.objects.exists()


def test_it_uploads_a_file(admin_client: Client, folder: Path) -> None:
    workspace = builders.workspace()
    sent = SimpleUploadedFile("sea.heic", pictures.heic(), "text/html")

    answer = admin_client.post(reverse(ADD), {"workspace": workspace.id, "upload": sent, "alt_text": "The sea"})

    assert answer.status_code == 302
    one = Media.objects.get(workspace=workspace)
    assert (one.name, one.file_type, one.alt_text) == ("sea.heic", "image/jpeg", "The sea")
    assert AuditEntry.objects.get(action="media.added").subject_id == str(one.id)
    assert left(folder) == [f"{one.id}.jpg"]


@pytest.mark.parametrize("data", [b"<svg/>", b"", pictures.png()[:200]], ids=["svg", "empty", "damaged"])
def test_it_says_at_the_field_what_is_wrong_with_a_file(data: bytes, admin_client: Client, folder: Path) -> None:
    sent = {"workspace": builders.workspace().id, "upload": SimpleUploadedFile("a.png", data), "alt_text": ""}

    answer = admin_client.post(reverse(ADD), sent)

    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == ["upload"]
    assert not Media.objects.exists()
    assert left(folder) == []


def test_it_changes_the_alt_text_and_nothing_else(admin_client: Client) -> None:
    one = media(builders.workspace())

    page = admin_client.get(page_of(one))
    assert list(page.context["adminform"].form.fields) == ["alt_text"]
    answer = admin_client.post(page_of(one), {"alt_text": "A quarter of red", "name": "x", "width": 9})

    assert answer.status_code == 302
    one.refresh_from_db()
    assert (one.alt_text, one.name, one.width) == ("A quarter of red", "holiday.jpg", pictures.SIZE[0])


def test_the_page_of_a_video_tells_all_of_it(admin_client: Client) -> None:
    one = media(builders.workspace(), films.video(), name="clip.mp4")
    post = builders.post(one.workspace)
    Attachment.objects.create(post=post, media=one)

    page = admin_client.get(page_of(one)).content.decode()

    for shown in ("video/mp4", "2.0 s", link(one), str(post.id)):
        assert shown in page


def test_it_deletes_what_nobody_uses(
    admin_client: Client, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    one, two = (media(builders.workspace()) for _ in range(2))

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(page_of(one, "delete"), {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": [two.id], "post": "yes"}
        admin_client.post(reverse(LIST), chosen)

    assert not Media.objects.exists()
    assert left(folder) == []


def test_it_refuses_to_delete_what_a_post_uses(admin_client: Client, folder: Path) -> None:
    used, free = (media(builders.workspace()) for _ in range(2))
    Attachment.objects.create(post=builders.post(used.workspace), media=used)

    answer = admin_client.post(page_of(used, "delete"), {"post": "yes"}, follow=True)
    assert "has not been published uses this file" in said(answer)[0]
    chosen = {"action": "delete_selected", "_selected_action": [free.id, used.id], "post": "yes"}
    answer = admin_client.post(reverse(LIST), chosen, follow=True)

    assert "Nothing was deleted." in said(answer)[0]
    assert Media.objects.count() == len(left(folder)) == 2


def test_nobody_sends_more_than_the_largest_file(client: Client, folder: Path) -> None:
    body, length = "multipart/form-data; boundary=x", str(1026 * 1024 * 1024)

    answer = client.post(reverse("admin:login"), CONTENT_TYPE=body, CONTENT_LENGTH=length)

    assert answer.status_code in (400, 413)
    assert left(folder) == []
