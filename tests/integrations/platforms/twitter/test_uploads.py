"""What X is given before a post: each file, once, in the way that X documents."""

import dataclasses
import hashlib
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from django.utils import timezone

from integrations.platforms.base import Draft, MediaKind, Medium
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected
from integrations.platforms.twitter import session, uploads
from tests.integrations.platforms.files import MemoryFiles

from .conftest import Desk
from .pictures import gif, image, video

SLOW = ["pending", *["in_progress"] * 5, "succeeded"]
IN_PIECES = ["POST initialize", "POST append", "POST append", "POST finalize"]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PAUSE", 0)


def sha256(desk: Desk, medium: Medium) -> str:
    return hashlib.sha256(desk.files.contents[medium.id]).hexdigest()


def failure(desk: Desk, *media: Medium, after: timedelta = timedelta(0)) -> PublishError:
    with pytest.raises(PublishError) as caught:
        desk.prepare(Draft("look", media=media), now=timezone.now() + after)
    assert desk.account.credentials["access_token"] not in caught.value.detail + caught.value.message
    return caught.value


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF"])
def test_it_gives_an_image_as_it_is_in_one_call(desk: Desk, format_: str) -> None:
    picture = image(desk.files, format=format_)
    payload = desk.payload("look", picture)
    [upload] = desk.uploads()
    assert payload == {"text": "look", "media": {"media_ids": [upload["id"]]}}
    assert (upload["category"], upload["sha256"]) == ("tweet_image", sha256(desk, picture))
    assert desk.calls() == ["POST upload"]
    assert desk.files.said == [f"An image was uploaded to X ({picture.size / 1024:.0f} kB)."]
    desk.send(payload)
    assert desk.live()[0]["media_keys"] == [f"3_{upload['id']}"]


def test_it_brings_an_image_down_to_what_x_takes(desk: Desk) -> None:
    picture = image(desk.files, size=(1600, 1200))
    assert picture.size > 5 * 1024**2
    desk.publish("look", picture)
    [upload] = desk.uploads()
    assert (upload["type"], upload["width"], upload["height"]) == ("image/jpeg", 1600, 1200)
    assert upload["size"] <= 5 * 1024**2
    assert "brought down from 5.5 MB" in desk.files.said[0]


def test_it_turns_an_image_into_a_type_that_x_takes(desk: Desk) -> None:
    desk.publish("look", image(desk.files, format="AVIF"))
    assert desk.uploads()[0]["type"] == "image/jpeg"


def test_it_says_of_bytes_that_are_no_image_that_they_are_none(desk: Desk) -> None:
    error = failure(desk, desk.files.add(b"nothing", type="image/png"))
    assert isinstance(error, Rejected)
    assert error.code == "media_refused"
    assert desk.calls() == []


def test_it_needs_no_text_beside_an_image(desk: Desk) -> None:
    payload = desk.payload("", image(desk.files))
    assert payload.keys() == {"media"}
    desk.send(payload)
    assert desk.live()[0]["written"] == ""


def test_it_gives_the_words_for_those_who_cannot_see_it(desk: Desk) -> None:
    picture = image(desk.files, alt_text="A red kite, “Ada” 🪁")
    desk.publish("look", picture)
    assert desk.uploads()[0]["alt_text"] == "A red kite, “Ada” 🪁"
    assert desk.calls() == ["POST upload", "POST metadata"]
    # X keeps them with the upload.
    desk.payload("look", dataclasses.replace(picture, alt_text="A blue one"))
    assert [upload["alt_text"] for upload in desk.uploads()] == ["A red kite, “Ada” 🪁", "A blue one"]


def test_it_uploads_an_image_once_for_some_minutes(desk: Desk) -> None:
    picture = image(desk.files)
    assert desk.payload("one", picture)["media"] == desk.payload("two", picture)["media"]
    assert desk.calls() == ["POST upload"]
    (kept,) = desk.files.references.values()
    assert kept.ready
    assert timedelta(minutes=9) < kept.until - timezone.now() <= uploads.IMAGE_KEPT


def test_it_gives_a_video_in_pieces(desk: Desk) -> None:
    film = video(desk.files, size=5_000_000, alt_text="Waves")
    desk.publish("look", film)
    [upload] = desk.uploads()
    assert (upload["category"], upload["type"], upload["sha256"]) == ("tweet_video", "video/mp4", sha256(desk, film))
    assert upload["alt_text"] == "Waves"
    assert desk.calls() == [*IN_PIECES, "GET upload", "GET upload", "POST metadata"]
    assert desk.files.said == ["A video was uploaded to X (4.8 MB).", "The video is ready at X."]
    assert desk.live()[0]["media_keys"] == [f"7_{upload['id']}"]


