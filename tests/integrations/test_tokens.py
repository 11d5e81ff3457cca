"""Refreshing tokens: one process at a time, stored before use. The refresher is the only door that is not real."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integrations import tokens
from integrations.models import Integration, IntegrationStatus
from integrations.platforms.client import Account
from integrations.platforms.connecting import Tokens
from integrations.platforms.errors import Disconnected, NotNow
from tests import builders


class Refresher:
    """A platform whose refresh tokens work once: a replay is counted, and would kill the family."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.error: Exception | None = None
        self.takes = 0.0

    def __call__(self, account: Account, *, now: datetime) -> Tokens:
        self.calls.append(account.credentials["refresh_token"])
        time.sleep(self.takes)
        if self.error:
            raise self.error
        number = len(self.calls)
        credentials = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
        return Tokens(credentials, now + timedelta(hours=2))


@pytest.fixture
def refresher(monkeypatch: pytest.MonkeyPatch) -> Refresher:
    made = Refresher()
    monkeypatch.setattr(tokens, "import_string", lambda _path: made)
    return made


def expired() -> Integration:
    credentials = {"access_token": "access-0", "refresh_token": "refresh-0"}
    return builders.integration(
        builders.workspace("live"), credentials=credentials, token_expires_at=timezone.now() + timedelta(seconds=30)
    )


@pytest.mark.django_db
def test_a_token_that_is_good_is_used_as_it_is(refresher: Refresher) -> None:
    integration = expired()
    Integration.objects.update(token_expires_at=timezone.now() + timedelta(hours=1))
    assert tokens.account_of(integration, now=timezone.now()).credentials["access_token"] == "access-0"
    assert refresher.calls == []


@pytest.mark.django_db
def test_a_token_near_its_end_is_refreshed_and_stored(refresher: Refresher) -> None:
    integration = expired()
    account = tokens.account_of(integration, now=timezone.now())
    stored = Integration.objects.get(id=integration.id)
    assert account.credentials["access_token"] == "access-1"
    assert stored.credentials == {"access_token": "access-1", "refresh_token": "refresh-1"}
    assert stored.refresh_lease_until is None
    tokens.account_of(integration, now=timezone.now())
    assert refresher.calls == ["refresh-0"]


@pytest.mark.django_db
def test_a_token_the_platform_refused_is_refreshed(refresher: Refresher) -> None:
    integration = expired()
    Integration.objects.update(token_expires_at=timezone.now() + timedelta(hours=1))
    tokens.distrust(integration, now=timezone.now())
    assert tokens.account_of(integration, now=timezone.now()).credentials["access_token"] == "access-1"


@pytest.mark.django_db
@pytest.mark.parametrize("error", [NotNow("It is down."), Disconnected("Revoked.")])
def test_a_refresh_that_fails_frees_the_way_for_the_next(refresher: Refresher, error: Exception) -> None:
    integration = expired()
    refresher.error = error
    with pytest.raises(type(error)):
        tokens.account_of(integration, now=timezone.now())
    refresher.error = None
    assert tokens.account_of(integration, now=timezone.now()).credentials["access_token"] == "access-2"


@pytest.mark.django_db
def test_a_refresh_whose_process_died_is_done_by_another_when_its_lease_ends(refresher: Refresher) -> None:
    integration, now = expired(), timezone.now()
    Integration.objects.update(refresh_lease_until=now + tokens.REFRESH_LEASE)
    with pytest.raises(NotNow) as caught:
        tokens.account_of(integration, now=now)
    assert caught.value.code == "token_refreshing"
    later = now + tokens.REFRESH_LEASE + timedelta(seconds=1)
    assert tokens.account_of(integration, now=later).credentials["access_token"] == "access-1"


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_use_one_refresh_token_twice(refresher: Refresher) -> None:
    integration, start = expired(), threading.Barrier(8)
    refresher.takes = 0.2
    got: list[str] = []

    def work() -> None:
        start.wait()
        deadline = time.monotonic() + 10
        mine = Integration.objects.get(id=integration.id)
        while time.monotonic() < deadline:
            try:
                got.append(tokens.account_of(mine, now=timezone.now()).credentials["access_token"])
                break
            except NotNow:
                time.sleep(0.05)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["access-1"] * 8
    assert refresher.calls == ["refresh-0"]


@pytest.mark.django_db
def test_disconnecting_says_why_and_keeps_a_persons_own_choice() -> None:
    integration = expired()
    tokens.disconnect(integration, reason="Access was revoked.")
    integration.refresh_from_db()
    assert (integration.status, integration.status_reason) == (IntegrationStatus.NEEDS_REFRESH, "Access was revoked.")
    Integration.objects.update(status=IntegrationStatus.DISCONNECTED)
    tokens.disconnect(integration, reason="Again.")
    integration.refresh_from_db()
    assert integration.status == IntegrationStatus.DISCONNECTED


@pytest.mark.django_db
def test_a_rest_is_never_made_shorter() -> None:
    integration, now = expired(), timezone.now()
    tokens.rest(integration, until=now + timedelta(hours=1))
    tokens.rest(integration, until=now + timedelta(minutes=1))
    integration.refresh_from_db()
    assert integration.resting_until == now + timedelta(hours=1)


def test_an_account_never_shows_its_credentials() -> None:
    import uuid

    account = Account(uuid.uuid4(), "twitter", "1", "alice", {"access_token": "s3cr3t"})
    assert "s3cr3t" not in repr(account)
    assert "s3cr3t" not in repr(Tokens({"access_token": "s3cr3t"}, None))
