"""Signing in and refreshing, as far as the answers of a server decide it."""

import base64
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pytest_django import Settings

from integrations.platforms.bluesky import connect, refreshing, xrpc
from integrations.platforms.connecting import Connection
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected

from .doubles import Drops, Hangs, Says, answering, unused_address
from .people import DID, NOW, account, session, token

WRONG_PASSWORD = Says(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
REVOKED = Says(400, {"error": "ExpiredToken", "message": "Token has been revoked"})


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xrpc, "TIMEOUT", httpx.Timeout(1))
    monkeypatch.setattr(connect, "WITHIN", 1)
    monkeypatch.setattr(refreshing, "REFRESH_TIMEOUT", httpx.Timeout(1))


def sign_in(service: str) -> Connection:
    return connect.connect(identifier="@ann.test", password=" app-pass-word\n", service=service, now=NOW)


def test_it_signs_in_once_and_keeps_everything_it_will_need() -> None:
    with answering(Says(body=session())) as server:
        made = sign_in(server.base_url)
    asked = {"identifier": "ann.test", "password": "app-pass-word"}
    assert server.asked == [{"path": "/xrpc/com.atproto.server.createSession", "token": "", "body": asked}]
    assert (made.remote_id, made.username) == (DID, "ann.test")
    assert made.tokens.expires_at == NOW.replace(microsecond=0) + timedelta(hours=2)
    assert set(made.tokens.credentials) == {
        "service", "pds", "did", "handle", "access_jwt", "refresh_jwt", "app_password"
    }  # fmt: skip
    assert "app-pass-word" not in repr(made)


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (WRONG_PASSWORD, Rejected, "invalid_credentials"),
        (Says(400, {"error": "InvalidRequest", "message": "no identifier"}), Rejected, "invalid_credentials"),
        (Says(401, {"error": "AuthFactorTokenRequired"}), Rejected, "app_password_required"),
        (Says(body=session(accessJwt=token(scope="com.atproto.access"))), Rejected, "app_password_required"),
        (Says(401, {"error": "AccountTakedown"}), Disconnected, "account_disconnected"),
        (Says(429, {"error": "RateLimitExceeded"}), NotNow, "rate_limited"),
        (Says(502, "<h1>Bad gateway</h1>"), NotNow, "platform_unavailable"),
        (Says(404, "<h1>Nothing here</h1>"), NotNow, "platform_unavailable"),
        (Says(200, "<h1>Welcome</h1>"), NotNow, "platform_unavailable"),
        (Says(200, {"hello": "world"}), NotNow, "platform_unavailable"),
        (Says(200, "[" * 100_000), NotNow, "platform_unavailable"),
        (Says(200, "x" * 300_000), NotNow, "unreachable"),
        (Drops(), NotNow, "unreachable"),
        (Hangs(), NotNow, "unreachable"),
    ],
)
def test_it_says_what_went_wrong(answer: Says | Hangs | Drops, error: type[PublishError], code: str) -> None:
    with answering(answer) as server, pytest.raises(PublishError) as caught:
        sign_in(server.base_url)
    assert (type(caught.value), caught.value.code) == (error, code)


def test_it_carries_no_password_to_another_host() -> None:
    with answering(Says(body=session())) as other:
        redirect = Says(307, headers={"Location": f"{other.base_url}/xrpc/com.atproto.server.createSession"})
        with answering(redirect) as server, pytest.raises(NotNow):
            sign_in(server.base_url)
        assert other.asked == []


@pytest.mark.parametrize(
    ("given", "service"),
    [
        ("bsky.social", "https://bsky.social"),
        (" https://PDS.example.com/ ", "https://pds.example.com"),
        ("http://localhost:2583", "http://localhost:2583"),
    ],
)
def test_it_understands_an_address_as_people_write_it(given: str, service: str) -> None:
    assert connect.normalised(given) == service


@pytest.mark.parametrize(
    "given",
    ["", "ftp://bsky.social", "https://", "https://a:b@c.example", "https://a.example/x", "https://a:99999", "[x"],
)
def test_it_refuses_what_is_no_address(given: str) -> None:
    with pytest.raises(Rejected) as caught:
        connect.normalised(given)
    assert caught.value.code == "invalid_service"


@pytest.mark.parametrize(
    ("endpoint", "pds"),
    [("https://pds.example.com", "https://pds.example.com"), ("javascript:alert(1)", ""), (None, "")],
)
def test_it_takes_the_server_of_the_posts_from_the_did_document(endpoint: str | None, pds: str) -> None:
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": endpoint}
    with answering(Says(body=session(didDoc={"id": DID, "service": [service]}))) as server:
        assert sign_in(server.base_url).tokens.credentials["pds"] == pds


def test_it_does_not_move_from_https_to_http() -> None:
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "http://pds.example.com"}
    assert connect._pds({"didDoc": {"id": DID, "service": [service]}}, service="https://bsky.social") == ""


def test_it_expects_a_short_life_of_a_token_that_does_not_tell() -> None:
    with answering(Says(body=session(accessJwt="opaque"))) as server:
        assert sign_in(server.base_url).tokens.expires_at == NOW + connect.UNTOLD_LIFE


def test_it_names_an_account_without_a_handle_by_its_did() -> None:
    with answering(Says(body=session(handle="handle.invalid"))) as server:
        assert sign_in(server.base_url).username == DID


