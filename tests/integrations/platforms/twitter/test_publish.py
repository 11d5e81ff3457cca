"""What `publish` sends, and what each way to fail proves."""

import dataclasses
import socket
import unicodedata
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed
from integrations.platforms.twitter import session

from .conftest import Desk

POST = "POST /2/tweets"
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
CAPPED = "https://api.twitter.com/2/problems/usage-capped"


def failure(desk: Desk, text: str = "hello") -> PublishError:
    with pytest.raises(PublishError) as caught:
        desk.publish(text)
    assert desk.account.credentials["access_token"] not in caught.value.detail + caught.value.message
    return caught.value


def test_it_makes_the_post_live_and_gives_its_address(desk: Desk) -> None:
    published = desk.publish("hello 👋🏽 & <welt>")
    [post] = desk.live()
    assert (post["id"], post["written"]) == (published.remote_id, "hello 👋🏽 & <welt>")
    assert published.url == f"https://x.com/ada/status/{post['id']}"


@pytest.mark.parametrize("who", ["following", "mentionedUsers", "subscribers", "verified"])
def test_it_says_who_can_reply(desk: Desk, who: str) -> None:
    desk.publish("hello", who_can_reply=who)
    assert desk.live()[0]["body"] == {"text": "hello", "reply_settings": who}


def test_it_leaves_the_field_out_for_everyone(desk: Desk) -> None:
    desk.publish("hello", who_can_reply="everyone")
    desk.publish("and again")
    assert [post["body"] for post in desk.live()] == [{"text": "hello"}, {"text": "and again"}]


def test_it_sends_the_text_byte_for_byte(desk: Desk) -> None:
    text = unicodedata.normalize("NFD", "Grüße aus Köln") + " 👨‍👩‍👧‍👦 \n\n 한국어"
    desk.publish(text)
    assert desk.live()[0]["body"]["text"] == text


def test_it_is_told_that_the_text_is_already_there(desk: Desk) -> None:
    desk.publish("hello")
    error = failure(desk)
    assert isinstance(error, Rejected)
    assert error.code == "duplicate_content"
    assert DUPLICATE in error.detail


@pytest.mark.parametrize(
    ("text", "code"),
    [("x" * 281, "text_too_long"), ("$AAPL and $MSFT", "too_many_cashtags"), ("", "rejected")],
)
def test_it_reports_what_x_refuses(desk: Desk, text: str, code: str) -> None:
    error = failure(desk, text)
    assert isinstance(error, Rejected)
    assert error.code == code
    assert desk.live() == []


def test_it_is_refused_for_a_field_x_does_not_know(desk: Desk) -> None:
    with pytest.raises(Rejected, match="does not allow additional properties"):
        desk.send({"text": "hello", "reply_settings": "verified", "visibility": "all"})
    with pytest.raises(Rejected, match="enumeration"):
        desk.send({"text": "hello", "reply_settings": "everyone"})


def test_it_asks_for_a_fresh_token_when_this_one_has_ended(desk: Desk) -> None:
    desk.x.expire(desk.account.remote_id)
    error = failure(desk)
    assert isinstance(error, NotNow)
    assert (error.code, error.token_refused) == ("token_expired", True)


def test_it_is_disconnected_when_the_token_is_of_the_wrong_kind(desk: Desk) -> None:
    tokens = desk.x.tokens(desk.account.remote_id, kind="app")
    desk.account = dataclasses.replace(desk.account, credentials=tokens)
    assert isinstance(failure(desk), Disconnected)


def test_it_rests_the_account_until_the_limit_ends(desk: Desk) -> None:
    desk.x.settings(limits={POST: 1})
    desk.publish("first")
    error = failure(desk, "second")
    assert isinstance(error, NotNow)
    assert error.rests_account
    assert error.retry_after
    assert timedelta(minutes=14) < error.retry_after <= timedelta(minutes=15)


def test_it_reads_the_reset_by_the_clock_of_x(desk: Desk) -> None:
    desk.x.clock(ahead_s=600)
    desk.x.settings(limits={POST: 0})
    desk.account = dataclasses.replace(desk.account, credentials=desk.x.tokens(desk.account.remote_id))
    error = failure(desk)
    assert isinstance(error, NotNow)
    assert error.retry_after
    assert error.retry_after <= timedelta(minutes=15)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "42"}, 42),
        ({}, 15 * 60),
        ({"x-rate-limit-reset": "soon"}, 15 * 60),
        ({"x-rate-limit-reset": "1", "x-rate-limit-remaining": "0"}, 1),
    ],
)
def test_it_waits_as_long_as_a_429_says(desk: Desk, headers: dict[str, str], seconds: int) -> None:
    desk.x.fault(POST, "answer", status=429, headers=headers, body={"title": "Too Many Requests"})
    error = failure(desk)
    assert isinstance(error, NotNow)
    assert (error.code, error.retry_after) == ("rate_limited", timedelta(seconds=seconds))


