"""Images on a real Bluesky server: as they are where they fit, brought to size where not, uploaded once."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from integrations.platforms.base import Draft
from integrations.platforms.bluesky.blobs import KEPT
from integrations.platforms.client import Account
from integrations.platforms.errors import NotNow, Rejected
from integrations.platforms.registry import PLATFORMS
from tests.integrations.platforms.files import MemoryFiles
from tests.peers.pds import Pds

from .doubles import Says, answering
from .people import account, connected, parts, prepare, prepared, publish
from .pictures import add, noise, of_size, plain

LIMIT = 2_000_000


def blob_of(pds: Pds, who: Account, blob: dict[str, Any]) -> bytes:
    """The file as anybody can fetch it."""
    return pds.fetch_blob(who.remote_id, blob["ref"]["$link"])


@pytest.mark.peer
@pytest.mark.parametrize("count", [1, 4])
def test_it_publishes_up_to_four_images_as_they_are(pds: Pds, ann: Account, files: MemoryFiles, count: int) -> None:
    originals = [plain(colour) for colour in ("red", "green", "blue", "white")[:count]]
    media = tuple(add(files, data, alt_text=f"number {index}") for index, data in enumerate(originals))

    publish(ann, prepared(ann, Draft("look", media=media), files=files))

    (record,) = pds.list_records(ann.remote_id)
    embed = record["value"]["embed"]
    assert embed["$type"] == "app.bsky.embed.images"
    assert [image["alt"] for image in embed["images"]] == [f"number {index}" for index in range(count)]
    assert [blob_of(pds, ann, image["image"]) for image in embed["images"]] == originals
    assert all(image["aspectRatio"] == {"width": 40, "height": 30} for image in embed["images"])
    assert files.said == ["An image was uploaded to Bluesky as it is (1 kB)."] * count


@pytest.mark.peer
@pytest.mark.parametrize("count", [5, 10])
def test_it_publishes_more_as_a_gallery(pds: Pds, ann: Account, files: MemoryFiles, count: int) -> None:
    media = tuple(add(files, plain("red", (20 + index, 30)), alt_text=f"number {index}") for index in range(count))

    publish(ann, prepared(ann, Draft("", media=media), files=files))

    (record,) = pds.list_records(ann.remote_id)
    embed = record["value"]["embed"]
    assert embed["$type"] == "app.bsky.embed.gallery"
    assert [item["$type"] for item in embed["items"]] == ["app.bsky.embed.gallery#image"] * count
    assert [item["alt"] for item in embed["items"]] == [f"number {index}" for index in range(count)]
    assert [item["aspectRatio"]["width"] for item in embed["items"]] == [20 + index for index in range(count)]


def test_an_eleventh_image_is_refused_before_anything_is_sent() -> None:
    files = MemoryFiles()
    media = tuple(add(files, plain("red")) for _ in range(11))
    (problem,) = PLATFORMS["bluesky"].problems(Draft("look", media=media))
    assert (problem.code, problem.details["limit"]) == ("too_many_media", 10)


@pytest.mark.peer
def test_it_leaves_two_million_bytes_alone_and_changes_one_more(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    exact, over = of_size(LIMIT), of_size(LIMIT + 1)
    media = (add(files, exact), add(files, over))

    publish(ann, prepared(ann, Draft("look", media=media), files=files))

    (record,) = pds.list_records(ann.remote_id)
    first, second = record["value"]["embed"]["images"]
    assert (first["image"]["size"], first["image"]["mimeType"]) == (LIMIT, "image/png")
    assert blob_of(pds, ann, first["image"]) == exact
    assert second["image"]["size"] < LIMIT
    assert second["image"]["mimeType"] == "image/jpeg"


@pytest.mark.peer
def test_it_says_the_shape_of_what_is_really_sent(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    medium = add(files, noise(2400, 1600))

    publish(ann, prepared(ann, Draft("look", media=(medium,)), files=files))

    (record,) = pds.list_records(ann.remote_id)
    (image,) = record["value"]["embed"]["images"]
    assert image["image"]["size"] <= LIMIT
    with Image.open(io.BytesIO(blob_of(pds, ann, image["image"]))) as sent:
        assert image["aspectRatio"] == {"width": sent.width, "height": sent.height}
    assert sent.width < 2400
    assert files.said[0].startswith("An image was brought from 11.5 MB to 2.0 MB")


@pytest.mark.peer
def test_each_part_of_a_thread_has_its_own_files(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    red, blue = add(files, plain("red")), add(files, plain("blue"))
    publish(ann, prepared(ann, Draft("one", media=(red,)), Draft("two"), Draft("", media=(blue,)), files=files))
    records = [record["value"] for record in pds.list_records(ann.remote_id)]
    assert ["embed" in record for record in records] == [True, False, True]


@pytest.mark.peer
def test_it_uploads_a_file_once_however_often_it_is_prepared(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    thread = parts(Draft("look", media=(add(files, plain("red")),)))
    first = prepare(ann, thread, files=files)
    again = prepare(ann, thread, files=files)
    assert again["record"]["embed"] == first["record"]["embed"]
    assert len(files.said) == 1
    publish(ann, again)
    assert len(pds.list_records(ann.remote_id)) == 1


@pytest.mark.peer
def test_it_uploads_a_file_anew_before_the_server_forgets_it(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    thread = parts(Draft("look", media=(add(files, plain("red")),)))
    prepare(ann, thread, files=files, now=datetime.now(UTC) - KEPT - timedelta(seconds=1))
    prepare(ann, thread, files=files)
    assert len(files.said) == 2
    assert timedelta(hours=1) > KEPT


@pytest.mark.peer
def test_it_tries_again_when_the_server_has_forgotten_a_file(pds: Pds, ann: Account, files: MemoryFiles) -> None:
    payload = prepared(ann, Draft("look", media=(add(files, plain("red")),)), files=files)
    elsewhere = connected(pds, pds.create_account("bob"))
    with pytest.raises(NotNow):
        publish(elsewhere, {**payload, "repo": elsewhere.remote_id})
    assert pds.list_records(elsewhere.remote_id) == []


def test_it_refuses_what_is_no_image(files: MemoryFiles) -> None:
    medium = files.add(b"not an image", type="image/jpeg")
    with pytest.raises(Rejected) as caught:
        prepared(account("http://nowhere.invalid"), Draft("look", media=(medium,)), files=files)
    assert caught.value.code == "media_refused"


@pytest.mark.parametrize("body", [{}, {"blob": None}, {"blob": {"ref": "bafy"}}])
def test_it_waits_for_a_server_that_does_not_say_what_a_file_is_called(
    files: MemoryFiles, body: dict[str, Any]
) -> None:
    medium = add(files, plain("red"))
    with answering(Says(200, body)) as server, pytest.raises(NotNow):
        prepared(account(server.base_url), Draft("look", media=(medium,)), files=files)
    assert files.references == {}
