"""Sessions at a real Bluesky server."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from integrations.platforms.bluesky import connect, refreshing
from integrations.platforms.client import Account
from integrations.platforms.connecting import Tokens
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected
from tests.peers.pds import Pds, running

from .people import connected, prepared, publish

pytestmark = pytest.mark.peer


def holding(who: Account, tokens: Tokens) -> Account:
    return Account(who.integration_id, who.platform, who.remote_id, who.username, tokens.credentials)


def test_it_connects_by_app_password(pds: Pds) -> None:
    person = pds.create_account("ann")
    now = datetime.now(UTC)
    made = connect.connect(identifier=f"@{person.handle}", password=person.app_password, service=pds.base_url, now=now)
    assert (made.remote_id, made.username) == (person.did, person.handle)
    assert made.tokens.expires_at is not None
    assert timedelta(hours=1, minutes=59) < made.tokens.expires_at - now < timedelta(hours=2, minutes=1)


@pytest.mark.parametrize("identifier", ["did", "handle"])
def test_it_refuses_a_wrong_password(pds: Pds, identifier: str) -> None:
    person = pds.create_account("ann")
    with pytest.raises(Rejected) as caught:
        connect.connect(
            identifier=getattr(person, identifier), password="wrong", service=pds.base_url, now=datetime.now(UTC)
        )
    assert caught.value.code == "invalid_credentials"


def test_it_asks_for_an_app_password_instead_of_the_main_one(pds: Pds) -> None:
    person = pds.create_account("ann")
    with pytest.raises(Rejected) as caught:
        connect.connect(
            identifier=person.handle, password=person.main_password, service=pds.base_url, now=datetime.now(UTC)
        )
    assert caught.value.code == "app_password_required"


def test_it_refreshes_to_a_new_pair_that_publishes(pds: Pds) -> None:
    who = connected(pds, pds.create_account("ann"))
    tokens = refreshing.refresh(who, now=datetime.now(UTC))
    assert tokens.credentials["refresh_jwt"] != who.credentials["refresh_jwt"]
    renewed = holding(who, tokens)
    assert publish(renewed, prepared(renewed, "after a refresh"))


def test_it_may_lose_the_answer_to_a_refresh_and_ask_again(pds: Pds) -> None:
    who = connected(pds, pds.create_account("ann"))
    refreshing.refresh(who, now=datetime.now(UTC))
    again = holding(who, refreshing.refresh(who, now=datetime.now(UTC)))
    assert refreshing.refresh(again, now=datetime.now(UTC))


def test_it_signs_in_anew_when_the_refresh_token_is_dead(pds: Pds) -> None:
    who = connected(pds, pds.create_account("ann"))
    dead = Account(uuid.uuid4(), "bluesky", who.remote_id, who.username, {**who.credentials, "refresh_jwt": "x.y.z"})
    renewed = holding(who, refreshing.refresh(dead, now=datetime.now(UTC)))
    assert publish(renewed, prepared(renewed, "after signing in anew"))


def test_it_is_disconnected_when_the_app_password_was_revoked(pds: Pds) -> None:
    person = pds.create_account("ann")
    who = connected(pds, person)
    pds.revoke_app_password(person)
    with pytest.raises(Disconnected):
        refreshing.refresh(who, now=datetime.now(UTC))


@pytest.fixture
def strict_pds(pds: Pds) -> Iterator[Pds]:  # after `pds`, which skips where there is no server
    with running(rate_limits=True) as server:
        yield server


def test_it_is_told_by_a_real_limit_when_to_come_back(strict_pds: Pds) -> None:
    """Thirty sign-ins in five minutes for one name, whether or not anybody bears it."""

    def sign_in(_: int) -> PublishError:
        with pytest.raises(PublishError) as caught:
            connect.connect(
                identifier="nobody.test", password="wrong", service=strict_pds.base_url, now=datetime.now(UTC)
            )
        return caught.value

    with ThreadPoolExecutor(16) as pool:  # a server takes its time over a refusal
        errors = list(pool.map(sign_in, range(31)))
    assert sorted(error.code for error in errors) == ["invalid_credentials"] * 30 + ["rate_limited"]
    [limited] = [error for error in errors if isinstance(error, NotNow)]
    assert limited.retry_after is not None
    assert timedelta(0) < limited.retry_after <= timedelta(minutes=5)


def test_it_ends_a_session_for_good(pds: Pds) -> None:
    person = pds.create_account("ann")
    who = connected(pds, person)
    connect.revoke(who)
    without_password = Account(
        who.integration_id, who.platform, who.remote_id, who.username, {**who.credentials, "app_password": ""}
    )
    with pytest.raises(Disconnected):
        refreshing.refresh(without_password, now=datetime.now(UTC))
