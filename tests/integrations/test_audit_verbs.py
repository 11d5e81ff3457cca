"""What people and programs change of a workspace stands in its audit log, with who did it and from where."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations import connect, keys, tokens
from integrations.models import AuditEntry, Integration, Role, Workspace
from integrations.platforms.connecting import Connection, Tokens
from integrations.webhooks import endpoints
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace("live", name="Acme")


def entries(workspace: Workspace) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(workspace=workspace).exclude(action="workspace.created").order_by("id"))


def last(workspace: Workspace) -> AuditEntry:
    return entries(workspace)[-1]


def actions(workspace: Workspace) -> list[str]:
    return [entry.action for entry in entries(workspace)]


def test_a_person_is_named_with_their_address(workspace: Workspace) -> None:
    owner, client = builders.member(workspace, Role.OWNER), Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(owner)
    body = {"name": "Acme Ltd", "timezone": "UTC", "late_limit": "1 00:00:00", "needs_approval": "on"}
    body |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    url = reverse("admin:integrations_workspace_change", args=[workspace.id])
    assert client.post(url, body).status_code == 302
    entry = last(workspace)
    assert (entry.action, entry.subject) == ("workspace.changed", "Acme Ltd")
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("person", str(owner.pk), owner.username)
    assert entry.address == "192.0.2.7"
    assert entry.before == {"name": "Acme", "needs_approval": False}
    assert entry.after == {"name": "Acme Ltd", "needs_approval": True}


def test_a_program_is_named_by_its_key(workspace: Workspace) -> None:
    client = builders.client(workspace, "write", "admin")
    made = client.post("/v1/keys", {"name": "Website"}).json()["data"]
    entry = last(workspace)
    assert (entry.action, entry.actor_kind, entry.actor_name[:15]) == ("key.created", "key", "API key “Tests”")
    assert entry.address == "127.0.0.1"
    assert entry.after["scopes"] == ["read", "write"]
    assert made["key"] not in str(AuditEntry.objects.values_list())


def test_a_key_s_life_is_on_record_without_the_key(workspace: Workspace) -> None:
    row, key = keys.create_key(workspace=workspace, name="Website")
    keys.change_key(api_key=row, name="Shop", scopes=["read"])
    keys.change_key(api_key=row, name="Shop")
    _, other = keys.rotate_key(api_key=row, overlap=keys.OVERLAP, now=timezone.now())
    keys.revoke_key(api_key=row, now=timezone.now())
    keys.revoke_key(api_key=row, now=timezone.now())
    assert actions(workspace) == ["key.created", "key.changed", "key.rotated", "key.created", "key.revoked"]
    changed = entries(workspace)[1]
    assert changed.before == {"name": "Website", "scopes": ["read", "write"]}
    assert changed.after == {"name": "Shop", "scopes": ["read"]}
    log = str(list(AuditEntry.objects.values_list()))
    assert key not in log
    assert other not in log
    assert row.key_hash not in log


def test_a_webhook_s_life_is_on_record_without_its_secret(workspace: Workspace) -> None:
    now = timezone.now()
    endpoint, secret = endpoints.create(workspace=workspace, url="https://example.com/a")
    endpoints.change(endpoint=endpoint, url="https://example.com/b", now=now)
    endpoints.change(endpoint=endpoint, description="", now=now)
    endpoint, other = endpoints.rotate_secret(endpoint=endpoint, now=now)
    endpoints.disable(endpoint, reason="It answered 410.", now=now)
    endpoints.delete(endpoint=endpoint)
    assert actions(workspace) == [f"webhook.{verb}" for verb in VERBS]
    assert entries(workspace)[1].before == {"url": "https://example.com/a"}
    log = str(list(AuditEntry.objects.values_list()))
    assert secret not in log
    assert other not in log


VERBS = ("created", "changed", "secret_rotated", "disabled", "deleted")


def connected(workspace: Workspace) -> Integration:
    told = Connection("did:plc:1", "ada.example", "Ada", Tokens({"password": "s3cret"}, None))
    return connect.connect(workspace=workspace, platform="bluesky", connection=told, now=timezone.now())


def test_accounts_that_come_and_go_are_on_record_without_credentials(workspace: Workspace) -> None:
    account = connected(workspace)
    connect.mark_premium(integration=account, premium=True)
    connect.mark_premium(integration=account, premium=True)
    tokens.disconnect(account, reason="The platform took it back.")
    connected(workspace)
    Integration.objects.update(credentials={})  # so that no platform is asked to end anything
    connect.disconnect(integration=account, by="ada", now=timezone.now())
    connect.disconnect(integration=account, by="ada", now=timezone.now())
    told: list[Any] = [(entry.action.partition(".")[2], entry.after.get("status")) for entry in entries(workspace)]
    assert told == [
        ("connected", "active"),
        ("changed", None),
        ("disconnected", "needs_refresh"),
        ("connected", "active"),
        ("disconnected", "disconnected"),
    ]
    assert "s3cret" not in str(list(AuditEntry.objects.values_list()))


def test_owners_and_admins_read_their_own_log(workspace: Workspace) -> None:
    foreign = builders.workspace(name="Somebody else's")
    keys.create_key(workspace=workspace, name="Website")
    keys.create_key(workspace=foreign, name="Secret plans")
    client = Client()
    client.force_login(builders.member(workspace, Role.ADMIN))
    url = reverse("admin:integrations_auditentry_changelist")
    page = client.get(url, {"action": "key.created"}).content.decode()
    assert "Website" in page
    assert "Secret plans" not in page
    entry = AuditEntry.objects.get(workspace=workspace, action="key.created")
    shown = client.get(reverse("admin:integrations_auditentry_change", args=[entry.id])).content.decode()
    assert "The machine" in shown
    assert "scopes" in shown
    assert client.post(reverse("admin:integrations_auditentry_change", args=[entry.id]), {}).status_code == 403
