"""What people and programs do with posts and files stands in the audit log, whichever way they came."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, Role, Workspace
from posts.media import actions as media_actions
from posts.models import Media
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


def told(workspace: Workspace, what: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(workspace=workspace, action__startswith=f"{what}.").order_by("id"))


def test_a_program_s_posts_are_on_record_from_first_to_last(workspace: Workspace) -> None:
    client, at = builders.client(workspace), builders.iso(builders.soon(days=1))
    made = client.post("/v1/posts", {"content": "One", "platforms": ["twitter"], "tags": ["a"]}).json()["data"]
    url = f"/v1/posts/{made['id']}"
    client.patch(url, {"content": "Two"})
    client.patch(url, {"content": "Two"})
    client.patch(url, {"schedule_at": at, "platforms": ["twitter", "bluesky"]})
    client.post(f"{url}/cancel", "")
    client.post(f"{url}/publish", "")
    client.delete(url)
    created, edited, scheduled, cancelled, published, deleted = told(workspace, "post")
    assert [one.action for one in (created, edited, scheduled, cancelled, published, deleted)] == [
        f"post.{verb}" for verb in ("created", "edited", "scheduled", "cancelled", "published_now", "deleted")
    ]
    assert created.after["content"] == "One"
    assert (edited.before, edited.after) == ({"content": "One"}, {"content": "Two"})
    assert (scheduled.before["status"], scheduled.after["status"]) == ("draft", "scheduled")
    assert scheduled.after["accounts"] == ["X (sandbox)", "Bluesky (sandbox)"]
    assert (cancelled.before["scheduled_at"], cancelled.after["scheduled_at"]) == (at, None)
    assert deleted.before["content"] == "Two"
    assert {one.actor_kind for one in (created, edited, deleted)} == {"key"}
    assert {one.subject_id for one in (created, edited, deleted)} == {made["id"]}


def test_a_person_who_publishes_again_is_named(workspace: Workspace) -> None:
    post, person = builders.failed(workspace), builders.member(workspace, Role.EDITOR)
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(person)
    client.post(reverse("admin:posts_post_act", args=[post.id, "retry"]))
    entry = told(workspace, "post")[-1]
    assert (entry.action, entry.actor_name, entry.address) == ("post.retried", person.username, "192.0.2.7")


def test_files_are_on_record(workspace: Workspace) -> None:
    media = media_actions.record(Media(**unsaved(workspace)))
    media_actions.describe(media=media, alt_text="A red square")
    media_actions.describe(media=media, alt_text="A red square")
    media_actions.delete(media=media)
    added, described, deleted = told(workspace, "media")
    assert (added.action, added.after["name"]) == ("media.added", "picture.png")
    assert (described.before, described.after) == ({"alt_text": ""}, {"alt_text": "A red square"})
    assert (deleted.action, deleted.before["alt_text"]) == ("media.deleted", "A red square")


def unsaved(workspace: Workspace) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "kind": "image",
        "file": "x.png",
        "name": "picture.png",
        "file_type": "image/png",
        "file_size": 9,
        "width": 1,
        "height": 1,
    }
