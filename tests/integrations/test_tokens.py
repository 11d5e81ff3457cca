"""Refreshing tokens: one process at a time, stored before use. The refresher is the only door that is not real."""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integrations import connect, refresh_claim, tokens
from integrations.models import Integration, IntegrationStatus
from integrations.platforms.client import Account
from integrations.platforms.connecting import Connection, Tokens
from integrations.platforms.errors import Disconnected, NotNow, Unconfirmed
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


def expired(platform: str = "twitter") -> Integration:
    credentials = {"access_token": "access-0", "refresh_token": "refresh-0"}
    return builders.integration(
        builders.workspace("live"),
        platform,
        credentials=credentials,
        token_expires_at=timezone.now(),
    )


#: What a person brings who connects the account again.
PERSONS = {"access_token": "access-new", "refresh_token": "refresh-new"}


def reconnect(integration: Integration) -> None:
    now = clock.now()
    fresh = Connection(integration.remote_id, integration.username, "", Tokens(PERSONS, now + timedelta(hours=2)))
    connect.connect(workspace=integration.workspace, platform=integration.platform, connection=fresh, now=now)


def take_over(integration: Integration) -> datetime:
    """Another worker claims the refresh: the row holds its lease, not ours."""
    lease = clock.now() + 2 * refresh_claim.SENT_LEASE
    Integration.objects.filter(id=integration.id).update(refresh_lease_until=lease)
    return lease


def cut_off(integration: Integration, **fields: object) -> datetime:
    """A worker dies inside its call. Gives a time when its lease has passed."""
    now = clock.now()
    claim = refresh_claim.take(integration, now=now)
    assert claim
    assert refresh_claim.fence(claim, now=now)
    Integration.objects.filter(id=integration.id).update(**fields)
    return now + refresh_claim.SENT_LEASE + timedelta(seconds=1)


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
    assert (stored.refresh_lease_until, stored.refresh_sent) == (None, False)
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
@pytest.mark.parametrize("platform", ["twitter", "bluesky"])
def test_a_claim_that_lapsed_before_anything_was_sent_is_free(refresher: Refresher, platform: str) -> None:
    integration, now = expired(platform), timezone.now()
    assert refresh_claim.take(integration, now=now)
    with pytest.raises(NotNow) as caught:
        tokens.account_of(integration, now=now)
    assert caught.value.code == "token_refreshing"
    later = now + refresh_claim.CLAIM_LEASE + timedelta(seconds=1)
    assert tokens.account_of(integration, now=later).credentials["access_token"] == "access-1"


@pytest.mark.django_db
def test_a_token_that_works_once_is_not_sent_again_when_no_word_came_back(refresher: Refresher) -> None:
    integration = expired()
    later = cut_off(integration)
    with pytest.raises(NotNow) as waiting:
        tokens.account_of(integration, now=clock.now())
    assert waiting.value.code == "token_refreshing"
    for _ in range(3):
        with pytest.raises(Disconnected, match=r"cut off half-way.*Connect the account again") as caught:
            tokens.account_of(integration, now=later)
    assert caught.value.code == "account_disconnected"
    assert refresher.calls == []
    reconnect(integration)
    assert tokens.account_of(integration, now=later).credentials == PERSONS


@pytest.mark.django_db
def test_a_token_that_may_be_sent_again_is(refresher: Refresher) -> None:
    integration = expired("bluesky")
    later = cut_off(integration)
    assert tokens.account_of(integration, now=later).credentials["access_token"] == "access-1"
    stored = Integration.objects.get(id=integration.id)
    assert (stored.refresh_lease_until, stored.refresh_sent) == (None, False)


@pytest.mark.django_db
@pytest.mark.parametrize("ahead", [tokens.MARGIN, timedelta(hours=1)])
def test_an_access_that_is_still_good_is_used_up_when_its_refresh_was_cut_off(
    refresher: Refresher, ahead: timedelta
) -> None:
    integration = expired()
    later = cut_off(integration, token_expires_at=clock.now() + timedelta(minutes=30))
    for now in (clock.now(), later):
        assert tokens.account_of(integration, now=now, margin=ahead).credentials["access_token"] == "access-0"
    with pytest.raises(Disconnected):
        tokens.account_of(integration, now=later + timedelta(minutes=30), margin=ahead)
    assert refresher.calls == []


