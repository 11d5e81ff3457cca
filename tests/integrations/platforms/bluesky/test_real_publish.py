"""Publishing to a real Bluesky server, read back by plain HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.platforms.client import Account
from integrations.platforms.errors import Disconnected, NotNow, Rejected, Unconfirmed
from tests.peers.pds import Pds

from .doubles import losing_answers, unused_address
from .people import at, connected, find, prepared, publish

pytestmark = pytest.mark.peer


def test_it_publishes_text_links_tags_and_mentions(pds: Pds, ann: Account) -> None:
    bob = pds.create_account("bob")
    text = (
        f"Grüße 👨‍👩‍👧‍👦 an @{bob.handle}, nicht an @niemand.test! 🇩🇪 "
        "https://example.com/straße?q=ü#x und example.org. Ende. #Käse #日本語 👋🏽"
    )
    payload = prepared(ann, text)

    live, key = publish(ann, payload), payload["rkey"]

    [record] = pds.list_records(ann.remote_id)
    assert record["value"] == payload["record"]
    assert record["value"]["text"] == text
    assert record["uri"] == live.remote_id == f"at://{ann.remote_id}/app.bsky.feed.post/{key}"
    assert live.url == f"https://bsky.app/profile/{ann.username}/post/{key}"
    raw = text.encode()
    assert [
        (
            raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            {name: value for name, value in facet["features"][0].items() if name != "$type"},
        )
        for facet in record["value"]["facets"]
    ] == [
        (f"@{bob.handle}", {"did": bob.did}),
        ("https://example.com/straße?q=ü#x", {"uri": "https://example.com/straße?q=ü#x"}),
        ("example.org", {"uri": "https://example.org"}),
        ("#Käse", {"tag": "Käse"}),
        ("#日本語", {"tag": "日本語"}),
    ]


def test_it_makes_one_post_of_the_same_frozen_payload_however_often_it_is_sent(pds: Pds, ann: Account) -> None:
    payload = prepared(ann, "once")
    with ThreadPoolExecutor(8) as pool:
        lives = list(pool.map(lambda _: publish(ann, payload), range(8)))
    lives.append(publish(ann, payload))
    assert len(set(lives)) == 1
    assert len(pds.list_records(ann.remote_id)) == 1


def test_it_finds_the_post_only_when_it_is_there(pds: Pds, ann: Account) -> None:
    payload = prepared(ann, "hide and seek")
    assert find(ann, payload) is None
    live = publish(ann, payload)
    assert find(ann, payload) == live


def test_it_learns_after_a_lost_answer_that_the_post_is_live(pds: Pds, ann: Account) -> None:
    payload = prepared(ann, "the answer is lost")
    with losing_answers(pds.base_url) as address, pytest.raises(Unconfirmed):
        publish(at(address, ann), payload)
    found = find(ann, payload)
    assert found == publish(ann, payload)
    assert len(pds.list_records(ann.remote_id)) == 1


def test_it_overwrites_nothing_that_stands_at_its_key(pds: Pds, ann: Account) -> None:
    first = prepared(ann, "the first")
    publish(ann, first)
    second = {**prepared(ann, "the second"), "rkey": first["rkey"]}
    with pytest.raises(Unconfirmed):
        publish(ann, second)
    with pytest.raises(Rejected) as caught:
        find(ann, second)
    assert caught.value.code == "key_taken"
    assert [record["value"]["text"] for record in pds.list_records(ann.remote_id)] == ["the first"]


@pytest.mark.parametrize(("text", "words"), [("a" * 301, "grapheme too big"), ("👨‍👩‍👧‍👦" * 121, "string too big")])
def test_it_is_refused_what_is_too_long(pds: Pds, ann: Account, text: str, words: str) -> None:
    payload = prepared(ann, text)
    with pytest.raises(Rejected) as caught:
        publish(ann, payload)
    assert words in caught.value.detail
    assert pds.list_records(ann.remote_id) == []


def test_it_publishes_the_longest_text(pds: Pds, ann: Account) -> None:
    payload = prepared(ann, "ü" * 300)
    assert publish(ann, payload)


def test_it_waits_when_nobody_listens(pds: Pds, ann: Account) -> None:
    payload = prepared(ann, "nobody listens")
    with pytest.raises(NotNow):
        publish(at(unused_address(), ann), payload)


def test_it_asks_for_a_new_token_when_the_server_refuses_this_one(pds: Pds, ann: Account) -> None:
    payload = prepared(ann, "a bad token")
    for bad in ("x.y.z", ann.credentials["refresh_jwt"]):
        with pytest.raises(NotNow) as caught:
            publish(at(pds.base_url, ann, access_jwt=bad), payload)
        assert caught.value.token_refused


def test_it_cannot_publish_for_another_account(pds: Pds, ann: Account) -> None:
    bob = pds.create_account("bob")
    payload = prepared(ann, "in bob's name")
    with pytest.raises(NotNow):
        publish(ann, {**payload, "repo": bob.did})
    assert pds.list_records(bob.did) == []


def test_it_gives_up_on_a_deactivated_account(pds: Pds) -> None:
    person = pds.create_account("gone")
    who = connected(pds, person)
    payload = prepared(who, "from a deactivated account")
    pds.deactivate(person)
    with pytest.raises(Disconnected):
        publish(who, payload)
