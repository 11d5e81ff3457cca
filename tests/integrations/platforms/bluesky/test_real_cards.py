"""Link cards on a real Bluesky server, of pages on loopback; and that none of them ever stops a post."""

import pytest
from pytest_django.fixtures import Settings

from integrations.platforms.base import Draft
from integrations.platforms.client import Account
from tests.integrations.platforms.files import MemoryFiles
from tests.integrations.platforms.pages import Page, serving
from tests.peers.pds import Pds

from .people import at, prepared, publish
from .pictures import add, noise, plain

pytestmark = pytest.mark.peer

THUMB = plain("teal", (1200, 630))
HEAD = b'<title>A page</title><meta name="description" content="about something">'
PAGES = {
    "/": Page(HEAD + b'<meta property="og:image" content="/picture">'),
    "/picture": Page(THUMB, "image/jpeg"),
    "/large": Page(HEAD + b'<meta property="og:image" content="/noise">'),
    "/noise": Page(noise(1500, 1000), "image/png"),
    "/words": Page(HEAD),
}


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    settings.FETCH_FROM_LOOPBACK = True


def embeds(pds: Pds, who: Account) -> list[dict[str, object] | None]:
    return [record["value"].get("embed") for record in pds.list_records(who.remote_id)]


def test_it_shows_what_the_page_says_of_itself(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    with serving(PAGES) as site:
        payload = prepared(ann, f"see {site.base_url}/ and {site.base_url}/words", files=files)
    publish(ann, payload)

    (embed,) = embeds(pds, ann)
    assert embed
    assert embed["$type"] == "app.bsky.embed.external"
    external = embed["external"]
    assert isinstance(external, dict)
    thumb = external.pop("thumb")
    assert external == {"uri": f"{site.base_url}/", "title": "A page", "description": "about something"}
    assert pds.fetch_blob(ann.remote_id, thumb["ref"]["$link"]) == THUMB
    assert site.asked == ["/", "/picture"]
    assert files.said == []


def test_it_brings_the_picture_under_a_million_bytes(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    with serving(PAGES) as site:
        publish(ann, prepared(ann, f"see {site.base_url}/large", files=files))
    (embed,) = embeds(pds, ann)
    assert embed
    assert embed["external"]["thumb"]["size"] <= 1_000_000  # type: ignore[index]


def test_each_part_of_a_thread_shows_its_own(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    with serving(PAGES) as site:
        publish(ann, prepared(ann, f"{site.base_url}/words", "no link", f"{site.base_url}/", files=files))
    assert [bool(embed) for embed in embeds(pds, ann)] == [True, False, True]


@pytest.mark.parametrize(
    ("path", "why"), [("/nothing", "404"), ("/picture", "image/jpeg")], ids=["not there", "no page"]
)
def test_it_goes_out_without_a_card_when_there_is_none(
    pds: Pds, ann: Account, files: MemoryFiles, path: str, why: str
) -> None:
    with serving(PAGES) as site:
        publish(ann, prepared(ann, f"see {site.base_url}{path}", files=files))
    assert embeds(pds, ann) == [None]
    (said,) = files.said
    assert said.startswith(f"It goes out without a card for {site.base_url}{path}: ")
    assert why in said


def test_it_goes_out_without_a_card_when_nobody_answers(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    publish(ann, prepared(ann, "see https://nowhere.invalid/", files=files))
    assert embeds(pds, ann) == [None]
    assert len(files.said) == 1


def test_a_picture_that_cannot_be_uploaded_leaves_the_words(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    with serving(PAGES) as site:
        payload = prepared(at(pds.base_url, ann, access_jwt="x.y.z"), f"see {site.base_url}/", files=files)
    publish(ann, payload)
    (embed,) = embeds(pds, ann)
    assert embed
    assert "thumb" not in embed["external"]  # type: ignore[operator]
    assert "has no picture" in files.said[0]


def test_it_asks_for_no_page_when_there_is_no_room_for_a_card(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    quoted = publish(ann, prepared(ann, "quotable"))
    media = (add(files, plain("red")),)
    with serving(PAGES) as site:
        text = f"see {site.base_url}/"
        publish(ann, prepared(ann, Draft(text, {"link_card": False}), files=files))
        publish(ann, prepared(ann, Draft(text, media=media), files=files))
        publish(ann, prepared(ann, Draft(text, {"quote": quoted.url}), files=files))
    assert site.asked == []
    assert [embed and embed["$type"] for embed in embeds(pds, ann)[1:]] == [
        None, "app.bsky.embed.images", "app.bsky.embed.record",
    ]  # fmt: skip
