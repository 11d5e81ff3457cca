"""GET /v1/integrations and /v1/integrations/{id}."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.platforms import registry
from tests import builders

pytestmark = pytest.mark.django_db

FIELDS = {
    "id", "platform", "username", "display_name", "status", "status_reason", "premium", "connected_at",
    "token_expires_at", "resting_until", "created_at",
}  # fmt: skip


def test_it_lists_the_accounts_of_the_workspace() -> None:
    client = builders.client(builders.workspace())
    listed = client.get("/v1/integrations").json()
    assert listed.keys() == {"data", "next_cursor"}
    assert {one["platform"] for one in listed["data"]} == set(registry.PLATFORMS)
    assert all(one.keys() == FIELDS for one in listed["data"])


def test_it_lists_what_is_connected_newest_first_and_the_rest_when_asked() -> None:
    workspace = builders.workspace("live")
    for status in ("active", "needs_refresh", "disconnected"):
        builders.integration(workspace, username=status, status=status)
    client = builders.client(workspace)

    def names(query: str = "") -> list[str]:
        return [one["username"] for one in client.get(f"/v1/integrations{query}").json()["data"]]

    assert names() == ["needs_refresh", "active"]
    for status in ("active", "needs_refresh", "disconnected"):
        assert names(f"?status={status}") == [status]


def test_it_lists_the_accounts_of_one_platform_by_any_of_its_names() -> None:
    workspace = builders.workspace("live")
    builders.integration(workspace, "bluesky", username="ada.test")
    builders.integration(workspace, "twitter", username="ada")
    client = builders.client(workspace)
    for name in ("x", "twitter"):
        (one,) = client.get(f"/v1/integrations?platform={name}").json()["data"]
        assert one["username"] == "ada"


def test_it_lists_page_by_page() -> None:
    client = builders.client(builders.workspace())
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/v1/integrations?limit=4{cursor and f'&cursor={cursor}'}").json()
        seen += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == len(registry.PLATFORMS)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=gone", "status"),
        ("status=", "status"),
        ("platform=myspace", "platform"),
        ("platform=%00", "platform"),
        ("limit=0", "limit"),
        ("cursor=a", "cursor"),
    ],
)
def test_it_names_the_parameter_that_is_wrong(query: str, field: str) -> None:
    assert builders.error(builders.client(builders.workspace()).get(f"/v1/integrations?{query}"))["field"] == field


def test_it_shows_one_account_and_what_is_the_matter_with_it() -> None:
    workspace, now = builders.workspace("live"), timezone.now()
    account = builders.integration(
        workspace,
        status="needs_refresh",
        status_reason="X no longer lets us speak for @ada; connect the account again.",
        token_expires_at=now,
        resting_until=now + timedelta(hours=1),
    )
    said = builders.client(workspace).get(f"/v1/integrations/{account.id}").json()["data"]
    assert said.keys() == FIELDS
    assert (said["id"], said["status"]) == (str(account.id), "needs_refresh")
    assert "connect the account again" in said["status_reason"]
    assert said["token_expires_at"] == builders.iso(now)
    assert said["resting_until"] == builders.iso(now + timedelta(hours=1))


def test_it_says_nothing_of_a_rest_that_is_over() -> None:
    workspace = builders.workspace("live")
    account = builders.integration(workspace, resting_until=timezone.now() - timedelta(seconds=1))
    said = builders.client(workspace).get(f"/v1/integrations/{account.id}").json()["data"]
    assert (said["resting_until"], said["status_reason"]) == (None, None)


@pytest.mark.parametrize("account_id", ["254504b6-0afc-4c73-b074-89da5a1793d8", "1", "%00", "twitter"])
def test_it_does_not_know_an_account_that_is_not_there(account_id: str) -> None:
    builders.error(builders.client(builders.workspace()).get(f"/v1/integrations/{account_id}"), 404)


def test_a_stranger_sees_no_account_of_ours() -> None:
    workspace = builders.workspace()
    account = builders.account(workspace)
    stranger = builders.stranger()
    builders.error(stranger.get(f"/v1/integrations/{account.id}"), 404)
    assert str(account.id) not in stranger.get("/v1/integrations").content.decode()


def test_it_reads_no_credentials_and_asks_as_often_for_many_accounts_as_for_one() -> None:
    workspace = builders.workspace("live")
    client = builders.client(workspace)

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/v1/integrations").status_code == 200
        return [query["sql"] for query in seen]

    builders.integration(workspace, credentials={"access_token": "s3cret"})
    asked()
    few = asked()
    for _ in range(5):
        builders.integration(workspace, credentials={"access_token": "s3cret"})
    assert len(asked()) == len(few)
    assert not any('"credentials"' in sql for sql in few)
