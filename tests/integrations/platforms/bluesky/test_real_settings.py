"""Replies, quotes, languages and labels on a real Bluesky server, and its limits beside ours."""

from typing import Any

import pytest

from integrations.platforms.base import Draft
from integrations.platforms.client import Account
from integrations.platforms.errors import NotNow, Rejected
from integrations.platforms.registry import PLATFORMS
from tests.integrations.platforms.files import MemoryFiles
from tests.peers.pds import Pds

from .doubles import Drops, Says, answering, unused_address
from .people import account, connected, prepared, publish
from .pictures import add, plain

pytestmark = pytest.mark.peer

BLUESKY = PLATFORMS["bluesky"]
FAMILY = "👨‍👩‍👧‍👦"  # 25 bytes
NOBODY_THERE = "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3n2zjxf5ciqli"


@pytest.fixture
def bob(pds: Pds) -> Account:
    return connected(pds, pds.create_account("bob"))


def newest(pds: Pds, who: Account) -> dict[str, object]:
    value: dict[str, object] = pds.list_records(who.remote_id)[-1]["value"]
    return value


def refs(pds: Pds, who: Account) -> list[dict[str, str]]:
    return [{"uri": record["uri"], "cid": record["cid"]} for record in pds.list_records(who.remote_id)]


@pytest.mark.parametrize("web", [True, False], ids=["web address", "at-uri"])
def test_it_replies_to_a_post(pds: Pds, ann: Account, bob: Account, web: bool) -> None:
    live = publish(bob, prepared(bob, "a question"))
    publish(ann, prepared(ann, Draft("an answer", {"reply_to": live.url if web else live.remote_id})))
    (question,) = refs(pds, bob)
    assert newest(pds, ann)["reply"] == {"root": question, "parent": question}


def test_it_replies_within_the_thread_of_what_it_answers(pds: Pds, ann: Account, bob: Account) -> None:
    live = publish(bob, prepared(bob, "one", "two"))
    publish(ann, prepared(ann, Draft("an answer", {"reply_to": live.rest[0].url}), "and one more"))
    root, parent = refs(pds, bob)
    first, second = (record["value"] for record in pds.list_records(ann.remote_id))
    assert first["reply"] == {"root": root, "parent": parent}
    assert second["reply"] == {"root": root, "parent": refs(pds, ann)[0]}


def test_it_quotes_a_post(pds: Pds, ann: Account, bob: Account) -> None:
    live = publish(bob, prepared(bob, "quotable"))
    publish(ann, prepared(ann, Draft("see", {"quote": live.url}), Draft("and")))
    first, second = (record["value"] for record in pds.list_records(ann.remote_id))
    assert first["embed"] == {"$type": "app.bsky.embed.record", "record": refs(pds, bob)[0]}
    assert "embed" not in second


def test_it_quotes_beside_an_image(pds: Pds, ann: Account, bob: Account) -> None:
    live, files = publish(bob, prepared(bob, "quotable")), MemoryFiles()
    media = (add(files, plain("red"), alt_text="red"),)
    publish(ann, prepared(ann, Draft("see", {"quote": live.remote_id}, media=media), files=files))
    embed = pds.list_records(ann.remote_id)[0]["value"]["embed"]
    assert embed["$type"] == "app.bsky.embed.recordWithMedia"
    assert embed["record"] == {"$type": "app.bsky.embed.record", "record": refs(pds, bob)[0]}
    assert (embed["media"]["$type"], embed["media"]["images"][0]["alt"]) == ("app.bsky.embed.images", "red")


@pytest.mark.parametrize("setting", ["quote", "reply_to"])
def test_it_refuses_a_post_that_is_not_there(pds: Pds, ann: Account, bob: Account, setting: str) -> None:
    live = publish(bob, prepared(bob, "soon gone"))
    place = {"repo": bob.remote_id, "collection": "app.bsky.feed.post", "rkey": live.remote_id.rpartition("/")[2]}
    pds.call("com.atproto.repo.deleteRecord", place, token=bob.credentials["access_jwt"])
    with pytest.raises(Rejected) as caught:
        prepared(ann, Draft("see", {setting: live.url}))
    assert caught.value.code == "post_not_found"
    assert setting in caught.value.message
    assert live.url in caught.value.message


@pytest.mark.parametrize("reply", ["?", {}, {"root": "?"}, {"root": {}}, {"root": {"uri": NOBODY_THERE}}])
def test_it_answers_no_post_that_names_no_thread(reply: Any) -> None:
    """Anybody may write such a record; that it breaks us is no reason to try five times."""
    stranger = {"uri": NOBODY_THERE, "cid": "bafyreia", "value": {"text": "?", "reply": reply}}
    with answering(Says(200, stranger)) as server, pytest.raises(Rejected) as caught:
        prepared(account(server.base_url), Draft("see", {"reply_to": NOBODY_THERE}))
    assert caught.value.code == "post_not_found"


@pytest.mark.parametrize("setting", ["quote", "reply_to"])
def test_it_waits_when_nobody_could_be_asked(ann: Account, setting: str) -> None:
    # Whoever does not live on this server is asked for at the network, which here is not there.
    with pytest.raises(NotNow):
        prepared(ann, Draft("see", {setting: NOBODY_THERE}))
    for address in (unused_address(),):
        with pytest.raises(NotNow):
            prepared(account(address), Draft("see", {setting: NOBODY_THERE}))
    for said in (Says(502, {"error": "UpstreamFailure"}), Says(200, {"uri": NOBODY_THERE}), Drops()):
        with answering(said) as server, pytest.raises(NotNow):
            prepared(account(server.base_url), Draft("see", {setting: NOBODY_THERE}))


def test_it_says_in_what_languages_it_is_and_what_it_shows(pds: Pds, ann: Account) -> None:
    said = {"languages": ["en", "zh-Hant-TW", "pt-BR"], "labels": ["sexual", "graphic-media", "nudity", "porn"]}
    publish(ann, prepared(ann, Draft("one", said), Draft("two", said)))
    for record in pds.list_records(ann.remote_id):
        assert record["value"]["langs"] == ["en", "zh-Hant-TW", "pt-BR"]
        assert record["value"]["labels"] == {
            "$type": "com.atproto.label.defs#selfLabels",
            "values": [{"val": label} for label in said["labels"]],
        }


@pytest.mark.parametrize("text", ["é" * 300, FAMILY * 120])
def test_the_longest_text_that_we_take_the_server_takes(pds: Pds, ann: Account, text: str) -> None:
    assert BLUESKY.problems(Draft(text)) == []
    assert publish(ann, prepared(ann, text))


@pytest.mark.parametrize("text", ["é" * 301, FAMILY * 120 + "a"])
def test_the_shortest_text_that_we_refuse_the_server_refuses(pds: Pds, ann: Account, text: str) -> None:
    (problem,) = BLUESKY.problems(Draft(text))
    assert problem.code == "text_too_long"
    with pytest.raises(Rejected):
        publish(ann, prepared(ann, text))
    assert pds.list_records(ann.remote_id) == []


@pytest.mark.parametrize("text", ["é" * 301, FAMILY * 120 + "a"])
def test_a_thread_with_one_part_too_long_goes_out_not_at_all(pds: Pds, ann: Account, text: str) -> None:
    (problem,) = BLUESKY.problems(Draft("one"), Draft(text, source=1))
    assert problem.field == "/thread/0/content"
    with pytest.raises(Rejected):
        publish(ann, prepared(ann, "one", text))
    assert pds.list_records(ann.remote_id) == []
