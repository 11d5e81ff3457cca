"""Threads and gates on a real Bluesky server: all of it or nothing, once, whatever becomes of a call or its answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.platforms.base import Draft
from integrations.platforms.bluesky.client import MOST_BYTES
from integrations.platforms.bluesky.repository import cid_of
from integrations.platforms.client import Account, Published
from integrations.platforms.errors import NotNow, Rejected, Unconfirmed
from tests.peers.pds import Pds

from .doubles import Says, answering, delaying, losing_answers, unused_address
from .people import Payload, account, at, find, parts, prepare, prepared, publish

THREADGATE, POSTGATE = "app.bsky.feed.threadgate", "app.bsky.feed.postgate"
FIVE = ("one #tag", "two example.com", "three 🙂", "four", "five")


def thread(who: Account, *texts: str, **settings: Any) -> Payload:
    return prepared(who, *(Draft(text, {"link_card": False, **settings}) for text in texts))


def texts(pds: Pds, who: Account) -> list[str]:
    return [record["value"]["text"] for record in pds.list_records(who.remote_id)]


@pytest.mark.peer
@pytest.mark.parametrize("count", [2, 5])
def test_it_publishes_a_thread_in_which_each_part_answers_the_one_before(pds: Pds, ann: Account, count: int) -> None:
    payload = thread(ann, *FIVE[:count])

    live = publish(ann, payload)

    records = pds.list_records(ann.remote_id)
    assert [record["value"]["text"] for record in records] == list(FIVE[:count])
    assert [record["value"] for record in records] == [write["value"] for write in payload["writes"]]
    assert [record["uri"] for record in records] == [live.remote_id, *(part.remote_id for part in live.rest)]
    refs = [{"uri": record["uri"], "cid": record["cid"]} for record in records]
    assert "reply" not in records[0]["value"]
    for number, record in enumerate(records[1:], 1):
        assert record["value"]["reply"] == {"root": refs[0], "parent": refs[number - 1]}
    times = [record["value"]["createdAt"] for record in records]
    assert times == sorted(set(times))


@pytest.mark.peer
def test_it_says_where_each_part_is(pds: Pds, ann: Account) -> None:
    payload = thread(ann, "one", "two")
    first, second = (write["rkey"] for write in payload["writes"])
    assert publish(ann, payload) == Published(
        f"at://{ann.remote_id}/app.bsky.feed.post/{first}",
        f"https://bsky.app/profile/{ann.username}/post/{first}",
        rest=(
            Published(
                f"at://{ann.remote_id}/app.bsky.feed.post/{second}",
                f"https://bsky.app/profile/{ann.username}/post/{second}",
            ),
        ),
    )


@pytest.mark.peer
@pytest.mark.parametrize(
    ("who", "allow"),
    [
        ("following", [{"$type": f"{THREADGATE}#followingRule"}]),
        ("followers", [{"$type": f"{THREADGATE}#followerRule"}]),
        ("mentionedUsers", [{"$type": f"{THREADGATE}#mentionRule"}]),
        ("nobody", []),
    ],
)
@pytest.mark.parametrize("count", [1, 5])
def test_it_says_who_may_reply_in_the_same_call(
    pds: Pds, ann: Account, who: str, allow: list[dict[str, str]], count: int
) -> None:
    payload = thread(ann, *FIVE[:count], who_can_reply=who)

    live = publish(ann, payload)

    (gate,) = pds.list_records(ann.remote_id, THREADGATE)
    assert gate["uri"] == live.remote_id.replace("app.bsky.feed.post", THREADGATE)
    assert (gate["value"]["post"], gate["value"]["allow"]) == (live.remote_id, allow)
    assert texts(pds, ann) == list(FIVE[:count])
    assert find(ann, payload) == live


@pytest.mark.peer
def test_it_says_of_each_part_that_nobody_may_quote_it(pds: Pds, ann: Account) -> None:
    live = publish(ann, thread(ann, "one", "two", who_can_quote="nobody", who_can_reply="nobody"))

    gates = pds.list_records(ann.remote_id, POSTGATE)
    assert [gate["value"]["post"] for gate in gates] == [live.remote_id, live.rest[0].remote_id]
    assert {gate["uri"].rpartition("/")[2] for gate in gates} == {
        part.remote_id.rpartition("/")[2] for part in (live, *live.rest)
    }
    assert all(gate["value"]["embeddingRules"] == [{"$type": f"{POSTGATE}#disableRule"}] for gate in gates)
    assert len(pds.list_records(ann.remote_id, THREADGATE)) == 1


@pytest.mark.peer
def test_it_makes_no_gate_for_everyone(pds: Pds, ann: Account) -> None:
    payload = thread(ann, "open", who_can_reply="everyone", who_can_quote="everyone")
    assert "writes" not in payload
    publish(ann, payload)
    assert pds.list_records(ann.remote_id, THREADGATE) == pds.list_records(ann.remote_id, POSTGATE) == []


@pytest.mark.peer
def test_a_call_that_never_left_is_made_again(pds: Pds, ann: Account) -> None:
    payload = thread(ann, "one", "two")
    with pytest.raises(NotNow):
        publish(at(unused_address(), ann), payload)
    assert find(ann, payload) is None
    assert publish(ann, payload)
    assert texts(pds, ann) == ["one", "two"]


@pytest.mark.peer
def test_a_call_that_was_lost_on_its_way_is_made_again(pds: Pds, ann: Account) -> None:
    payload = thread(ann, "one", "two", who_can_reply="nobody")
    with delaying(pds.base_url) as network, pytest.raises(Unconfirmed):
        publish(at(network.base_url, ann), payload)
    assert find(ann, payload) is None
    live = publish(ann, payload)
    assert find(ann, payload) == live
    assert texts(pds, ann) == ["one", "two"]


@pytest.mark.peer
def test_an_answer_that_was_lost_is_made_up_for_by_looking(pds: Pds, ann: Account) -> None:
    payload = thread(ann, *FIVE, who_can_reply="following")
    with losing_answers(pds.base_url) as address, pytest.raises(Unconfirmed):
        publish(at(address, ann), payload)
    live = find(ann, payload)
    assert live
    assert [part.remote_id for part in (live, *live.rest)] == [
        record["uri"] for record in pds.list_records(ann.remote_id)
    ]
    assert texts(pds, ann) == list(FIVE)


@pytest.mark.peer
def test_a_call_that_arrives_after_the_second_changes_nothing(pds: Pds, ann: Account) -> None:
    payload = thread(ann, "one", "two", who_can_reply="nobody")
    with delaying(pds.base_url) as network:
        with pytest.raises(Unconfirmed):
            publish(at(network.base_url, ann), payload)
        assert find(ann, payload) is None
        live = publish(ann, payload)
        assert network.deliver() == [500]
    assert find(ann, payload) == live
    assert texts(pds, ann) == ["one", "two"]
    assert len(pds.list_records(ann.remote_id, THREADGATE)) == 1


@pytest.mark.peer
def test_a_call_that_arrives_between_the_look_and_the_second_is_found(pds: Pds, ann: Account) -> None:
    payload = thread(ann, "one", "two", who_can_reply="nobody")
    with delaying(pds.base_url) as network:
        with pytest.raises(Unconfirmed):
            publish(at(network.base_url, ann), payload)
        assert find(ann, payload) is None
        assert network.deliver() == [200]
    with pytest.raises(Unconfirmed):
        publish(ann, payload)
    live = find(ann, payload)
    assert live
    assert len(live.rest) == 1
    assert texts(pds, ann) == ["one", "two"]


@pytest.mark.peer
def test_of_many_at_once_one_thread_stands(pds: Pds, ann: Account) -> None:
    payload = thread(ann, "one", "two", who_can_reply="nobody")

    def call(_: int) -> Published | None:
        try:
            return publish(ann, payload)
        except Unconfirmed:
            return None

    with ThreadPoolExecutor(8) as pool:
        lives = [live for live in pool.map(call, range(8)) if live]
    assert lives == [find(ann, payload)]
    assert texts(pds, ann) == ["one", "two"]


@pytest.mark.peer
def test_one_post_under_a_key_is_not_the_thread_that_was_made_of_it_later(pds: Pds, ann: Account) -> None:
    # It was taken for absent, and then got a second part.
    payload = thread(ann, "one", "two")
    before = prepare(ann, parts("one"), now=datetime.now(UTC) - timedelta(minutes=1))
    publish(ann, {**before, "rkey": payload["writes"][0]["rkey"]})
    with pytest.raises(Unconfirmed):
        publish(ann, payload)
    with pytest.raises(Rejected) as caught:
        find(ann, payload)
    assert caught.value.code == "key_taken"
    assert texts(pds, ann) == ["one"]


@pytest.mark.peer
def test_a_thread_that_was_prepared_anew_is_found(pds: Pds, ann: Account) -> None:
    both = parts(Draft("one", {"link_card": False}), Draft("two", {"link_card": False}))
    publish(ann, prepare(ann, both, now=datetime.now(UTC) - timedelta(minutes=1)))
    again = prepare(ann, both)
    found = find(ann, again)
    assert found
    assert len(found.rest) == 1


@pytest.mark.peer
@pytest.mark.parametrize("place", [0, 1, 2])
def test_it_writes_nothing_where_another_post_stands_at_one_of_its_keys(pds: Pds, ann: Account, place: int) -> None:
    payload = thread(ann, "one", "two", "three")
    other = {**prepared(ann, "another"), "rkey": payload["writes"][place]["rkey"]}
    publish(ann, other)
    with pytest.raises(Unconfirmed):
        publish(ann, payload)
    with pytest.raises(Rejected) as caught:
        find(ann, payload)
    assert caught.value.code == "key_taken"
    assert payload["writes"][place]["rkey"] in caught.value.message
    assert texts(pds, ann) == ["another"]


@pytest.mark.peer
def test_it_finds_a_thread_of_which_the_author_has_deleted_the_beginning(pds: Pds, ann: Account) -> None:
    payload = thread(ann, "one", "two")
    live = publish(ann, payload)
    gone = {"repo": ann.remote_id, "collection": "app.bsky.feed.post", "rkey": payload["writes"][0]["rkey"]}
    pds.call("com.atproto.repo.deleteRecord", gone, token=ann.credentials["access_jwt"])
    assert find(ann, payload) == live


def answer(payload: Payload, **changes: str) -> Says:
    """What a server says that has written the payload."""
    uri = f"at://{payload['repo']}/"
    results = [
        {"uri": f"{uri}{write['collection']}/{write['rkey']}", "cid": cid_of(write["value"])}
        for write in payload["writes"]
    ]
    results[-1] |= changes
    return Says(200, {"commit": {}, "results": results})


def test_it_believes_a_server_that_names_what_was_sent() -> None:
    payload = thread(account("http://nowhere.invalid"), "one", "two")
    with answering(answer(payload)) as server:
        assert len(publish(account(server.base_url), payload).rest) == 1
    assert server.asked[0]["path"] == "/xrpc/com.atproto.repo.applyWrites"
    assert server.asked[0]["body"] == payload


@pytest.mark.parametrize("changes", [{"cid": "bafyreianother"}, {"uri": "at://did:plc:other/app.bsky.feed.post/x"}])
def test_it_looks_when_a_server_names_something_else(changes: dict[str, str]) -> None:
    payload = thread(account("http://nowhere.invalid"), "one", "two")
    with answering(answer(payload, **changes)) as server, pytest.raises(Unconfirmed):
        publish(account(server.base_url), payload)


@pytest.mark.parametrize("body", [{}, {"results": None}, {"results": []}, {"results": "many"}, {"results": [7, 8]}])
def test_it_looks_when_a_server_names_nothing(body: dict[str, Any]) -> None:
    payload = thread(account("http://nowhere.invalid"), "one", "two")
    with answering(Says(200, body)) as server, pytest.raises(Unconfirmed):
        publish(account(server.base_url), payload)


def test_it_refuses_what_a_server_would_not_take_in_one_piece() -> None:
    with pytest.raises(Rejected) as caught:
        thread(account("http://nowhere.invalid"), "x" * (MOST_BYTES // 2), "y" * (MOST_BYTES // 2))
    assert caught.value.code == "thread_too_long"
