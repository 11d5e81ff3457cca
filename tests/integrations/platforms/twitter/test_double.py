"""The double itself: that it is as strict as X, and that its faults are what they say."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from integrations.platforms.client import Account
from tests.peers.x.process import XPeer


@pytest.fixture
def http(x: XPeer, account: Account) -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {account.credentials['access_token']}"
    return session


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"text": 7},
        {"text": "   "},
        {"text": "a", "reply_settings": "everyone"},
        {"text": "a", "visibility": "public"},
        {"text": "a", "reply": {}},
        {"text": "a", "reply": {"in_reply_to_tweet_id": 12}},
        {"text": "a", "reply": {"in_reply_to_tweet_id": "12", "quote": True}},
        {"text": "a", "media": {"media_ids": []}},
        {"text": "a", "media": {"media_ids": ["1", "2", "3", "4", "5"]}},
        {"text": "a", "poll": {"options": ["yes"], "duration_minutes": 60}},
        {"text": "a", "poll": {"options": ["yes", "x" * 26], "duration_minutes": 60}},
        {"text": "a", "poll": {"options": ["yes", "no"], "duration_minutes": 4}},
        {"text": "a", "poll": {"options": ["yes", "no"], "duration_minutes": True}},
        {"text": "a", "quote_tweet_id": "1", "card_uri": "card://1"},
        {"text": "a", "nullcast": "no"},
        {"text": "a", "made_with_ai": "yes"},
        {"text": "a", "reply_settings": "nobody"},
        {"text": "a", "poll": {"options": ["yes", "no"], "duration_minutes": 60}, "media": {"media_ids": ["1"]}},
        {"text": "a", "media": {"media_ids": ["1"], "alt_text": "A"}},
        {"text": "a", "media": {"media_ids": ["1"]}},
    ],
)
def test_it_refuses_what_x_does_not_document(x: XPeer, http: requests.Session, body: Any) -> None:
    answer = http.post(f"{x.url}/2/tweets", json=body)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/invalid-request")
    assert x.tweets() == []


def test_it_takes_all_that_x_documents(x: XPeer, http: requests.Session) -> None:
    body = {
        "text": "a",
        "reply_settings": "verified",
        "poll": {"options": ["yes", "no"], "duration_minutes": 5},
        "made_with_ai": True,
        "paid_partnership": False,
        "share_with_followers": True,
        "nullcast": False,
    }
    assert http.post(f"{x.url}/2/tweets", json=body).status_code == 201
    assert x.tweets()[0]["body"] == body


def test_it_takes_replies_to_oneself_only(x: XPeer, http: requests.Session) -> None:
    first = http.post(f"{x.url}/2/tweets", json={"text": "1/2"}).json()["data"]["id"]
    reply = {"text": "2/2", "reply": {"in_reply_to_tweet_id": first}}
    assert http.post(f"{x.url}/2/tweets", json=reply).status_code == 201
    stranger = x.by_hand(x.user("bob")["id"], "hi")["id"]
    reply = {"text": "hello bob", "reply": {"in_reply_to_tweet_id": stranger}}
    assert http.post(f"{x.url}/2/tweets", json=reply).status_code == 403


def test_it_wants_json(x: XPeer, http: requests.Session) -> None:
    assert http.post(f"{x.url}/2/tweets", data={"text": "a"}).status_code == 400
    assert http.post(f"{x.url}/2/tweets", data="{", headers={"Content-Type": "application/json"}).status_code == 400


def test_it_knows_duplicates_by_what_is_kept(x: XPeer, http: requests.Session) -> None:
    assert http.post(f"{x.url}/2/tweets", json={"text": "Gr\u00fc\u00dfe"}).status_code == 201
    assert http.post(f"{x.url}/2/tweets", json={"text": " Gru\u0308\u00dfe\n"}).status_code == 403
    x.settings(duplicate_window_s=60)
    x.clock(ahead_s=61)
    assert http.post(f"{x.url}/2/tweets", json={"text": "Gr\u00fc\u00dfe"}).status_code == 201


def test_it_tells_the_limit_on_every_answer(x: XPeer, http: requests.Session) -> None:
    headers = http.post(f"{x.url}/2/tweets", json={"text": "a"}).headers
    assert (headers["x-rate-limit-limit"], headers["x-rate-limit-remaining"]) == ("100", "99")
    assert int(headers["x-rate-limit-reset"]) > datetime.now(tz=UTC).timestamp() + 890


@pytest.mark.parametrize(
    "query",
    [
        "max_results=4",
        "max_results=101",
        "count=5",
        "tweet.fields=source_code",
        "exclude=everything",
        "start_time=yesterday",
        "start_time=2026-01-01T00:00:00%2B00:00",
        "since_id=abc",
        "since_id=1&start_time=2026-01-01T00:00:00Z",
        "max_results=5&max_results=6",
    ],
)
def test_it_refuses_parameters_x_does_not_know(x: XPeer, http: requests.Session, account: Account, query: str) -> None:
    assert http.get(f"{x.url}/2/users/{account.remote_id}/tweets?{query}").status_code == 400


def test_it_refuses_a_start_within_the_last_ten_seconds(x: XPeer, http: requests.Session, account: Account) -> None:
    def status(seconds: int) -> int:
        start = (datetime.now(tz=UTC) - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return http.get(f"{x.url}/2/users/{account.remote_id}/tweets", params={"start_time": start}).status_code

    assert (status(5), status(12)) == (400, 200)


def test_it_shows_a_text_as_x_does(x: XPeer, http: requests.Session, account: Account) -> None:
    http.post(f"{x.url}/2/tweets", json={"text": "a & b: Example.com/x."})
    plain = http.get(f"{x.url}/2/users/{account.remote_id}/tweets").json()["data"][0]
    assert plain.keys() == {"id", "text", "edit_history_tweet_ids"}
    fields = {"tweet.fields": "entities,created_at"}
    full = http.get(f"{x.url}/2/users/{account.remote_id}/tweets", params=fields).json()["data"][0]
    [link] = full["entities"]["urls"]
    assert full["text"] == f"a &amp; b: {link['url']}."
    assert full["text"][link["start"] : link["end"]] == link["url"]
    assert link["expanded_url"] == "http://example.com/x"


def test_it_wants_the_scope(x: XPeer) -> None:
    tokens = x.tokens(x.user("bob")["id"], scope="tweet.read users.read")
    assert "refresh_token" not in tokens
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(f"{x.url}/2/users/me", headers=headers, timeout=5).status_code == 200
    assert requests.post(f"{x.url}/2/tweets", json={"text": "a"}, headers=headers, timeout=5).status_code == 403


def test_it_ends_an_access_token_after_two_hours(x: XPeer, http: requests.Session) -> None:
    x.clock(ahead_s=7201)
    assert http.get(f"{x.url}/2/users/me").status_code == 401


def test_it_goes_on_after_a_hang_though_nobody_listens(x: XPeer, http: requests.Session) -> None:
    x.fault("POST /2/tweets", "hang", "before", seconds=0.2)
    with pytest.raises(requests.ReadTimeout):
        http.post(f"{x.url}/2/tweets", json={"text": "a"}, timeout=0.1)
    assert x.tweets() == []
    time.sleep(0.3)
    assert len(x.tweets()) == 1


def test_its_faults_come_in_their_turn(x: XPeer, http: requests.Session) -> None:
    x.fault("GET /2/users/me", "answer", status=503, skip=1, times=2, headers={"Retry-After": "7"})
    answers = [http.get(f"{x.url}/2/users/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert answers[1].headers["Retry-After"] == "7"
    assert [request["fault"] for request in x.requests()] == [None, "answer before", "answer before", None]
