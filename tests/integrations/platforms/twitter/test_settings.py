"""What the settings of a post become at X, and what is wrong with them before anything is sent."""

from itertools import product
from typing import Any

import pytest

from integrations.platforms.base import Draft, Problem
from integrations.platforms.client import Published
from integrations.platforms.errors import Rejected
from integrations.platforms.registry import PLATFORMS
from integrations.platforms.twitter.bodies import answering, body_of
from integrations.platforms.twitter.settings import post_id_in
from tests.integrations.platforms.files import MemoryFiles
from tests.peers.x.schema import check_create

from .conftest import Desk
from .pictures import image

X = PLATFORMS["twitter"]
SETTINGS = {setting.name: setting for setting in X.settings}
POLL = {"options": ["Yes", "No"], "duration_minutes": 60}
ADDRESS = "https://x.com/bob/status/1234567890123456789"


def problems(*parts: Draft) -> list[Problem]:
    return list(X.problems(*parts))


def test_it_offers_these_settings() -> None:
    assert list(SETTINGS) == ["who_can_reply", "poll", "made_with_ai", "reply_to", "quote"]


@pytest.mark.parametrize(
    "poll",
    [
        POLL,
        {"options": ["a", "b", "c", "d"], "duration_minutes": 5},
        {"options": ["a" * 25, "文" * 25], "duration_minutes": 10_080},
    ],
)
def test_it_sends_a_poll(desk: Desk, poll: dict[str, Any]) -> None:
    assert SETTINGS["poll"].check(poll) == ""
    assert problems(Draft("Well?", {"poll": poll})) == []
    desk.publish("Well?", poll=poll)
    assert desk.live()[0]["body"] == {"text": "Well?", "poll": poll}


@pytest.mark.parametrize(
    "poll",
    [
        None,
        [],
        "Yes or no?",
        {},
        {"options": ["Yes", "No"]},
        {"duration_minutes": 60},
        POLL | {"reply_settings": "verified"},
        POLL | {"options": ["Yes"]},
        POLL | {"options": ["1", "2", "3", "4", "5"]},
        POLL | {"options": ["Yes", ""]},
        POLL | {"options": ["Yes", "  "]},
        POLL | {"options": ["Yes", 7]},
        POLL | {"options": ["Yes", "N\0"]},
        POLL | {"options": "Yes"},
        POLL | {"duration_minutes": 4},
        POLL | {"duration_minutes": 10_081},
        POLL | {"duration_minutes": "60"},
        POLL | {"duration_minutes": 60.0},
        POLL | {"duration_minutes": True},
    ],
)
def test_it_refuses_what_is_no_poll(poll: object) -> None:
    assert SETTINGS["poll"].check(poll).startswith("an object")


def test_it_points_at_the_answer_that_is_too_long() -> None:
    poll = POLL | {"options": ["Yes", "No", "x" * 26]}
    assert SETTINGS["poll"].check(poll) == ""
    (problem,) = problems(Draft("Well?", {"poll": poll}))
    assert (problem.code, problem.field) == ("poll_option_too_long", "/platform_settings/twitter/poll/options/2")
    assert (problem.details["count"], problem.details["limit"]) == (26, 25)


def test_it_says_that_a_part_was_made_with_ai(desk: Desk) -> None:
    first, second = desk.prepare(Draft("1", {"made_with_ai": True}), Draft("2", {"made_with_ai": True}))
    assert first == {"text": "1", "made_with_ai": True}
    assert second == {"text": "2", "made_with_ai": True}
    desk.send(second, after=desk.send(first))
    assert [post["body"]["made_with_ai"] for post in desk.live()] == [True, True]
    assert desk.payload("3", made_with_ai=False) == {"text": "3"}


@pytest.mark.parametrize("name", ["reply_to", "quote"])
@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        "https://twitter.com/bob/status/1234567890123456789?s=20",
        "http://www.x.com/bob/statuses/1234567890123456789",
        "https://mobile.twitter.com/bob/status/1234567890123456789/photo/1",
        "https://x.com/i/web/status/1234567890123456789",
        "https://x.com/i/status/1234567890123456789#m",
    ],
)
def test_it_reads_the_address_of_a_post(name: str, address: str) -> None:
    assert SETTINGS[name].check(address) == ""
    assert post_id_in(address) == "1234567890123456789"


@pytest.mark.parametrize("name", ["reply_to", "quote"])
@pytest.mark.parametrize(
    "address",
    [
        None,
        7,
        "",
        "1234567890123456789",
        "https://x.com/bob",
        "https://x.com/bob/status/",
        "https://x.com/bob/status/12345678901234567890",
        "https://x.com/bob/status/12a",
        "https://x.com.evil.example/bob/status/12",
        "https://evil.example/x.com/bob/status/12",
        "https://bsky.app/profile/bob/post/3k",
        " https://x.com/bob/status/12",
        "https://x.com/bob/status/12 ",
        "https://x.com/bob/status/12\n",
    ],
)
def test_it_refuses_what_is_no_address_of_a_post(name: str, address: object) -> None:
    assert SETTINGS[name].check(address).startswith("the address of a post at X, such as https://x.com/")


def test_it_replies_to_whoever_mentioned_the_account(desk: Desk) -> None:
    bob = desk.x.user("bob")
    theirs = desk.x.by_hand(bob["id"], "what do you think, @ada?")
    desk.publish("a lot", reply_to=f"https://x.com/bob/status/{theirs['id']}")
    [post] = desk.live()
    assert post["body"] == {"text": "a lot", "reply": {"in_reply_to_tweet_id": theirs["id"]}}


