"""Videos and GIFs: through the video service, or without it, to a real Bluesky server."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from integrations.platforms.base import Draft, MediaKind, Medium
from integrations.platforms.bluesky import video
from integrations.platforms.client import Account, Part
from integrations.platforms.errors import NotNow, PublishError, Rejected
from tests.integrations.platforms.files import MemoryFiles
from tests.integrations.platforms.pages import Page, serving
from tests.peers.pds import Pds
from tests.peers.pds_video import MP4, VideoService, video_service

from .doubles import unused_address
from .people import Payload, parts, prepare, publish

pytestmark = pytest.mark.peer


@pytest.fixture
def service(pds: Pds, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[VideoService]:
    monkeypatch.setattr(video, "PAUSES", (0.01, 0.01))
    with video_service(pds.base_url) as running:
        settings.BLUESKY_VIDEO_URL = running.base_url
        yield running


def clip(files: MemoryFiles, *, content: bytes = MP4 + b"a clip", kind: str = "video/mp4") -> Medium:
    return files.add(
        content, kind=MediaKind.VIDEO, type=kind, width=1920, height=1080, duration=3, alt_text="a cat runs"
    )


def post(medium: Medium) -> list[Part]:
    return parts(Draft("see this", media=(medium,)))


def sent(pds: Pds, who: Account, payload: Payload) -> dict[str, object]:
    publish(who, payload)
    (record,) = pds.list_records(who.remote_id)
    embed: dict[str, object] = record["value"]["embed"]
    return embed


def test_it_publishes_a_video_that_the_service_has_made_ready(
    pds: Pds, ann: Account, files: MemoryFiles, service: VideoService
) -> None:
    embed = sent(pds, ann, prepare(ann, post(clip(files)), files=files))
    (job,) = service.jobs.values()
    assert embed == {
        "$type": "app.bsky.embed.video",
        "video": job.blob,
        "alt": "a cat runs",
        "aspectRatio": {"width": 1920, "height": 1080},
    }
    assert service.uploads == [("video/mp4", len(MP4 + b"a clip"))]
    assert files.said == [
        "A video was uploaded to Bluesky's video service (0 kB), which makes it ready.",
        "Bluesky has made the video ready.",
    ]


def test_it_makes_a_gif_a_video_that_plays_like_one(
    pds: Pds, ann: Account, files: MemoryFiles, service: VideoService
) -> None:
    gif = files.add(b"GIF89a...", kind=MediaKind.GIF, type="image/gif", width=320, height=200, frames=12)
    embed = sent(pds, ann, prepare(ann, post(gif), files=files))
    assert embed["$type"] == "app.bsky.embed.video"
    assert embed["presentation"] == "gif"
    assert "alt" not in embed
    assert service.uploads == [("image/gif", 9)]


def test_no_worker_waits_for_a_video_that_takes_long(
    pds: Pds, ann: Account, files: MemoryFiles, service: VideoService
) -> None:
    service.questions = 7
    thread = post(clip(files))
    for _ in range(2):
        with pytest.raises(NotNow) as caught:
            prepare(ann, thread, files=files)
        assert caught.value.waiting
        assert caught.value.retry_after == video.COME_BACK
        assert caught.value.code == "media_processing"
    assert sent(pds, ann, prepare(ann, thread, files=files))["video"]
    assert len(service.uploads) == 1
    assert len(files.said) == 2


def test_no_page_is_read_for_a_card_while_a_video_is_made_ready(
    ann: Account, files: MemoryFiles, service: VideoService, settings: Settings
) -> None:
    settings.FETCH_FROM_LOOPBACK = True
    service.questions = 3
    with serving({"/": Page(b"<title>A page</title>")}) as site:
        thread = parts(f"see {site.base_url}/", Draft("and this", media=(clip(files),)))
        with pytest.raises(NotNow):
            prepare(ann, thread, files=files)
        assert site.asked == []
        assert prepare(ann, thread, files=files)
        assert site.asked == ["/"]


def test_a_file_that_the_service_has_seen_before_is_ready_at_once(
    pds: Pds, ann: Account, service: VideoService
) -> None:
    for _ in range(2):
        files = MemoryFiles()
        assert prepare(ann, post(clip(files)), files=files)
    assert len(service.uploads) == 2
    assert len(service.jobs) == 1


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ({"failureCode": "validation_failure", "message": "no frames"}, Rejected),
        ({"failureCode": "pds_upload_unsupported_blob_size", "error": "too large for the server"}, Rejected),
        ({"failureCode": "encoding_failure", "message": "try again"}, NotNow),
        ({"error": "something"}, NotNow),
    ],
)
def test_it_says_why_a_video_was_not_made_ready(
    ann: Account, files: MemoryFiles, service: VideoService, failure: dict[str, str], error: type[PublishError]
) -> None:
    service.failure = failure
    thread = post(clip(files))
    with pytest.raises(error) as caught:
        prepare(ann, thread, files=files)
    assert (failure.get("message") or failure["error"]) in str(caught.value)
    if error is NotNow:
        assert prepare(ann, thread, files=files)
        assert len(service.uploads) == 2


@pytest.mark.parametrize(
    ("said", "error", "code"),
    [
        ({"message": "User has exceeded daily upload videos limit"}, NotNow, "rate_limited"),
        ({"message": "Account is not old enough to upload videos"}, Rejected, "media_refused"),
        ({"error": "unconfirmed_email"}, Rejected, "media_refused"),
        ({}, Rejected, "media_refused"),
    ],
)
def test_it_sends_no_file_that_the_service_would_not_take(
    ann: Account, files: MemoryFiles, service: VideoService, said: dict[str, str], error: type[PublishError], code: str
) -> None:
    service.limits = {"canUpload": False, "remainingDailyVideos": 0, "remainingDailyBytes": 0, **said}
    with pytest.raises(error) as caught:
        prepare(ann, post(clip(files)), files=files)
    assert caught.value.code == code
    assert service.uploads == []


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_it_comes_back_to_a_service_that_has_a_bad_day(
    ann: Account, files: MemoryFiles, service: VideoService, status: int
) -> None:
    thread = post(clip(files))
    for before in (0, 1):
        service.instead = [(200, service.limits)] * before + [(status, {"error": "Overloaded", "message": "later"})]
        with pytest.raises(NotNow) as caught:
            prepare(ann, thread, files=files)
        assert not caught.value.rests_account
        assert not caught.value.token_refused
    assert prepare(ann, thread, files=files)


@pytest.mark.parametrize(
    ("said", "error", "code"),
    [
        ({"jobStatus": {"did": "", "error": "unconfirmed_email", "jobId": "", "state": ""}}, Rejected, "media_refused"),
        ({"error": "DailyLimitExceeded"}, NotNow, "rate_limited"),
    ],
)
def test_it_says_what_the_service_says_of_a_file_it_refuses(
    ann: Account,
    files: MemoryFiles,
    service: VideoService,
    said: dict[str, object],
    error: type[PublishError],
    code: str,
) -> None:
    service.instead = [(200, service.limits), (401, said)]
    with pytest.raises(error) as caught:
        prepare(ann, post(clip(files)), files=files)
    assert caught.value.code == code
    assert ("unconfirmed_email" in caught.value.message) == (error is Rejected)


def test_it_says_that_a_server_takes_no_file_as_large(ann: Account, files: MemoryFiles, settings: Settings) -> None:
    settings.BLUESKY_VIDEO_URL = ""
    with pytest.raises(Rejected):
        prepare(ann, post(clip(files, content=MP4 + bytes(6_000_000))), files=files)


@pytest.mark.parametrize("status", [400, 401, 429, 503])
def test_a_bad_answer_about_a_job_says_nothing_of_the_account(
    ann: Account, files: MemoryFiles, service: VideoService, status: int
) -> None:
    service.questions = 3
    thread = post(clip(files))
    with pytest.raises(NotNow):
        prepare(ann, thread, files=files)
    service.questions, service.instead = 0, [(status, {"error": "Trouble", "message": "missing jobId"})]
    with pytest.raises(NotNow) as caught:
        prepare(ann, thread, files=files)
    assert (caught.value.rests_account, caught.value.token_refused, caught.value.waiting) == (False, False, False)
    assert prepare(ann, thread, files=files)
    # A job that the service does not know any more is begun anew.
    assert len(service.uploads) == (2 if status == 400 else 1)


def test_it_waits_for_a_service_that_cannot_be_reached(ann: Account, files: MemoryFiles, settings: Settings) -> None:
    settings.BLUESKY_VIDEO_URL = unused_address()
    with pytest.raises(NotNow):
        prepare(ann, post(clip(files)), files=files)


def test_where_there_is_no_service_an_mp4_goes_to_the_server_itself(
    pds: Pds, ann: Account, files: MemoryFiles, settings: Settings
) -> None:
    settings.BLUESKY_VIDEO_URL = ""
    embed = sent(pds, ann, prepare(ann, post(clip(files)), files=files))
    assert isinstance(embed["video"], dict)
    assert pds.fetch_blob(ann.remote_id, embed["video"]["ref"]["$link"]) == MP4 + b"a clip"
    with pytest.raises(Rejected) as caught:
        prepare(ann, post(clip(files, kind="video/quicktime")), files=files)
    assert caught.value.code == "media_refused"


def test_a_service_that_knows_no_such_call_is_none(
    pds: Pds, ann: Account, files: MemoryFiles, service: VideoService
) -> None:
    service.instead = [(501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"})]
    embed = sent(pds, ann, prepare(ann, post(clip(files)), files=files))
    assert isinstance(embed["video"], dict)
    assert pds.fetch_blob(ann.remote_id, embed["video"]["ref"]["$link"]) == MP4 + b"a clip"
    assert service.uploads == []