@pytest.mark.django_db
def test_a_refresh_without_an_answer_is_repeated_when_nothing_can_be_lost_by_it(refresher: Refresher) -> None:
    integration, hour = expired(), timedelta(hours=1)
    Integration.objects.update(token_expires_at=clock.now() + timedelta(minutes=30))
    refresher.error = Unconfirmed("X did not answer.", detail="ReadTimeout")
    with pytest.raises(NotNow) as caught:
        tokens.account_of(integration, now=clock.now(), margin=hour)
    assert (caught.value.code, caught.value.detail, caught.value.waiting) == ("answer_lost", "ReadTimeout", False)
    refresher.error = None
    assert tokens.account_of(integration, now=clock.now(), margin=hour).credentials["access_token"] == "access-0"
    assert refresher.calls == ["refresh-0"]
    at_its_end = clock.now() + timedelta(minutes=30)
    assert tokens.account_of(integration, now=at_its_end).credentials["access_token"] == "access-2"


@pytest.mark.django_db
def test_a_refresh_that_breaks_on_our_side_frees_the_way_too(refresher: Refresher) -> None:
    integration = expired()
    refresher.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        tokens.account_of(integration, now=clock.now())
    refresher.error = None
    assert tokens.account_of(integration, now=clock.now()).credentials["access_token"] == "access-2"


@pytest.mark.django_db
def test_an_account_that_was_given_up_too_early_comes_back(refresher: Refresher) -> None:
    integration = expired()
    other, later = Integration.objects.get(id=integration.id), clock.now() + timedelta(minutes=1)

    def give_up() -> None:
        with pytest.raises(Disconnected) as caught:
            tokens.account_of(other, now=later)
        tokens.disconnect(other, reason=caught.value.message)
        assert Integration.objects.get(id=integration.id).status == IntegrationStatus.NEEDS_REFRESH

    refresher.meanwhile = give_up
    assert tokens.account_of(integration, now=clock.now()).credentials["access_token"] == "access-1"
    stored = Integration.objects.get(id=integration.id)
    assert (stored.status, stored.status_reason, stored.refresh_sent) == (IntegrationStatus.ACTIVE, "", False)


@pytest.mark.django_db
def test_an_account_that_a_person_disconnected_stays_so(refresher: Refresher) -> None:
    integration = expired()
    refresher.meanwhile = lambda: Integration.objects.update(
        status=IntegrationStatus.DISCONNECTED, status_reason="Not ours any more."
    )
    with pytest.raises(Disconnected):
        tokens.account_of(integration, now=clock.now())
    stored = Integration.objects.get(id=integration.id)
    assert (stored.status, stored.status_reason) == (IntegrationStatus.DISCONNECTED, "Not ours any more.")


@pytest.mark.django_db(transaction=True)
def test_a_new_pair_outlives_a_database_that_is_away_for_a_moment(
    refresher: Refresher, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration = expired()

    def cut_our_connection() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        killer = threading.Thread(target=kill_backend, args=(pid,))
        killer.start()
        killer.join()

    refresher.meanwhile = cut_our_connection
    assert tokens.account_of(integration, now=clock.now()).credentials["access_token"] == "access-1"
    assert refresher.calls == ["refresh-0"]


def kill_backend(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.close()


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
@pytest.mark.parametrize("person", [True, False])
def test_a_claim_that_was_lost_before_the_fence_is_not_used(
    refresher: Refresher, monkeypatch: pytest.MonkeyPatch, person: bool
) -> None:
    integration = expired()

    def lose_it(step: str, _subject: object) -> None:
        if step == "refreshing":
            monkeypatch.setattr(tokens, "reach", lambda *_: None)
            if person:
                reconnect(integration)
                Integration.objects.update(token_expires_at=clock.now())
            else:
                take_over(integration)

    monkeypatch.setattr(tokens, "reach", lose_it)
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


def test_an_account_never_shows_its_credentials() -> None:
    account = Account(uuid.uuid4(), "twitter", "1", "alice", {"access_token": "s3cr3t"})
    assert "s3cr3t" not in repr(account)
    assert "s3cr3t" not in repr(Tokens({"access_token": "s3cr3t"}, None))