def test_it_waits_for_the_day_when_the_day_is_used_up(desk: Desk) -> None:
    now = int(timezone.now().timestamp())
    headers = {
        "x-rate-limit-remaining": "90",
        "x-rate-limit-reset": str(now + 60),
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": str(now + 50_000),
    }
    desk.x.fault(POST, "answer", status=429, headers=headers, body={"title": "Too Many Requests"})
    error = failure(desk)
    assert isinstance(error, NotNow)
    assert error.retry_after
    assert timedelta(seconds=49_990) < error.retry_after <= timedelta(seconds=50_001)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (402, {"title": "Payment Required", "type": "https://api.x.com/2/problems/credits-depleted"}, "billing"),
        (429, {"title": "UsageCapExceeded", "detail": "Usage cap exceeded: Monthly", "type": CAPPED}, "usage_capped"),
    ],
)
def test_it_waits_long_when_money_is_the_matter(desk: Desk, status: int, body: dict[str, str], code: str) -> None:
    desk.x.fault(POST, "answer", status=status, body=body)
    error = failure(desk)
    assert isinstance(error, NotNow)
    assert error.code == code
    assert error.retry_after
    assert error.retry_after >= timedelta(hours=1)


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        ("You can only reply to or quote posts where you are mentioned or are the author.", "reply_restricted"),
        ("Reply to this conversation is not allowed because you have not been mentioned.", "reply_restricted"),
        ("Quoting this post is not allowed.", "quote_restricted"),
        ("To protect our users from spam, your account is temporarily locked.", "account_locked"),
        ("You are not permitted to perform this action.", "rejected"),
    ],
)
def test_it_explains_a_403(desk: Desk, detail: str, code: str) -> None:
    desk.x.fault(POST, "answer", status=403, body={"title": "Forbidden", "detail": detail, "status": 403})
    error = failure(desk)
    assert isinstance(error, Rejected)
    assert error.code == code
    assert detail in error.detail


def test_it_blames_the_app_when_the_app_is_not_permitted(desk: Desk) -> None:
    body = {"title": "Client Forbidden", "type": "https://api.twitter.com/2/problems/client-forbidden"}
    desk.x.fault(POST, "answer", status=403, body=body)
    error = failure(desk)
    assert isinstance(error, Rejected)
    assert error.code == "app_not_permitted"


def test_it_tries_again_when_somebody_before_x_turned_it_away(desk: Desk) -> None:
    desk.x.fault(POST, "answer", status=403, body="<html>Just a moment...</html>")
    assert isinstance(failure(desk), NotNow)


@pytest.mark.parametrize("body", ["[]", "null", '"oops"', '{"errors": null}', '{"errors": [null], "detail": null}'])
def test_it_survives_bodies_that_are_not_as_documented(desk: Desk, body: str) -> None:
    desk.x.fault(POST, "answer", status=400, body=body)
    assert isinstance(failure(desk), NotNow | Rejected)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 307, 408])
@pytest.mark.parametrize("when", ["before", "after"])
def test_it_cannot_tell_when_x_answers_with_an_error_of_its_own(desk: Desk, status: int, when: str) -> None:
    desk.x.fault(POST, "answer", when, status=status, body="upstream trouble", headers={"Location": "/2/users/me"})
    assert isinstance(failure(desk), Unconfirmed)
    assert len(desk.live()) == (when == "after")
    assert len(desk.x.requests()) == 1  # neither repeated nor redirected


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"data": null}', '{"data": {"id": 7}}', '{"data": {"text": "hello"}}']
)
def test_it_cannot_tell_when_the_answer_names_no_post(desk: Desk, body: str) -> None:
    desk.x.fault(POST, "answer", "after", status=201, body=body)
    assert isinstance(failure(desk), Unconfirmed)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["drop", "half"])
def test_it_cannot_tell_when_the_connection_breaks(desk: Desk, what: str, when: str) -> None:
    desk.x.fault(POST, what, when, status=201)
    assert isinstance(failure(desk), Unconfirmed)
    assert len(desk.live()) == (when == "after")


@pytest.mark.parametrize("what", ["hang", "drip"])
def test_it_does_not_wait_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(session, "READ_TIMEOUT", 0.3)
    monkeypatch.setattr(session, "ANSWER_DEADLINE", 0.4)
    desk.x.fault(POST, what, "after", seconds=20)
    began = timezone.now()
    assert isinstance(failure(desk), Unconfirmed)
    assert timezone.now() - began < timedelta(seconds=10)


def test_it_knows_that_nothing_left_when_nobody_listens(desk: Desk, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings.X_API_URL = f"http://127.0.0.1:{port}"
    assert isinstance(failure(desk), NotNow)


@pytest.mark.parametrize("url", ["http://x.invalid", "api.x.com", "gopher://api.x.com", "http://"])
def test_it_knows_that_nothing_left_when_there_is_no_such_host(desk: Desk, settings: Settings, url: str) -> None:
    settings.X_API_URL = url
    assert isinstance(failure(desk), NotNow)


def test_it_knows_that_nothing_left_when_no_connection_is_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "CONNECT_TIMEOUT", 0.2)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for other in waiting:
            other.setblocking(False)
            other.connect_ex(("127.0.0.1", port))
        monkeypatch.setattr("django.conf.settings.X_API_URL", f"http://127.0.0.1:{port}")
        assert isinstance(failure(desk), NotNow)
        for other in waiting:
            other.close()
