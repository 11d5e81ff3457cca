"""Signing in, and the life of a refresh token."""

import base64
import dataclasses
import hashlib
import urllib.request
from datetime import timedelta
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from pytest_django import Settings

from integrations.platforms.client import Account
from integrations.platforms.connecting import Connection
from integrations.platforms.errors import Disconnected, NotNow, Rejected, Unconfirmed
from integrations.platforms.twitter import connect
from tests.peers.x.process import XPeer

TOKEN = "POST /2/oauth2/token"
BACK = "https://openpost.example/callback"
VERIFIER = "a" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def consent() -> str:
    """What the browser brings back when the person said yes: the code."""
    url = connect.authorize_url(redirect_uri=BACK, state="st", code_challenge=CHALLENGE)
    with pytest.raises(HTTPError) as redirect:
        urllib.request.build_opener(Stay).open(url)
    assert redirect.value.status == 302
    query = parse_qs(urlsplit(redirect.value.headers["Location"]).query)
    assert query["state"] == ["st"]
    return query["code"][0]


def exchange(code: str, verifier: str = VERIFIER) -> Connection:
    return connect.exchange(code=code, code_verifier=verifier, redirect_uri=BACK, now=timezone.now())


def test_it_connects_an_account_by_sign_in(x: XPeer) -> None:
    user, now = x.user("ada", "Ada Lovelace"), timezone.now()
    connection = connect.exchange(code=consent(), code_verifier=VERIFIER, redirect_uri=BACK, now=now)
    assert (connection.remote_id, connection.username, connection.display_name) == (user["id"], "ada", "Ada Lovelace")
    assert connection.tokens.expires_at == now + timedelta(hours=2)
    assert connection.tokens.credentials.keys() == {"access_token", "refresh_token", "scope"}
    assert connection.tokens.credentials["scope"].split() == list(connect.SCOPES)


def test_it_connects_as_a_public_client(x: XPeer, settings: Settings) -> None:
    x.settings(client_secret="")
    settings.X_CLIENT_SECRET = ""
    x.user("ada")
    assert exchange(consent()).username == "ada"


@pytest.mark.parametrize("how", ["late", "twice", "other verifier", "unknown"])
def test_it_refuses_a_code_that_is_not_good(x: XPeer, how: str) -> None:
    x.user("ada")
    code, verifier = consent(), VERIFIER
    if how == "late":
        x.clock(ahead_s=31)
    elif how == "twice":
        exchange(code)
    elif how == "other verifier":
        verifier = "b" * 64
    else:
        code = "unknown"
    with pytest.raises(Rejected) as caught:
        exchange(code, verifier)
    assert caught.value.code == "sign_in_failed"


def test_it_connects_with_tokens_at_hand(x: XPeer) -> None:
    user, now = x.user("ada"), timezone.now()
    tokens = x.tokens(user["id"])
    connection = connect.connect_with_tokens(
        access_token=tokens["access_token"], refresh_token=tokens["refresh_token"], now=now
    )
    assert connection.remote_id == user["id"]
    assert connection.tokens.expires_at == now + timedelta(hours=2)
    assert connection.tokens.credentials["refresh_token"] == tokens["refresh_token"]


def test_it_does_not_connect_with_a_dead_token(x: XPeer) -> None:
    with pytest.raises(Disconnected):
        connect.connect_with_tokens(access_token="dead", refresh_token="", now=timezone.now())


@pytest.mark.parametrize("fault", [{"do": "drop"}, {"do": "answer", "status": 500}, {"do": "answer", "status": 200}])
def test_it_can_connect_later_when_x_does_not_say_who_it_is(x: XPeer, fault: dict[str, str]) -> None:
    tokens = x.tokens(x.user("ada")["id"])
    x.fault("GET /2/users/me", **fault)
    with pytest.raises(NotNow):
        connect.connect_with_tokens(access_token=tokens["access_token"], refresh_token="", now=timezone.now())


def test_it_refreshes_and_rotates(x: XPeer, account: Account) -> None:
    now = timezone.now()
    first = connect.refresh(account, now=now)
    assert first.expires_at == now + timedelta(hours=2)
    assert first.credentials["refresh_token"] != account.credentials["refresh_token"]
    second = connect.refresh(dataclasses.replace(account, credentials=first.credentials), now=now)
    assert second.credentials["access_token"] != first.credentials["access_token"]
    assert x.families() == [{"user_id": account.remote_id, "alive": True, "spent": 2, "replays": 0}]


def test_it_is_disconnected_by_a_replay_which_kills_the_family(x: XPeer, account: Account) -> None:
    fresh = connect.refresh(account, now=timezone.now())
    with pytest.raises(Disconnected):
        connect.refresh(account, now=timezone.now())
    assert not x.families()[0]["alive"]
    with pytest.raises(Disconnected):
        connect.refresh(dataclasses.replace(account, credentials=fresh.credentials), now=timezone.now())


