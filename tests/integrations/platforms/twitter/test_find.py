"""Looking for a post whose answer was lost."""

import unicodedata
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.platforms.errors import Disconnected, NotNow, Unconfirmed
from integrations.platforms.twitter.snowflake import time_of

from .conftest import Desk

POST = "POST /2/tweets"
LOOK = "GET /2/users/:id/tweets"


@pytest.mark.parametrize("fault", [{"do": "drop"}, {"do": "half"}, {"do": "answer", "status": 503}])
def test_it_finds_the_post_whose_answer_was_lost(desk: Desk, fault: dict[str, str]) -> None:
    desk.publish("another one before")
    sent_at = timezone.now()
    desk.x.fault(POST, when="after", **fault)
    with pytest.raises(Unconfirmed):
        desk.publish("hello")
    desk.publish("another one after")
    found = desk.find("hello", sent_at)
    assert found
    assert found.remote_id == desk.live()[1]["id"]
    assert found.url == f"https://x.com/ada/status/{found.remote_id}"


def test_it_does_not_find_what_was_never_taken(desk: Desk) -> None:
    sent_at = timezone.now()
    desk.x.fault(POST, "drop")
    with pytest.raises(Unconfirmed):
        desk.publish("hello")
    assert desk.find("hello", sent_at) is None


@pytest.mark.parametrize(
    "text",
    [
        "read https://example.com/a?b=1&c=2 and example.org/path, now",
        "HTTPS://Example.COM/Path/ is loud; https://münchen.de/bücher is not",
        "R&D <b>bold</b> &amp; literally &lt; or &copy; or &amp;amp;",
        unicodedata.normalize("NFD", "Grüße, Ångström, 한국어"),
        "family 👨‍👩‍👧‍👦 flag 🏴󠁧󠁢󠁥󠁮󠁧󠁿 skin 👋🏽",
        "  spaces around, \r\n lines \n\n\n and\ttabs  ",
        "two https://example.com/1 https://example.com/2",
        "the same twice https://example.com/1 https://example.com/1",
        "a short one of ours https://t.co/abcdefghij",
        "(https://en.wikipedia.org/wiki/X_(social_network))",
        "מזל טוב https://example.com/שלום",
        "$AAPL #tag @someone",
    ],
)
def test_it_knows_its_text_in_the_form_x_keeps_it(desk: Desk, text: str) -> None:
    published = desk.publish(text)
    assert desk.find(text) == published


@pytest.mark.parametrize(
    ("live", "ours"),
    [
        ("new https://example.com/aBc", "new https://example.com/abc"),
        ("new https://example.com/1", "new https://example.com/2"),
        ("hello", "hello!"),
        ("hello", "Hello"),
    ],
)
def test_it_does_not_take_another_post_for_ours(desk: Desk, live: str, ours: str) -> None:
    desk.publish(live)
    assert desk.find(ours) is None


def test_it_does_not_mistake_what_was_posted_by_hand_before(desk: Desk) -> None:
    desk.x.by_hand(desk.account.remote_id, "hello", ago_s=60)
    desk.x.by_hand(desk.account.remote_id, "hello", ago_s=3)
    assert desk.find("hello", timezone.now()) is None