def test_it_refreshes_with_the_refresh_token_and_keeps_the_app_password() -> None:
    renewed = session(refreshJwt=token(exp=2), handle="new.test")
    with answering(Says(body=renewed)) as server:
        tokens = refreshing.refresh(account(server.base_url, pds="https://pds.example.com"), now=NOW)
    assert server.asked == [
        {"path": "/xrpc/com.atproto.server.refreshSession", "token": "Bearer refresh", "body": None}
    ]
    held = tokens.credentials
    assert (held["access_jwt"], held["refresh_jwt"]) == (renewed["accessJwt"], renewed["refreshJwt"])
    assert (held["app_password"], held["pds"], held["handle"]) == (
        "app-pass-word",
        "https://pds.example.com",
        "new.test",
    )
    assert tokens.expires_at == datetime.fromtimestamp(int(NOW.timestamp()) + 7200, UTC)


def test_it_signs_in_again_when_the_session_has_ended() -> None:
    with answering(REVOKED, Says(body=session())) as server:
        refreshing.refresh(account(server.base_url), now=NOW)
    assert server.asked[1]["body"] == {"identifier": DID, "password": "app-pass-word"}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([REVOKED, WRONG_PASSWORD], Disconnected),
        ([Says(401, {"error": "AccountDeactivated"})], Disconnected),
        ([Says(body=session(did="did:plc:somebodyelse"))], Disconnected),
        ([REVOKED, Says(429, {"error": "RateLimitExceeded"})], NotNow),
        ([REVOKED, Drops()], NotNow),
        ([Says(400, {"error": "InvalidRequest"})], NotNow),
        ([Says(500, {"error": "InternalServerError"})], NotNow),
        ([Says(403, "<h1>Blocked</h1>")], NotNow),
        ([Drops()], NotNow),
        ([Hangs()], NotNow),
    ],
)
def test_it_gives_an_account_up_only_when_the_server_says_so(
    answers: list[Says | Hangs | Drops], error: type[PublishError]
) -> None:
    with answering(*answers) as server, pytest.raises(PublishError) as caught:
        refreshing.refresh(account(server.base_url), now=NOW)
    assert type(caught.value) is error


def test_it_waits_for_a_server_that_is_not_there() -> None:
    with pytest.raises(NotNow):
        refreshing.refresh(account(unused_address()), now=NOW)


@pytest.mark.parametrize("service", ["http://127.0.0.1", "https://127.0.0.1", "https://10.0.0.1", "https://[::1]"])
def test_it_asks_no_private_address_where_people_are_not_developing(settings: Settings, service: str) -> None:
    settings.SERVICES_ON_LOOPBACK = False
    with pytest.raises(Rejected) as caught:
        sign_in(service)
    assert caught.value.code == "invalid_service"


@pytest.mark.parametrize("service", ["https://10.0.0.1", "https://169.254.169.254", "https://192.168.1.1:8443"])
def test_it_asks_no_private_address_but_loopback_while_developing(service: str) -> None:
    with pytest.raises(Rejected) as caught:
        sign_in(service)
    assert caught.value.code == "invalid_service"


def test_it_ends_the_session_with_the_refresh_token() -> None:
    with answering(Says(200, "")) as server:
        connect.revoke(account(server.base_url))
    assert server.asked == [{"path": "/xrpc/com.atproto.server.deleteSession", "token": "Bearer refresh", "body": None}]


@pytest.mark.parametrize("answer", [Says(500, {"error": "InternalServerError"}), Says(401, {}), Drops(), Hangs()])
def test_it_says_when_the_session_was_not_surely_ended(answer: Says | Hangs | Drops) -> None:
    with answering(answer) as server, pytest.raises(PublishError):
        connect.revoke(account(server.base_url))


@pytest.mark.parametrize(
    "said",
    [
        {"did": "d" * 1000},
        {"did": "did:plc:" + "a" * 241},
        {"did": "did:plc:a\0b"},
        {"did": "did:plc:\ud800"},
        {"did": ""},
        {"did": "did:plc:a\n"},
        {"handle": "h" * 1000},
        {"handle": "a." * 126 + "ab"},
        {"handle": "a\0b.test"},
        {"handle": ""},
        {"handle": "ann.test\n2026-11-25 09:00:00,000 ERROR root [-] forged"},
        {"handle": "<script>.test"},
        {"handle": "ann"},
        {"accessJwt": ""},
        {"accessJwt": "a\ud800.b.c"},
        {"refreshJwt": "\u00e9"},
    ],
)
def test_it_takes_no_rubbish_from_whoever_calls_itself_a_server(said: dict[str, str]) -> None:
    with answering(Says(body=session(**said))) as server, pytest.raises(NotNow) as caught:
        sign_in(server.base_url)

    assert caught.value.code == "platform_unavailable"


@pytest.mark.parametrize(
    "access",
    [
        *(token(exp=exp) for exp in (10**20, -(10**20), "soon", None, [1], float("nan"), float("inf"))),
        "a." + base64.urlsafe_b64encode(b"[" * 50_000).decode() + ".c",
    ],
    ids=range(8),
)
def test_it_believes_no_end_that_is_none(access: str) -> None:
    with answering(Says(body=session(accessJwt=access))) as server:
        assert sign_in(server.base_url).tokens.expires_at == NOW + connect.UNTOLD_LIFE


def test_it_repeats_little_of_what_a_server_says() -> None:
    with (
        answering(Says(400, {"error": "InvalidRequest", "message": "m" * 200_000})) as server,
        pytest.raises(Rejected) as caught,
    ):
        sign_in(server.base_url)

    assert "m" * 200 in caught.value.message
    assert len(caught.value.message) < 300
