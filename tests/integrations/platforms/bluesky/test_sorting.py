"""What each answer, and each silence, is taken to prove."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from integrations.platforms.base import Draft
from integrations.platforms.bluesky import xrpc
from integrations.platforms.client import Account, Part, Published
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed

from . import people
from .doubles import Drops, Hangs, Says, answering, unused_address
from .people import DID, NOW, account, prepare

KEY = "3n2zjxf5ciqli"
URI = f"at://{DID}/app.bsky.feed.post/{KEY}"
PAYLOAD: dict[str, Any] = {"repo": DID, "rkey": KEY, "record": {"text": "hello"}, "swapRecord": None}
THREAD: list[Part] = [Part(Draft("hi @bob.test"), KEY)]


def said(status: int, error: str, message: str = "its words") -> Says:
    return Says(status, {"error": error, "message": message})


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xrpc, "TIMEOUT", httpx.Timeout(1))


def publish(who: Account) -> Published:
    return people.publish(who, PAYLOAD)


def find(who: Account) -> Published | None:
    return people.find(who, PAYLOAD)


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (said(400, "InvalidRequest", "Invalid app.bsky.feed.post record: grapheme too big"), Rejected, "rejected"),
        (said(413, "PayloadTooLarge"), Rejected, "rejected"),
        (said(409, "Conflict"), Rejected, "rejected"),
        (said(400, "ExpiredToken"), NotNow, "token_expired"),
        (said(400, "InvalidToken"), NotNow, "token_expired"),
        (said(401, "AuthMissing"), NotNow, "token_expired"),
        (said(401, "AccountTakedown"), Disconnected, "account_disconnected"),
        (said(401, "AccountDeactivated"), Disconnected, "account_disconnected"),
        (said(403, "AccountNotFound"), Disconnected, "account_disconnected"),
        (said(403, "InsufficientScope"), Disconnected, "account_disconnected"),
        (said(429, "RateLimitExceeded"), NotNow, "rate_limited"),
        (said(404, "XRPCNotSupported"), NotNow, "platform_unavailable"),
        (Says(403, "<h1>Blocked</h1>"), NotNow, "platform_unavailable"),
        (Says(404, "<h1>Nothing here</h1>"), NotNow, "platform_unavailable"),
        (Says(403, {"blocked": "by a firewall"}), NotNow, "platform_unavailable"),
        (said(400, "InvalidSwap", "Record was at bafy"), Unconfirmed, "unconfirmed"),
        (said(500, "InternalServerError"), Unconfirmed, "unconfirmed"),
        (Says(502, "<h1>Bad gateway</h1>"), Unconfirmed, "unconfirmed"),
        (said(503, "NotEnoughResources"), Unconfirmed, "unconfirmed"),
        (Says(200, "<h1>Welcome</h1>"), Unconfirmed, "answer_lost"),
        (Says(200, "{", {"Content-Type": "application/json"}), Unconfirmed, "answer_lost"),
        (Says(200, {"uri": "at://another/post"}), Unconfirmed, "unconfirmed"),
        (Says(400, ["in", "nobody's", "words"]), Unconfirmed, "answer_lost"),
        (Drops(), Unconfirmed, "answer_lost"),
        (Hangs(), Unconfirmed, "answer_lost"),
    ],
)
def test_it_sorts_what_comes_back_from_publishing(
    answer: Says | Hangs | Drops, error: type[PublishError], code: str
) -> None:
    with answering(answer) as server, pytest.raises(PublishError) as caught:
        publish(account(server.base_url))
    assert (type(caught.value), caught.value.code) == (error, code)
    assert caught.value.message.endswith(".")
    assert caught.value.detail


@pytest.mark.parametrize("address", ["http://nowhere.invalid", "http://127.0.0.1:99999", ""])
def test_it_knows_that_nothing_left_when_there_is_no_connection(address: str) -> None:
    with pytest.raises(NotNow) as caught:
        publish(account(address or unused_address()))
    assert not caught.value.token_refused


def test_it_tells_the_engine_to_renew_a_refused_token() -> None:
    with answering(said(400, "ExpiredToken")) as server, pytest.raises(NotNow) as caught:
        publish(account(server.base_url))
    assert caught.value.token_refused


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7", "ratelimit-reset": "1"}, timedelta(seconds=7)),
        ({"retry-after": "0"}, timedelta(seconds=1)),
        ({"retry-after": "9e99"}, timedelta(days=1)),
        ({"retry-after": "soon"}, None),
        ({"ratelimit-reset": "99999999999"}, timedelta(days=1)),
        ({"ratelimit-reset": "9" * 30}, None),
        ({}, None),
    ],
)
def test_it_rests_the_account_as_long_as_the_server_says(headers: dict[str, str], wait: timedelta | None) -> None:
    with answering(Says(429, {"error": "RateLimitExceeded"}, headers)) as server, pytest.raises(NotNow) as caught:
        publish(account(server.base_url))
    assert caught.value.rests_account
    assert caught.value.retry_after == wait


def test_it_rests_until_the_limit_ends() -> None:
    ends = int(datetime.now(UTC).timestamp()) + 60
    answer = Says(429, {"error": "RateLimitExceeded"}, {"ratelimit-reset": str(ends)})
    with answering(answer) as server, pytest.raises(NotNow) as caught:
        publish(account(server.base_url))
    assert caught.value.retry_after is not None
    assert timedelta(seconds=55) < caught.value.retry_after <= timedelta(seconds=60)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_carries_no_token_to_another_host(status: int) -> None:
    with answering(Says()) as other:
        redirect = Says(status, headers={"Location": f"{other.base_url}/xrpc/com.atproto.repo.putRecord"})
        with answering(redirect) as server, pytest.raises(NotNow):
            publish(account(server.base_url))
        assert other.asked == []


def test_it_sends_the_payload_as_it_was_frozen_to_the_server_of_the_account() -> None:
    with answering(Says(200, {"uri": URI, "cid": "bafy"})) as server:
        live = publish(account(unused_address(), pds=server.base_url))
    assert server.asked == [{"path": "/xrpc/com.atproto.repo.putRecord", "token": "Bearer access", "body": PAYLOAD}]
    assert live == Published(URI, f"https://bsky.app/profile/ann.test/post/{KEY}")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(400, "InvalidRequest"), NotNow),
        (said(429, "RateLimitExceeded"), NotNow),
        (said(500, "InternalServerError"), NotNow),
        (Says(404, "<h1>Nothing here</h1>"), NotNow),
        (Drops(), NotNow),
        (Hangs(), NotNow),
        (said(400, "RepoDeactivated"), Disconnected),
        (Says(200, {"uri": URI, "value": {"text": "another"}}), Rejected),
    ],
)
def test_it_sorts_what_comes_back_from_looking(answer: Says | Hangs | Drops, error: type[PublishError]) -> None:
    with answering(answer) as server, pytest.raises(error):
        find(account(server.base_url))


def test_it_looks_without_a_token_so_that_an_expired_one_hides_nothing() -> None:
    with answering(said(400, "RecordNotFound"), Says(200, {"uri": URI, "value": {"text": "hello"}})) as server:
        who = account(server.base_url)
        assert find(who) is None
        assert find(who) == Published(URI, f"https://bsky.app/profile/ann.test/post/{KEY}")
    assert [asked["token"] for asked in server.asked] == ["", ""]


@pytest.mark.parametrize("answer", [said(502, "UpstreamFailure"), said(429, "RateLimitExceeded"), Drops(), Hangs()])
def test_it_does_not_take_trouble_with_a_handle_for_no_such_handle(answer: Says | Hangs | Drops) -> None:
    with answering(answer) as server, pytest.raises(NotNow):
        prepare(account(server.base_url), THREAD, now=NOW)


def test_it_leaves_an_unknown_handle_as_plain_text() -> None:
    with answering(said(400, "InvalidRequest", "Unable to resolve handle")) as server:
        payload = prepare(account(server.base_url), THREAD, now=NOW)
    assert payload == {
        "repo": DID,
        "collection": "app.bsky.feed.post",
        "rkey": KEY,
        "validate": True,
        "record": {"$type": "app.bsky.feed.post", "text": "hi @bob.test", "createdAt": "2026-11-24T09:30:00.123Z"},
        "swapRecord": None,
    }


def test_it_needs_no_network_for_a_text_without_mentions() -> None:
    payload = prepare(
        account(unused_address()), [Part(Draft("see example.com #tag", {"link_card": False}), KEY)], now=NOW
    )
    assert len(payload["record"]["facets"]) == 2


def test_it_knows_its_post_again_when_an_earlier_preparing_of_it_arrived() -> None:
    earlier = {**PAYLOAD["record"], "createdAt": "2026-11-24T09:00:00.000Z", "facets": []}
    with answering(Says(200, {"uri": URI, "value": earlier})) as server:
        assert find(account(server.base_url))
