"""Deleting a workspace in admin: its owner alone, and only who typed its name."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, Role, Workspace
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> Workspace:
    return builders.workspace(name="Ours")


def close(workspace: Workspace) -> str:
    return reverse("admin:integrations_workspace_close", args=[workspace.id])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_owner_who_types_its_name_closes_it_at_once(ours: Workspace) -> None:
    owner = builders.member(ours, Role.OWNER)
    builders.workspace().memberships.create(user=owner, role=Role.VIEWER)
    client, key = signed_in(owner), builders.client(ours)
    change = client.get(reverse("admin:integrations_workspace_change", args=[ours.id])).content.decode()
    assert close(ours) in change
    assert "Nobody can bring it back" in client.get(close(ours)).content.decode()

    answer = client.post(close(ours), {"name": "Ours"})

    assert answer.status_code == 302
    ours.refresh_from_db()
    assert ours.closing_since is not None
    assert key.get("/v1/posts").status_code == 401
    assert client.get(close(ours)).status_code == 404
    entry = AuditEntry.objects.get(action="workspace.closed")
    assert (entry.actor_name, entry.subject, entry.before) == (owner.username, "Ours", {"keys": 1, "people": 1})


@pytest.mark.parametrize("name", ["", "ours", " Ours", "Ours "])
def test_another_name_closes_nothing(ours: Workspace, name: str) -> None:
    answer = signed_in(builders.member(ours, Role.OWNER)).post(close(ours), {"name": name})

    assert answer.status_code == 400
    ours.refresh_from_db()
    assert ours.closing_since is None


@pytest.mark.parametrize("role", [Role.ADMIN, Role.EDITOR, Role.VIEWER])
def test_for_everybody_else_the_page_is_not_there(ours: Workspace, role: str) -> None:
    client = signed_in(builders.member(ours, role))
    stranger = signed_in(builders.member(builders.workspace(), Role.OWNER))

    for somebody in (client, stranger):
        assert somebody.get(close(ours)).status_code == 404
        assert somebody.post(close(ours), {"name": "Ours"}).status_code == 404
    assert (
        close(ours) not in client.get(reverse("admin:integrations_workspace_change", args=[ours.id])).content.decode()
    )
    ours.refresh_from_db()
    assert ours.closing_since is None


def test_whoever_runs_the_service_may_too(ours: Workspace, admin_client: Client) -> None:
    assert admin_client.post(close(ours), {"name": "Ours"}).status_code == 302
    assert Workspace.objects.get(id=ours.id).closing_since