def test_it_gives_a_gif_in_pieces(desk: Desk) -> None:
    animation = gif(desk.files)
    desk.publish("look", animation)
    [upload] = desk.uploads()
    assert (upload["category"], upload["sha256"]) == ("tweet_gif", sha256(desk, animation))
    assert desk.live()[0]["media_keys"] == [f"16_{upload['id']}"]


def test_it_does_not_wait_when_there_is_nothing_to_process(desk: Desk) -> None:
    desk.x.settings(processing=[])
    desk.payload("look", gif(desk.files))
    assert desk.calls()[-1] == "POST finalize"


def test_it_lets_the_worker_go_while_x_is_processing(desk: Desk) -> None:
    desk.x.settings(processing=SLOW, check_after_s=7)
    film = video(desk.files)
    error = failure(desk, film)
    assert isinstance(error, NotNow)
    assert (error.code, error.waiting, error.retry_after) == ("media_processing", True, timedelta(seconds=7))
    assert [kept.ready for kept in desk.files.references.values()] == [False]
    assert desk.calls() == [*IN_PIECES, *["GET upload"] * uploads.POLLS]
    # The next try asks only how far it is.
    desk.publish("look", film)
    assert len(desk.uploads()) == 1
    assert [kept.ready for kept in desk.files.references.values()] == [True]


def test_it_gives_all_files_of_a_thread_before_it_waits_for_one(desk: Desk) -> None:
    desk.x.settings(processing=SLOW)
    parts = [Draft("1", media=(video(desk.files),)), Draft("2", media=(gif(desk.files),)), Draft("3")]
    with pytest.raises(NotNow) as caught:
        desk.prepare(*parts)
    assert caught.value.waiting
    assert [upload["kind"] for upload in desk.uploads()] == ["video", "gif"]
    assert len(desk.prepare(*parts)) == 3


def test_it_gives_a_file_once_that_stands_in_two_parts(desk: Desk) -> None:
    picture = image(desk.files)
    first, second = desk.prepare(Draft("1", media=(picture,)), Draft("2", media=(picture,)))
    assert first["media"] == second["media"]
    assert len(desk.uploads()) == 1


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        (
            {"code": 3, "name": "UnsupportedMedia", "message": "Unsupported video format."},
            "Unsupported video format. Give",
        ),
        ({"code": 1, "name": "InvalidMedia"}, "InvalidMedia. Give"),
        ({}, "process the video. Give"),
    ],
)
def test_it_says_why_x_could_not_process_it(desk: Desk, why: dict[str, object], sentence: str) -> None:
    desk.x.settings(processing=["pending", "failed"], processing_error=why)
    film = video(desk.files)
    error = failure(desk, film)
    assert isinstance(error, Rejected)
    assert error.code == "media_refused"
    assert sentence in error.message
    # Whoever publishes it again has it uploaded again.
    desk.x.settings(processing=["succeeded"])
    desk.publish("look", film)
    assert len(desk.uploads()) == 2


def test_it_takes_an_error_beside_any_state_for_final(desk: Desk) -> None:
    """Seen of version 1.1: https://github.com/plhery/node-twitter-api-v2/issues/483"""
    stuck = {"state": "in_progress", "progress_percent": 99, "error": {"code": 1, "name": "InvalidMedia"}}
    desk.x.fault("GET /2/media/upload", "answer", status=200, body={"data": {"id": "1", "processing_info": stuck}})
    assert isinstance(failure(desk, video(desk.files)), Rejected)


def test_it_does_not_wait_for_ever(desk: Desk) -> None:
    desk.x.settings(processing=["pending"])
    film = video(desk.files)
    assert failure(desk, film).code == "media_processing"
    error = failure(desk, film, after=timedelta(minutes=31))
    assert isinstance(error, NotNow)
    assert (error.code, error.waiting) == ("media_processing", False)
    assert desk.files.said[-1] == "X did not finish processing the video; it is uploaded anew."
    desk.x.settings(processing=["succeeded"])
    desk.publish("look", film)
    assert len(desk.uploads()) == 2


def test_it_asks_whether_x_still_has_what_moves(desk: Desk) -> None:
    film = video(desk.files)
    before = desk.payload("one", film)
    assert desk.payload("two", film)["media"] == before["media"]
    assert desk.calls()[-1] == "GET upload"
    assert len(desk.uploads()) == 1


def test_it_uploads_anew_what_x_has_lost(desk: Desk) -> None:
    film = video(desk.files)
    desk.payload("one", film)
    desk.x.clock(ahead_s=25 * 3600)
    desk.account = dataclasses.replace(desk.account, credentials=desk.x.tokens(desk.account.remote_id))
    desk.publish("two", film)
    assert len(desk.uploads()) == 2
    assert "X has the video no more; it is uploaded anew." in desk.files.said


