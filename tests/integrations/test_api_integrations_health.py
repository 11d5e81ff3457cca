"""GET /v1/integrations/{id}/health: what we know of an account, without asking its platform."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from integrations.models import Integration, PlatformRest
from posts.models import PostTarget
from tests import builders
from tests.peers.x.process import XPeer

pytestmark = pytest.mark.django_db


def health(account: Integration) -> dict[str, Any]:
    answer = builders.client(account.workspace).get(f"/v1/integrations/{account.id}/health")
    assert answer.status_code == 200, answer.content
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_it_says_that_all_is_well_and_asks_the_platform_nothing(x: XPeer) -> None:
    account = builders.integration(builders.workspace("live"), credentials=x.tokens(x.user("ada")["id"]))
    said = health(account)
    assert (said["can_publish"], said["problem"], said["last_published_at"]) == (True, None, None)
    assert said["scheduled_posts"] == 0
    assert x.requests() == []


def test_it_says_when_something_last_went_live_and_how_much_waits() -> None:
    workspace = builders.workspace()
    account = builders.account(workspace)
    published = [builders.published(workspace) for _ in range(2)]
    builders.post(workspace, at=builders.soon())
    builders.post(workspace)
    builders.failed(workspace)
    said = health(account)
    assert said["last_published_at"] == builders.iso(builders.target(published[-1]).published_at or timezone.now())
    assert said["scheduled_posts"] == 1


@pytest.mark.parametrize("status", ["needs_refresh", "disconnected"])
def test_it_says_why_the_account_must_be_connected_again(status: str) -> None:
    account = builders.integration(builders.workspace("live"), status=status, status_reason="Revoked at X.")
    said = health(account)
    assert (said["can_publish"], said["problem"]["code"]) == (False, "account_disconnected")
    assert said["problem"]["message"] == "Revoked at X."


def test_it_says_that_the_account_rests() -> None:
    account = builders.integration(builders.workspace("live"), resting_until=timezone.now() + timedelta(hours=1))
    said = health(account)
    assert (said["can_publish"], said["problem"]["code"]) == (False, "account_resting")


@pytest.mark.parametrize(("mode", "code"), [("live", "platform_resting"), ("sandbox", None)])
def test_it_says_that_the_platform_rests_where_that_matters(mode: str, code: str | None) -> None:
    now = timezone.now()
    PlatformRest.objects.create(
        platform="twitter", until=now + timedelta(hours=1), code="billing", reason="No credit left.", since=now
    )
    said = health(builders.integration(builders.workspace(mode)))
    assert (said["problem"] or {}).get("code") == code


def test_it_says_that_a_key_is_missing_and_breaks_over_nothing(settings: Settings) -> None:
    account = builders.integration(builders.workspace("live"), credentials={"access_token": "s3cret"})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE integrations_integration SET credentials = '9$nothing'")
    assert health(account)["problem"]["code"] == "credentials_unreadable"


def test_it_says_when_access_ends_unless_it_is_renewed() -> None:
    now = timezone.now()
    account = builders.integration(
        builders.workspace("live"), "twitter", token_expires_at=now + timedelta(hours=2), refresh_sent=True
    )
    assert health(account)["access_ends_at"] == builders.iso(now + timedelta(hours=2))


@pytest.mark.parametrize("account_id", ["254504b6-0afc-4c73-b074-89da5a1793d8", "1"])
def test_it_does_not_know_an_account_that_is_not_there(account_id: str) -> None:
    builders.error(builders.client(builders.workspace()).get(f"/v1/integrations/{account_id}/health"), 404)


def test_a_stranger_learns_nothing_of_our_account() -> None:
    account = builders.account(builders.workspace())
    builders.error(builders.stranger().get(f"/v1/integrations/{account.id}/health"), 404)


def test_the_last_post_is_found_by_an_index() -> None:
    account = builders.account(builders.workspace())
    live = PostTarget.objects.filter(integration=account, status="published").order_by("-published_at")
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        plan = live.values_list("published_at", flat=True)[:1].explain()
    assert "target_last_published" in plan
