"""Publishing to a real Bluesky server, read back by plain HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.platforms.client import Account
from integrations.platforms.errors import Disconnected, NotNow, Rejected, Unconfirmed
from tests.peers.pds import Pds

from .doubles import losing_answers, unused_address
from .people import CLIENT, connected, prepared

pytestmark = pytest.mark.peer

#: Looking goes by the key alone.
LOOK: dict[str, Any] = {"sent_at": datetime.now(UTC), "now": datetime.now(UTC), "taken": lambda _: False}


@pytest.fixture
def ann(pds: Pds) -> Account:
    return connected(pds, pds.create_account("ann"))


def at(service: str, who: Account, **credentials: str) -> Account:
    """The same account, reached at another address or with other credentials."""
    held = {**who.credentials, "service": service, **credentials}
    return Account(who.integration_id, who.platform, who.remote_id, who.username, held)


def test_it_publishes_text_links_tags_and_mentions(pds: Pds, ann: Account) -> None:
    bob = pds.create_account("bob")
    text = (
        f"Grüße 👨‍👩‍👧‍👦 an @{bob.handle}, nicht an @niemand.test! 🇩🇪 "
        "https://example.com/straße?q=ü#x und example.org. Ende. #Käse #日本語 👋🏽"
    )
    key, payload = prepared(ann, text)

    live = CLIENT.publish(ann, payload, key=key)

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
    key, payload = prepared(ann, "once")
    with ThreadPoolExecutor(8) as pool:
        lives = list(pool.map(lambda _: CLIENT.publish(ann, payload, key=key), range(8)))
    lives.append(CLIENT.publish(ann, payload, key=key))
    assert len(set(lives)) == 1
    assert len(pds.list_records(ann.remote_id)) == 1


def test_it_finds_the_post_only_when_it_is_there(pds: Pds, ann: Account) -> None:
    key, payload = prepared(ann, "hide and seek")
    assert CLIENT.find(ann, payload, key=key, **LOOK) is None
    live = CLIENT.publish(ann, payload, key=key)
    assert CLIENT.find(ann, payload, key=key, **LOOK) == live


def test_it_learns_after_a_lost_answer_that_the_post_is_live(pds: Pds, ann: Account) -> None:
    key, payload = prepared(ann, "the answer is lost")
    with losing_answers(pds.base_url) as address, pytest.raises(Unconfirmed):
        CLIENT.publish(at(address, ann), payload, key=key)
    found = CLIENT.find(ann, payload, key=key, **LOOK)
    assert found == CLIENT.publish(ann, payload, key=key)
    assert len(pds.list_records(ann.remote_id)) == 1


def test_it_overwrites_nothing_that_stands_at_its_key(pds: Pds, ann: Account) -> None:
    key, first = prepared(ann, "the first")
    CLIENT.publish(ann, first, key=key)
    second = {**prepared(ann, "the second")[1], "rkey": key}
    with pytest.raises(Unconfirmed):
        CLIENT.publish(ann, second, key=key)
    with pytest.raises(Rejected) as caught:
        CLIENT.find(ann, second, key=key, **LOOK)
    assert caught.value.code == "key_taken"
    assert [record["value"]["text"] for record in pds.list_records(ann.remote_id)] == ["the first"]


@pytest.mark.parametrize(("text", "words"), [("a" * 301, "grapheme too big"), ("👨‍👩‍👧‍👦" * 121, "string too big")])
def test_it_is_refused_what_is_too_long(pds: Pds, ann: Account, text: str, words: str) -> None:
    key, payload = prepared(ann, text)
    with pytest.raises(Rejected) as caught:
        CLIENT.publish(ann, payload, key=key)
    assert words in caught.value.detail
    assert pds.list_records(ann.remote_id) == []


def test_it_publishes_the_longest_text(pds: Pds, ann: Account) -> None:
    key, payload = prepared(ann, "ü" * 300)
    assert CLIENT.publish(ann, payload, key=key)


def test_it_waits_when_nobody_listens(pds: Pds, ann: Account) -> None:
    key, payload = prepared(ann, "nobody listens")
    with pytest.raises(NotNow):
        CLIENT.publish(at(unused_address(), ann), payload, key=key)


def test_it_asks_for_a_new_token_when_the_server_refuses_this_one(pds: Pds, ann: Account) -> None:
    key, payload = prepared(ann, "a bad token")
    for bad in ("x.y.z", ann.credentials["refresh_jwt"]):
        with pytest.raises(NotNow) as caught:
            CLIENT.publish(at(pds.base_url, ann, access_jwt=bad), payload, key=key)
        assert caught.value.token_refused


def test_it_cannot_publish_for_another_account(pds: Pds, ann: Account) -> None:
    bob = pds.create_account("bob")
    key, payload = prepared(ann, "in bob's name")
    with pytest.raises(NotNow):
        CLIENT.publish(ann, {**payload, "repo": bob.did}, key=key)
    assert pds.list_records(bob.did) == []


def test_it_gives_up_on_a_deactivated_account(pds: Pds) -> None:
    person = pds.create_account("gone")
    who = connected(pds, person)
    key, payload = prepared(who, "from a deactivated account")
    pds.deactivate(person)
    with pytest.raises(Disconnected):
        CLIENT.publish(who, payload, key=key)