def test_it_keeps_what_moves_for_less_than_x_does(desk: Desk) -> None:
    desk.x.settings(media_life_s=7200)
    desk.payload("one", video(desk.files))
    (kept,) = desk.files.references.values()
    assert timedelta(minutes=59) < kept.until - timezone.now() <= timedelta(hours=1)


@pytest.mark.parametrize("endpoint", ["/2/media/upload", "/2/media/upload/initialize", "/2/media/metadata"])
def test_it_says_that_the_account_must_allow_uploads(desk: Desk, endpoint: str) -> None:
    tokens = desk.x.tokens(desk.account.remote_id, scope="tweet.read tweet.write users.read offline.access")
    desk.account = dataclasses.replace(desk.account, credentials=tokens)
    medium = video(desk.files) if "initialize" in endpoint else image(desk.files, alt_text="A")
    error = failure(desk, medium)
    assert isinstance(error, Disconnected)
    assert "Connect it again" in error.message


def test_it_tries_a_piece_again_and_no_other(desk: Desk) -> None:
    film = video(desk.files, size=9_000_000)
    desk.x.fault("POST /2/media/upload/:id/append", "cut", skip=1)
    desk.x.fault("POST /2/media/upload/:id/append", "answer", status=503, skip=1)
    desk.publish("look", film)
    [upload] = desk.uploads()
    assert upload["sha256"] == sha256(desk, film)
    assert desk.calls().count("POST append") == 5


def test_it_gives_up_a_piece_for_now(desk: Desk) -> None:
    film = video(desk.files)
    desk.x.fault("POST /2/media/upload/:id/append", "cut", times=uploads.TRIES)
    assert isinstance(failure(desk, film), NotNow)
    assert desk.calls().count("POST append") == uploads.TRIES
    assert desk.files.said == []
    desk.publish("look", film)


def test_it_does_not_send_a_piece_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "UPLOAD_WITHIN", -1.0)
    error = failure(desk, video(desk.files))
    assert isinstance(error, NotNow)
    assert error.code == "answer_lost"


def test_it_asks_x_what_became_of_a_finalize_whose_answer_was_lost(desk: Desk) -> None:
    film = video(desk.files)
    desk.x.fault("POST /2/media/upload/:id/finalize", "drop", "after")
    assert isinstance(failure(desk, film), NotNow)
    desk.publish("look", film)
    assert len(desk.uploads()) == 1


def test_it_holds_only_a_piece_of_a_large_file(desk: Desk, tmp_path: Path) -> None:
    size = 50 * 1024**2
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.write(b"\0\0\0\x18ftypmp42")
        file.truncate(size)

    class OnDisk(MemoryFiles):
        @contextmanager
        def open(self, medium: Medium) -> Iterator[BinaryIO]:
            with path.open("rb") as file:
                yield file

    desk.files = OnDisk()
    film = dataclasses.replace(desk.files.add(b"", kind=MediaKind.VIDEO, type="video/mp4"), size=size)
    tracemalloc.start()
    try:
        desk.publish("look", film)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert desk.uploads()[0]["size"] == size
    assert most < 4 * uploads.PIECE


def test_it_leaves_a_worker_that_is_to_end(desk: Desk) -> None:
    class Stopping(MemoryFiles):
        @contextmanager
        def open(self, medium: Medium) -> Iterator[BinaryIO]:
            raise NotNow("This worker is to end.", code="worker_stopping")
            yield

    desk.files = Stopping()
    assert failure(desk, desk.files.add(b"", type="image/png")).code == "worker_stopping"


def test_it_offers_again_what_a_post_could_not_have(desk: Desk) -> None:
    """X has learnt of an upload a moment later than of the post; or it has lost it."""
    desk.x.settings(media_lag_s=60)
    payload = desk.payload("look", image(desk.files))
    with pytest.raises(NotNow) as caught:
        desk.send(payload)
    assert (caught.value.code, caught.value.waiting) == ("media_not_taken", False)
    assert caught.value.retry_after == timedelta(seconds=30)
    assert desk.live() == []


def test_it_is_told_that_a_video_is_too_long_for_the_account(desk: Desk) -> None:
    desk.x.settings(video_s=1201)
    with pytest.raises(Rejected, match="as long as this one") as caught:
        desk.publish("look", video(desk.files))
    assert caught.value.code == "media_too_long"
    desk.x.settings(premium=[desk.account.remote_id])
    desk.publish("look", video(desk.files))