@pytest.mark.parametrize("ahead_s", [40.0, -40.0])
def test_a_clock_of_ours_that_is_wrong_by_much_is_no_reason_to_mistake_or_to_miss_it(
    desk: Desk, ahead_s: float
) -> None:
    desk.x.clock(ahead_s=ahead_s)
    desk.x.by_hand(desk.account.remote_id, "hello", ago_s=10)
    sent_at = timezone.now()
    assert desk.find("hello", sent_at) is None
    ours = desk.x.by_hand(desk.account.remote_id, "hello again")
    found = desk.find("hello again", sent_at)
    assert found
    assert found.remote_id == ours["id"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_slow_look_finds_what_a_quick_one_finds(desk: Desk, when: str) -> None:
    """The seconds that an answer takes are no sign of X's clock being ahead."""
    sent_at = timezone.now()
    published = desk.publish("hello")
    desk.x.fault(LOOK, "hang", when, seconds=4)
    assert desk.find("hello", sent_at) == published


def test_it_does_not_take_another_post_of_ours_for_this_one(desk: Desk) -> None:
    other = desk.publish("hello")
    sent_at = timezone.now() - timedelta(seconds=5)
    assert desk.find("hello", sent_at, taken=frozenset({other.remote_id})) is None


def test_it_takes_the_first_of_several(desk: Desk) -> None:
    sent_at = timezone.now() - timedelta(seconds=30)
    ours = desk.x.by_hand(desk.account.remote_id, "hello", ago_s=29)
    desk.x.by_hand(desk.account.remote_id, "hello", ago_s=5)
    found = desk.find("hello", sent_at)
    assert found
    assert found.remote_id == ours["id"]


def test_it_looks_at_one_account_only(desk: Desk) -> None:
    desk.x.by_hand(desk.x.user("bob")["id"], "hello")
    assert desk.find("hello") is None


def test_it_looks_through_all_pages(desk: Desk) -> None:
    sent_at = timezone.now() - timedelta(hours=1)
    ours = desk.x.by_hand(desk.account.remote_id, "hello", ago_s=3599)
    for number in range(150):
        desk.x.by_hand(desk.account.remote_id, f"number {number}", ago_s=200 - number)
    found = desk.find("hello", sent_at)
    assert found
    assert found.remote_id == ours["id"]


def test_it_goes_on_after_an_empty_page(desk: Desk) -> None:
    published = desk.publish("hello")
    desk.x.fault(LOOK, "answer", status=200, body={"meta": {"result_count": 0, "next_token": "0"}})
    assert desk.find("hello") == published


def test_it_does_not_say_absent_when_it_could_not_look_far_enough(desk: Desk) -> None:
    for number in range(501):
        desk.x.by_hand(desk.account.remote_id, f"number {number}")
    with pytest.raises(NotNow, match="further back"):
        desk.find("hello")


def test_it_reads_the_whole_of_a_long_post(desk: Desk) -> None:
    published = desk.publish("placeholder")
    text = "long " * 80 + "https://example.com/a"
    link = {"url": "https://t.co/0123456789", "expanded_url": "https://example.com/a"}
    note = {"text": "long " * 80 + link["url"], "entities": {"urls": [link]}}
    post = {"id": published.remote_id, "text": "long long…", "note_tweet": note}
    desk.x.fault(LOOK, "answer", status=200, body={"data": [post], "meta": {"result_count": 1}})
    assert desk.find(text) == published


def test_it_leaves_out_the_link_to_the_posts_own_picture(desk: Desk) -> None:
    published = desk.publish("placeholder")
    link = {"url": "https://t.co/0123456789", "expanded_url": "https://x.com/a/status/1/photo/1", "media_key": "3_1"}
    post = {"id": published.remote_id, "text": "look https://t.co/0123456789", "entities": {"urls": [link]}}
    desk.x.fault(LOOK, "answer", status=200, body={"data": [post], "meta": {"result_count": 1}})
    assert desk.find("look", payload={"text": "look", "media": {"media_ids": ["1"]}}) == published


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "drop"},
        {"do": "half"},
        {"do": "answer", "status": 500},
        {"do": "answer", "status": 400, "body": {"title": "Invalid Request"}},
        {"do": "answer", "status": 429, "body": {"title": "Too Many Requests"}},
        {"do": "answer", "status": 200, "body": "{"},
        {"do": "answer", "status": 200, "body": {}},
        {"do": "answer", "status": 200, "body": {"meta": {"result_count": 3}}},
        {"do": "answer", "status": 200, "body": {"meta": {"result_count": 0}, "errors": [{"title": "trouble"}]}},
        {"do": "answer", "status": 200, "body": {"data": [{}], "meta": {"result_count": 1}}},
        {"do": "answer", "status": 200, "body": {"data": ["?"], "meta": {"result_count": 1}}},
        {"do": "answer", "status": 200, "body": {"data": None, "meta": {"result_count": 1}}},
        {"do": "answer", "status": 200, "body": {"meta": 7}},
    ],
)
def test_it_never_says_absent_when_x_did_not_say_so(desk: Desk, fault: dict[str, str]) -> None:
    desk.x.fault(LOOK, **fault)
    with pytest.raises(NotNow):
        desk.find("hello")


def test_it_asks_for_a_fresh_token_while_looking(desk: Desk) -> None:
    desk.x.expire(desk.account.remote_id)
    with pytest.raises(NotNow) as caught:
        desk.find("hello")
    assert caught.value.token_refused


def test_it_is_disconnected_while_looking(desk: Desk) -> None:
    body = {"title": "Unsupported", "type": "https://api.twitter.com/2/problems/unsupported-authentication"}
    desk.x.fault(LOOK, "answer", status=403, body=body)
    with pytest.raises(Disconnected):
        desk.find("hello")


def test_it_does_not_see_what_the_timeline_does_not_show_yet(desk: Desk) -> None:
    desk.x.settings(timeline_lag_s=60)
    desk.publish("hello")
    assert desk.find("hello") is None
    desk.x.settings(timeline_lag_s=0)
    assert desk.find("hello")


def test_it_reads_the_time_of_an_id() -> None:
    # The example of X's documentation of ids, and the time that its own page shows for it.
    assert time_of("1541815603606036480").isoformat() == "2022-06-28T16:07:40.105000+00:00"
