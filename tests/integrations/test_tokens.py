"""Refreshing tokens: one process at a time, stored before use. The refresher is the only door that is not real."""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integrations import connect, tokens
from integrations.models import Integration, IntegrationStatus
from integrations.platforms.client import Account
from integrations.platforms.connecting import Connection, Tokens
from integrations.platforms.errors import Disconnected, NotNow
from openpost import clock
from tests import builders


class Refresher:
    """A platform whose refresh tokens work once: a replay is counted, and would kill the family."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.error: Exception | None = None
        self.takes = 0.0
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, account: Account, *, now: datetime) -> Tokens:
        self.calls.append(account.credentials["refresh_token"])
        time.sleep(self.takes)
        self.meanwhile()
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


#: What a person brings who connects the account again.
PERSONS = {"access_token": "access-new", "refresh_token": "refresh-new"}


def reconnect(integration: Integration) -> None:
    now = clock.now()
    fresh = Connection(integration.remote_id, integration.username, "", Tokens(PERSONS, now + timedelta(hours=2)))
    connect.connect(workspace=integration.workspace, platform=integration.platform, connection=fresh, now=now)


def take_over(integration: Integration) -> datetime:
    """Another worker claims the refresh, as it may when the lease has lapsed."""
    lease = clock.now() + 2 * tokens.REFRESH_LEASE
    Integration.objects.filter(id=integration.id).update(refresh_lease_until=lease)
    return lease


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
    integration.refresh_from_db()
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
@pytest.mark.parametrize("error", [None, Disconnected("Revoked.")])
def test_a_refresh_leaves_alone_what_a_person_connected_meanwhile(
    refresher: Refresher, error: Exception | None
) -> None:
    integration = expired()
    refresher.error, refresher.meanwhile = error, lambda: reconnect(integration)
    with pytest.raises(NotNow) as caught:
        tokens.account_of(integration, now=clock.now())
    assert (caught.value.code, caught.value.waiting) == ("token_refreshing", True)
    stored = Integration.objects.get(id=integration.id)
    assert (stored.credentials, stored.status) == (PERSONS, IntegrationStatus.ACTIVE)
    assert tokens.account_of(integration, now=clock.now()).credentials == PERSONS
    assert refresher.calls == ["refresh-0"]


@pytest.mark.django_db
@pytest.mark.parametrize("error", [None, Disconnected("Revoked."), NotNow("It is down.")])
def test_a_refresh_never_frees_or_fills_another_workers_claim(refresher: Refresher, error: Exception | None) -> None:
    integration, leases = expired(), list[datetime]()
    refresher.error, refresher.meanwhile = error, lambda: leases.append(take_over(integration))
    with pytest.raises(NotNow):
        tokens.account_of(integration, now=clock.now())
    stored = Integration.objects.get(id=integration.id)
    assert stored.refresh_lease_until == leases[0]
    assert stored.credentials["refresh_token"] == "refresh-0"


@pytest.mark.django_db
def test_a_worker_that_slept_after_its_claim_does_not_use_the_refresh_token(refresher: Refresher) -> None:
    integration = expired()
    with pytest.raises(NotNow) as caught:
        tokens.account_of(integration, now=clock.now() - tokens.YOUNG - timedelta(seconds=1))
    assert (caught.value.code, refresher.calls) == ("token_refreshing", [])
    assert tokens.account_of(integration, now=clock.now()).credentials["access_token"] == "access-1"


@pytest.mark.django_db
def test_a_claim_that_a_person_ended_before_the_call_is_not_used(
    refresher: Refresher, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration, claim = expired(), tokens._claim_refresh

    def claim_and_lose_it(integration_id: uuid.UUID, *, now: datetime) -> datetime | None:
        lease = claim(integration_id, now=now)
        Integration.objects.update(refresh_lease_until=None)
        return lease

    monkeypatch.setattr(tokens, "_claim_refresh", claim_and_lose_it)
    with pytest.raises(NotNow):
        tokens.account_of(integration, now=clock.now())
    assert refresher.calls == []


@pytest.mark.django_db
def test_a_late_refusal_of_an_old_token_says_nothing_of_the_new_one(refresher: Refresher) -> None:
    slow, quick = expired(), Integration.objects.get()
    tokens.account_of(slow, now=clock.now())
    quick.refresh_from_db()
    tokens.distrust(quick, now=clock.now())
    fresh = tokens.account_of(quick, now=clock.now())
    tokens.distrust(slow, now=clock.now())
    assert tokens.account_of(slow, now=clock.now()) == fresh
    assert refresher.calls == ["refresh-0", "refresh-1"]


@pytest.mark.django_db
def test_a_late_refusal_says_nothing_of_an_account_that_was_connected_again() -> None:
    used = expired()
    reconnect(used)
    tokens.distrust(used, now=used.connected_at - timedelta(days=1))
    tokens.disconnect(used, reason="Revoked.")
    stored = Integration.objects.get(id=used.id)
    assert (stored.status, stored.status_reason) == (IntegrationStatus.ACTIVE, "")
    assert stored.token_expires_at is not None
    assert stored.token_expires_at > clock.now() + timedelta(hours=1)


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
    account = Account(uuid.uuid4(), "twitter", "1", "alice", {"access_token": "s3cr3t"})
    assert "s3cr3t" not in repr(account)
    assert "s3cr3t" not in repr(Tokens({"access_token": "s3cr3t"}, None))
