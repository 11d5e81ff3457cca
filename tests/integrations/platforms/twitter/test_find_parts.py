"""Looking for a post that is more than a text: its files, its place in a thread, what it answers or quotes."""

import pytest
from django.utils import timezone

from integrations.platforms.base import Draft
from integrations.platforms.errors import Unconfirmed
from integrations.platforms.twitter import uploads
from integrations.platforms.twitter.matching import is_what_was_sent

from .conftest import Desk
from .pictures import gif, image, video

POST = "POST /2/tweets"
POLL = {"options": ["Yes", "No"], "duration_minutes": 60}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PAUSE", 0)


@pytest.mark.parametrize("text", ["look", "", "read https://example.com/a & look"])
@pytest.mark.parametrize("kind", [image, gif, video])
def test_it_finds_a_post_by_its_file(desk: Desk, text: str, kind: type) -> None:
    payload = desk.payload(text, kind(desk.files))
    published = desk.send(payload)
    assert desk.find(text, payload=payload) == published


def test_it_finds_a_post_of_four_images(desk: Desk) -> None:
    payload = desk.payload("look", *(image(desk.files) for _ in range(4)))
    published = desk.send(payload)
    assert desk.find("look", payload=payload) == published


@pytest.mark.parametrize("text", ["look", ""])
def test_it_does_not_take_another_picture_for_ours(desk: Desk, text: str) -> None:
    ours, theirs = (desk.payload(text, image(desk.files)) for _ in range(2))
    desk.send(theirs)
    assert desk.find(text, payload=ours) is None
    desk.x.by_hand(desk.account.remote_id, text, images=1)
    assert desk.find(text, payload=ours) is None
    published = desk.send(ours)
    assert desk.find(text, payload=ours) == published


def test_it_does_not_take_a_picture_for_the_bare_words_nor_the_words_for_a_picture(desk: Desk) -> None:
    bare, seen = desk.payload("look"), desk.payload("look", image(desk.files))
    desk.send(seen)
    assert desk.find("look", payload=bare) is None
    words = desk.send(bare)
    assert desk.find("look", payload=bare) == words


def test_it_does_not_take_some_of_the_pictures_for_all(desk: Desk) -> None:
    one, two = image(desk.files), image(desk.files)
    desk.publish("look", one)
    assert desk.find("look", payload=desk.payload("look", one, two)) is None


def test_it_finds_the_part_that_answers_the_right_one(desk: Desk) -> None:
    """Two threads with the same words, at the same time."""
    one, other = desk.publish("first of one"), desk.publish("first of the other")
    second = desk.publish("and so on", after=one)
    assert desk.find("and so on", after=other) is None
    assert desk.find("and so on") is None
    assert desk.find("and so on", after=one) == second


def test_it_tells_equal_parts_of_a_thread_apart(desk: Desk) -> None:
    first = desk.publish("…")
    second = desk.publish("…", after=first)
    third = desk.publish("…", after=second)
    assert desk.find("…") == first
    assert desk.find("…", after=first) == second
    assert desk.find("…", after=second) == third
    assert desk.find("…", after=third) is None


def test_it_finds_a_later_part_whose_answer_was_lost(desk: Desk) -> None:
    first, second = desk.prepare(Draft("1/2"), Draft("2/2", media=(image(desk.files),)))
    before = desk.send(first)
    sent_at = timezone.now()
    desk.x.fault(POST, "drop", "after")
    with pytest.raises(Unconfirmed):
        desk.send(second, after=before)
    found = desk.find("", sent_at, payload=second, after=before)
    assert found
    assert found.remote_id == desk.live()[1]["id"]


def test_it_finds_a_poll_and_takes_none_for_the_bare_words(desk: Desk) -> None:
    payload = desk.payload("Well?", poll=POLL)
    published = desk.send(payload)
    assert desk.find("Well?", payload=payload) == published
    assert desk.find("Well?") is None


@pytest.mark.parametrize("text", ["a lot", "@bob a lot", "@carol and @bob: a lot"])
def test_it_finds_a_reply_before_which_x_put_a_name(desk: Desk, text: str) -> None:
    bob = desk.x.user("bob")
    theirs = desk.x.by_hand(bob["id"], "what do you think, @ada?")
    payload = desk.payload(text, reply_to=f"https://x.com/bob/status/{theirs['id']}")
    published = desk.send(payload)
    later = desk.publish("and more", after=published)
    assert all(post["text"].startswith("@bob ") for post in desk.live())
    assert desk.find(text, payload=payload) == published
    assert desk.find("and more", after=published) == later


def test_it_finds_a_quote_behind_which_x_put_the_address(desk: Desk) -> None:
    desk.x.settings(enterprise=True)
    theirs = desk.x.by_hand(desk.x.user("bob")["id"], "hello world")
    address = f"https://twitter.com/bob/status/{theirs['id']}"
    payload = desk.payload(f"see {address}", quote=address)
    published = desk.send(payload)
    assert desk.find("", payload=payload) == published


def test_it_finds_a_post_that_quotes_only_because_it_links_to_another(desk: Desk) -> None:
    theirs = desk.x.by_hand(desk.x.user("bob")["id"], "hello world")
    published = desk.publish(f"see https://x.com/bob/status/{theirs['id']}")
    assert desk.live()[0]["quotes"] == theirs["id"]
    assert desk.find(f"see https://x.com/bob/status/{theirs['id']}") == published


def test_it_reads_the_names_that_x_describes_too() -> None:
    """Version 2.168 of X's description calls two fields of an answer by other names than the request does."""
    post = {"id": "3", "note_post": {"text": "a long one"}, "referenced_posts": [{"type": "replied_to", "id": "2"}]}
    assert is_what_was_sent(post, {"text": "a long one", "reply": {"in_reply_to_tweet_id": "2"}})


def test_it_knows_the_file_by_the_link_behind_the_text_alone() -> None:
    link = {"url": "https://t.co/1", "expanded_url": "https://x.com/ada/status/3/photo/1", "media_key": "3_7"}
    post = {"id": "3", "text": "look https://t.co/1", "entities": {"urls": [link]}}
    assert is_what_was_sent(post, {"text": "look", "media": {"media_ids": ["7"]}})
    assert not is_what_was_sent(post, {"text": "look", "media": {"media_ids": ["8"]}})
