"""Workspaces, keys and accounts in admin: what can be done there, and that no secret ever comes out."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations import keys, tokens
from integrations.models import ApiKey, AuditEntry, Integration, IntegrationStatus, Role, Workspace
from integrations.models.api_key import digest
from integrations.platforms import registry
from tests import builders

pytestmark = pytest.mark.django_db

NO_MEMBERS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
KEY = re.compile(r"op_(?:live|test)_[A-Za-z0-9_-]{32}")


def staff(workspace: Workspace, role: str = Role.VIEWER) -> Client:
    """Somebody with this role in the workspace."""
    client = Client()
    client.force_login(builders.member(workspace, role))
    return client


def change_of(row: ApiKey) -> str:
    return reverse("admin:integrations_apikey_change", args=[row.id])


def make_key(client: Client, workspace: Workspace) -> str:
    """The page that answers the making of a key."""
    body = {"workspace": workspace.id, "name": "Website", "scopes": ["read", "write"]}
    response = client.post(reverse("admin:integrations_apikey_add"), body)
    assert response.status_code == 200
    return response.content.decode()


# Workspaces ---------------------------------------------------------------------------------------------------------


def test_it_makes_a_sandbox_workspace_with_its_accounts(admin_client: Client) -> None:
    body = {"name": "Try-out", "mode": "sandbox", "timezone": "Europe/Berlin", **NO_MEMBERS}
    response = admin_client.post(reverse("admin:integrations_workspace_add"), body)
    assert response.status_code == 302
    workspace = Workspace.objects.get(name="Try-out")
    assert str(workspace.timezone) == "Europe/Berlin"
    assert set(workspace.integrations.values_list("platform", flat=True)) == set(registry.PLATFORMS)


def test_it_changes_a_workspace_but_never_its_mode(admin_client: Client) -> None:
    workspace = builders.workspace()
    url = reverse("admin:integrations_workspace_change", args=[workspace.id])
    body = {"name": "New name", "mode": "live", "timezone": "UTC", "late_limit": "02:00:00", **NO_MEMBERS}
    assert admin_client.post(url, body).status_code == 302
    workspace.refresh_from_db()
    assert (workspace.name, workspace.late_limit, workspace.mode) == ("New name", timedelta(hours=2), "sandbox")


def test_it_does_not_delete_a_workspace(admin_client: Client) -> None:
    workspace = builders.workspace()
    url = reverse("admin:integrations_workspace_delete", args=[workspace.id])
    assert admin_client.post(url, {"post": "yes"}).status_code == 403


# Keys ---------------------------------------------------------------------------------------------------------------


def test_it_shows_a_new_key_once_and_keeps_its_hash(admin_client: Client) -> None:
    workspace = builders.workspace()
    found = KEY.search(make_key(admin_client, workspace))
    assert found
    row = ApiKey.objects.get()
    assert (row.key_hash, row.workspace, row.name) == (digest(found[0]), workspace, "Website")
    assert row.scopes == ["read", "write"]
    # Neither a cookie, nor the session, nor the log, nor any page after it holds the key.
    assert found[0] not in str(admin_client.cookies)
    assert found[0] not in str(dict(admin_client.session))
    assert found[0] not in str(list(AuditEntry.objects.values()))
    for address in ("changelist", "change"):
        args = [row.id] if address == "change" else []
        page = admin_client.get(reverse(f"admin:integrations_apikey_{address}", args=args)).content.decode()
        assert row.hint in page
        assert not KEY.search(page)
        assert row.key_hash not in page


def test_it_forbids_caching_of_the_page_with_the_key(admin_client: Client) -> None:
    body = {"workspace": builders.workspace().id, "name": "Website", "scopes": ["read"]}
    response = admin_client.post(reverse("admin:integrations_apikey_add"), body)
    assert KEY.search(response.content.decode())
    assert "no-store" in response["Cache-Control"]


def test_it_revokes_keys_by_post_only(admin_client: Client) -> None:
    workspace = builders.workspace()
    program = builders.client(workspace)
    row = ApiKey.objects.get()
    url = reverse("admin:integrations_apikey_run", args=[row.id, "revoke"])
    assert program.get("/v1/posts").status_code == 200
    assert admin_client.get(url).status_code == 405
    assert program.get("/v1/posts").status_code == 200
    assert admin_client.post(url).status_code == 302
    assert program.get("/v1/posts").status_code == 401


def test_it_revokes_the_chosen_keys_of_the_list(admin_client: Client) -> None:
    workspace = builders.workspace()
    rows = [keys.create_key(workspace=workspace, name=name)[0] for name in ("one", "two", "three")]
    chosen = {"action": "revoke", "_selected_action": [rows[0].id, rows[1].id]}
    admin_client.post(reverse("admin:integrations_apikey_changelist"), chosen)
    assert set(ApiKey.objects.filter(revoked_at=None)) == {rows[2]}


def test_it_keeps_the_time_of_a_key_that_was_revoked_before(admin_client: Client) -> None:
    row, _ = keys.create_key(workspace=builders.workspace(), name="old")
    before = timezone.now() - timedelta(days=3)
    keys.revoke_key(api_key=row, now=before)
    admin_client.post(reverse("admin:integrations_apikey_run", args=[row.id, "revoke"]))
    row.refresh_from_db()
    assert row.revoked_at == before


def test_it_asks_how_long_the_old_key_goes_on_and_shows_the_new_one_once(admin_client: Client) -> None:
    row, old = keys.create_key(workspace=builders.workspace(), name="Website", scopes=["read"])
    url = reverse("admin:integrations_apikey_run", args=[row.id, "rotate"])
    asked = admin_client.post(url)
    assert 'name="overlap"' in asked.content.decode()
    assert not KEY.search(asked.content.decode())
    answer = admin_client.post(url, {"overlap": "3600"})
    found = KEY.search(answer.content.decode())
    assert found
    assert "no-store" in answer["Cache-Control"]
    row.refresh_from_db()
    new = ApiKey.objects.get(key_hash=digest(found[0]))
    assert (new.scopes, new.expires_at) == (["read"], None)
    assert row.expires_at
    assert timedelta(minutes=59) < row.expires_at - timezone.now() <= timedelta(hours=1)
    for key in (old, found[0]):
        assert Client(HTTP_AUTHORIZATION=f"Bearer {key}").get("/v1/posts").status_code == 200
    assert found[0] not in str(list(AuditEntry.objects.values()))
    # Once more is too late, and says so.
    again = admin_client.post(url, {"overlap": "0"}, follow=True).content.decode()
    assert "cannot be rotated" in again
    assert not KEY.search(again)


@pytest.mark.parametrize("overlap", ["-1", "a day", "", "99999999"])
def test_it_rotates_only_with_an_overlap_of_the_list(admin_client: Client, overlap: str) -> None:
    row, _ = keys.create_key(workspace=builders.workspace(), name="Website")
    admin_client.post(reverse("admin:integrations_apikey_run", args=[row.id, "rotate"]), {"overlap": overlap})
    assert ApiKey.objects.get().rotated_at is None


def test_it_rotates_one_key_at_a_time(admin_client: Client) -> None:
    workspace = builders.workspace()
    rows = [keys.create_key(workspace=workspace, name=name)[0] for name in ("one", "two")]
    chosen = {"action": "rotate", "_selected_action": [row.id for row in rows], "overlap": "0"}
    page = admin_client.post(reverse("admin:integrations_apikey_changelist"), chosen, follow=True)
    assert "one key at a time" in page.content.decode()
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_it_lets_only_admins_and_owners_see_and_end_keys(role: Role) -> None:
    workspace = builders.workspace()
    row, _ = keys.create_key(workspace=workspace, name="Website")
    client = staff(workspace, role)
    for action in ("rotate", "revoke"):
        assert client.post(reverse("admin:integrations_apikey_run", args=[row.id, action])).status_code == 403
    chosen = {"action": "revoke", "_selected_action": [row.id]}
    assert client.post(reverse("admin:integrations_apikey_changelist"), chosen).status_code == 403
    assert ApiKey.objects.get().revoked_at is None
    assert "Revoke" in staff(workspace, Role.ADMIN).get(change_of(row)).content.decode()


def test_it_neither_changes_nor_deletes_a_key(admin_client: Client) -> None:
    row, _ = keys.create_key(workspace=builders.workspace(), name="Website")
    change = reverse("admin:integrations_apikey_change", args=[row.id])
    assert admin_client.post(change, {"name": "Other"}).status_code == 403
    assert admin_client.post(reverse("admin:integrations_apikey_delete", args=[row.id])).status_code == 403


@pytest.mark.parametrize(("state", "name"), [("usable", "good"), ("expired", "late"), ("revoked", "gone")])
def test_it_filters_keys_by_state(admin_client: Client, state: str, name: str) -> None:
    workspace, now = builders.workspace(), timezone.now()
    keys.create_key(workspace=workspace, name="good")
    keys.create_key(workspace=workspace, name="late", expires_at=now - timedelta(minutes=1))
    keys.revoke_key(api_key=keys.create_key(workspace=workspace, name="gone")[0], now=now)
    response = admin_client.get(reverse("admin:integrations_apikey_changelist"), {"state": state})
    assert [row.name for row in response.context["cl"].result_list] == [name]


# Accounts -----------------------------------------------------------------------------------------------------------

SECRET = "s3cret-app-password"


@pytest.fixture
def secretive() -> Integration:
    return builders.integration(builders.workspace("live"), "bluesky", credentials={"password": SECRET})


@pytest.mark.parametrize("page", ["changelist", "change", "history"])
def test_it_never_reads_credentials(admin_client: Client, secretive: Integration, page: str) -> None:
    args = [] if page == "changelist" else [secretive.id]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = admin_client.get(reverse(f"admin:integrations_integration_{page}", args=args), follow=True)
    assert response.status_code == 200
    assert SECRET not in response.content.decode()
    if page != "history":
        assert not [query for query in queries if '"credentials"' in query["sql"]]


def test_it_shows_an_account_whose_credentials_no_key_opens(admin_client: Client, secretive: Integration) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE integrations_integration SET credentials = 'gone$nothing'")
    for page, args in (("changelist", []), ("change", [secretive.id])):
        assert admin_client.get(reverse(f"admin:integrations_integration_{page}", args=args)).status_code == 200


def test_it_takes_no_credentials(admin_client: Client, secretive: Integration) -> None:
    url = reverse("admin:integrations_integration_change", args=[secretive.id])
    admin_client.post(url, {"credentials": "{}", "status": "disconnected"})
    assert admin_client.get(reverse("admin:integrations_integration_add")).status_code == 403
    account = Integration.objects.get(id=secretive.id)
    assert (account.credentials, account.status) == ({"password": SECRET}, "active")


def test_it_takes_that_an_account_is_premium_and_writes_nothing_else(
    admin_client: Client, secretive: Integration
) -> None:
    url = reverse("admin:integrations_integration_change", args=[secretive.id])
    with CaptureQueriesContext(connection) as queries:
        assert admin_client.post(url, {"premium": "on"}).status_code == 302
    (update,) = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "integrations_integration"')]
    assert re.findall(r'"(\w+)" = ', update.partition(" WHERE ")[0]) == ["premium", "updated_at"]
    assert Integration.objects.get(id=secretive.id).premium
    assert staff(secretive.workspace, Role.EDITOR).post(url, {"premium": ""}).status_code == 403
    assert Integration.objects.get(id=secretive.id).premium


def test_it_reconnects_sandbox_accounts_but_no_real_ones(admin_client: Client, secretive: Integration) -> None:
    sandbox = builders.account(builders.workspace())
    for account in (sandbox, secretive):
        tokens.disconnect(account, reason="Revoked.")
    chosen = {"action": "reconnect_sandbox", "_selected_action": [sandbox.id, secretive.id]}
    response = admin_client.post(reverse("admin:integrations_integration_changelist"), chosen, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "Accounts reconnected: 1.",
        "Left alone: 1. A real account is reconnected by signing in at its platform.",
    ]
    sandbox.refresh_from_db()
    secretive.refresh_from_db()
    assert sandbox.status == IntegrationStatus.ACTIVE
    assert secretive.status == IntegrationStatus.NEEDS_REFRESH


def test_it_offers_to_reconnect_only_where_that_helps(admin_client: Client) -> None:
    account = builders.account(builders.workspace())
    url = reverse("admin:integrations_integration_change", args=[account.id])
    assert "Reconnect sandbox account" not in admin_client.get(url).content.decode()
    tokens.disconnect(account, reason="Revoked.")
    assert "Reconnect sandbox account" in admin_client.get(url).content.decode()


def test_it_makes_no_more_keys_than_a_workspace_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = builders.workspace()
    client = Client()
    client.force_login(builders.member(workspace, Role.ADMIN))
    monkeypatch.setattr(keys, "MOST", 1)
    said = {"workspace": str(workspace.id), "name": "Website", "scopes": ["read"]}
    add = reverse("admin:integrations_apikey_add")
    assert "It is shown this once" in client.post(add, said).content.decode()
    assert "has at most 1 keys" in client.post(add, said).content.decode()
    assert ApiKey.objects.count() == 1