def test_it_is_disconnected_when_the_person_took_the_access_away(x: XPeer, account: Account) -> None:
    x.revoke(account.remote_id)
    with pytest.raises(Disconnected) as caught:
        connect.refresh(account, now=timezone.now())
    assert "token was invalid" in caught.value.detail


def test_it_is_disconnected_when_there_is_no_refresh_token(account: Account) -> None:
    with pytest.raises(Disconnected):
        connect.refresh(dataclasses.replace(account, credentials={"access_token": "x"}), now=timezone.now())


def test_it_understands_the_standards_own_word_for_a_dead_token(x: XPeer, account: Account) -> None:
    x.fault(TOKEN, "answer", status=400, body={"error": "invalid_grant"})
    with pytest.raises(Disconnected):
        connect.refresh(account, now=timezone.now())


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "answer", "status": 429, "body": {"title": "Too Many Requests"}},
        {"do": "answer", "status": 400, "body": "<html>"},
        {"do": "answer", "status": 400, "body": {"error": "invalid_request", "error_description": "grant_type?"}},
        {"do": "answer", "status": 401, "body": {"error": "invalid_client"}},
        {"do": "answer", "status": 404, "body": ""},
    ],
)
def test_it_refreshes_later_after_any_other_refusal(x: XPeer, account: Account, fault: dict[str, str]) -> None:
    x.fault(TOKEN, **fault)
    with pytest.raises(NotNow):
        connect.refresh(account, now=timezone.now())
    connect.refresh(account, now=timezone.now())
    assert x.families()[0]["alive"]


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "drop"},
        {"do": "half"},
        {"do": "answer", "status": 302},
        {"do": "answer", "status": 408},
        {"do": "answer", "status": 500},
        {"do": "answer", "status": 503, "body": {"error": "invalid_grant"}},
        {"do": "answer", "status": 200, "body": "{"},
        {"do": "answer", "status": 200, "body": {"access_token": None}},
    ],
)
def test_it_does_not_know_whether_the_token_was_spent_without_an_answer(
    x: XPeer, account: Account, fault: dict[str, str]
) -> None:
    x.fault(TOKEN, **fault)
    with pytest.raises(Unconfirmed):
        connect.refresh(account, now=timezone.now())
    connect.refresh(account, now=timezone.now())
    assert x.families()[0]["alive"]


def test_it_knows_that_nothing_was_spent_when_x_could_not_be_reached(account: Account, settings: Settings) -> None:
    settings.X_API_URL = "http://127.0.0.1:9"
    with pytest.raises(NotNow):
        connect.refresh(account, now=timezone.now())


@pytest.mark.parametrize(("do", "seconds"), [("hang", 1), ("drip", 30)])
def test_it_does_not_wait_for_ever(
    x: XPeer, account: Account, monkeypatch: pytest.MonkeyPatch, do: str, seconds: int
) -> None:
    monkeypatch.setattr(connect, "TOKEN_WITHIN", 0.4)
    x.fault(TOKEN, do, seconds=seconds)
    with pytest.raises(Unconfirmed):
        connect.refresh(account, now=timezone.now())


def test_it_keeps_the_refresh_token_when_the_answer_has_none(x: XPeer, account: Account) -> None:
    x.fault(TOKEN, "answer", status=200, body={"access_token": "new", "expires_in": 60})
    now = timezone.now()
    tokens = connect.refresh(account, now=now)
    assert tokens.credentials["access_token"] == "new"
    assert tokens.credentials["refresh_token"] == account.credentials["refresh_token"]
    assert tokens.expires_at == now + timedelta(seconds=60)


def test_it_blames_the_app_when_the_app_is_wrong(account: Account, settings: Settings) -> None:
    settings.X_CLIENT_SECRET = "wrong"
    with pytest.raises(NotNow) as caught:
        connect.refresh(account, now=timezone.now())
    assert caught.value.code == "app_not_accepted"


def test_it_says_that_there_is_no_app(account: Account, settings: Settings) -> None:
    settings.X_CLIENT_ID = ""
    with pytest.raises(NotNow) as caught:
        connect.refresh(account, now=timezone.now())
    assert caught.value.code == "app_not_configured"


def test_it_ends_our_access_at_x(x: XPeer, account: Account) -> None:
    connect.revoke(account)
    assert not x.families()[0]["alive"]
    with pytest.raises(Disconnected):
        connect.refresh(account, now=timezone.now())


def test_it_ends_our_access_as_a_public_client(x: XPeer, account: Account, settings: Settings) -> None:
    x.settings(client_secret="")
    settings.X_CLIENT_SECRET = ""
    connect.revoke(account)
    assert not x.families()[0]["alive"]


@pytest.mark.parametrize("fault", [{"do": "drop"}, {"do": "answer", "status": 500}, {"do": "answer", "status": 401}])
def test_it_says_when_access_was_not_surely_ended(x: XPeer, account: Account, fault: dict[str, str]) -> None:
    x.fault("POST /2/oauth2/revoke", **fault)
    with pytest.raises(NotNow):
        connect.revoke(account)