def test_it_replies_to_whoever_quoted_the_account_and_to_itself(desk: Desk) -> None:
    ours = desk.x.by_hand(desk.account.remote_id, "first")
    theirs = desk.x.by_hand(desk.x.user("bob")["id"], "look at this", quotes=ours["id"])
    desk.publish("thank you", reply_to=f"https://x.com/bob/status/{theirs['id']}")
    desk.publish("second", reply_to=f"https://x.com/ada/status/{ours['id']}")


def test_it_is_told_that_x_lets_it_reply_to_nobody_else(desk: Desk) -> None:
    theirs = desk.x.by_hand(desk.x.user("bob")["id"], "hello world")
    with pytest.raises(Rejected) as caught:
        desk.publish("hello bob", reply_to=f"https://x.com/bob/status/{theirs['id']}")
    assert caught.value.code == "reply_restricted"


def test_it_is_told_that_the_post_to_answer_is_gone(desk: Desk) -> None:
    with pytest.raises(Rejected) as caught:
        desk.publish("hello?", reply_to=ADDRESS)
    assert caught.value.code == "post_not_found"


def test_it_quotes_with_an_enterprise_plan_only(desk: Desk) -> None:
    theirs = desk.x.by_hand(desk.x.user("bob")["id"], "hello world")
    with pytest.raises(Rejected) as caught:
        desk.publish("indeed", quote=f"https://x.com/bob/status/{theirs['id']}")
    assert caught.value.code == "quote_restricted"
    desk.x.settings(enterprise=True)
    desk.publish("indeed", quote=f"https://x.com/bob/status/{theirs['id']}")
    assert desk.live()[0]["body"] == {"text": "indeed", "quote_tweet_id": theirs["id"]}


@pytest.mark.parametrize(
    ("settings", "pictures", "field"),
    [
        ({"poll": POLL}, 1, "poll"),
        ({"quote": ADDRESS}, 1, "quote"),
        ({"quote": ADDRESS, "poll": POLL}, 0, "quote"),
        ({"quote": ADDRESS, "poll": POLL}, 1, "quote"),
    ],
)
def test_it_refuses_what_x_does_not_take_together(settings: dict[str, Any], pictures: int, field: str) -> None:
    files = MemoryFiles()
    media = tuple(image(files) for _ in range(pictures))
    (problem,) = problems(Draft("Well?", settings, media=media))
    assert (problem.code, problem.field) == ("settings_conflict", f"/platform_settings/twitter/{field}")


def test_it_takes_a_poll_in_the_first_part_and_media_in_another() -> None:
    picture = image(MemoryFiles())
    parts = Draft("1", {"poll": POLL}), Draft("2", {"poll": POLL}, media=(picture,), source=1)
    assert problems(*parts) == []


def test_it_says_what_the_first_part_says_in_no_other(desk: Desk) -> None:
    theirs = desk.x.by_hand(desk.x.user("bob")["id"], "what do you think, @ada?")
    settings = {"poll": POLL, "who_can_reply": "verified", "reply_to": f"https://x.com/bob/status/{theirs['id']}"}
    payloads = desk.prepare(*(Draft(text, settings) for text in "123"))
    assert [sorted(payload) for payload in payloads] == [
        ["poll", "reply", "reply_settings", "text"],
        ["text"],
        ["text"],
    ]


def test_it_goes_on_with_a_thread_as_if_it_had_never_stopped(desk: Desk) -> None:
    """The parts that are left are prepared alone; the first of them is not the first of all."""
    settings: dict[str, Any] = {"poll": POLL, "who_can_reply": "verified", "made_with_ai": True}
    first = desk.publish("1", **settings)
    second, third = desk.prepare(Draft("2", settings), Draft("3", settings), number=1)
    desk.send(third, after=desk.send(second, after=first))
    one, two, three = desk.live()
    assert one["body"]["poll"] == POLL
    assert two["body"] == {"text": "2", "made_with_ai": True, "reply": {"in_reply_to_tweet_id": one["id"]}}
    assert three["body"] == {"text": "3", "made_with_ai": True, "reply": {"in_reply_to_tweet_id": two["id"]}}


CHOICES: dict[str, tuple[Any, ...]] = {
    "who_can_reply": (None, "everyone", "following", "mentionedUsers", "subscribers", "verified"),
    "poll": (None, POLL),
    "made_with_ai": (None, True, False),
    "reply_to": (None, ADDRESS),
    "quote": (None, ADDRESS),
}


def test_every_body_it_can_make_is_as_x_describes_it() -> None:
    before = Published("1234", "https://x.com/ada/status/1234")
    for values in product(*CHOICES.values()):
        settings = {name: value for name, value in zip(CHOICES, values, strict=True) if value is not None}
        for media_ids, first, after in product(([], ["1"], ["1", "2", "3", "4"]), (True, False), (None, before)):
            together = sum(name in settings for name in ("poll", "quote")) + bool(media_ids)
            if together > 1 and first:
                continue  # refused before, as above
            body = body_of(Draft("hello" if not media_ids else "", settings), media_ids=media_ids, first=first)
            check_create(answering(body, after))


def test_it_warns_of_what_x_allows_few() -> None:
    cautions = X.cautions(Draft("hello", {"reply_to": ADDRESS, "quote": ADDRESS}), Draft("2", {"reply_to": ADDRESS}))
    assert [(caution.code, caution.field) for caution in cautions] == [
        ("replies_are_limited", "/platform_settings/twitter/reply_to"),
        ("quotes_are_limited", "/platform_settings/twitter/quote"),
    ]
