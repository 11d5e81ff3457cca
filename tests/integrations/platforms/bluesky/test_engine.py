"""The engine and Bluesky's client together, on a real server: files from the store, a thread in the ledger."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations import connect
from integrations.models import Integration
from integrations.platforms.bluesky import connect as bluesky
from integrations.platforms.bluesky import video
from posts.models import PostTarget, TargetStatus
from publishing.models import Delivery, Step, Upload
from tests import builders
from tests.peers.pds import Pds
from tests.peers.pds_video import video_service
from tests.publishing.engine import step

from .doubles import losing_answers
from .pictures import noise, plain

pytestmark = [pytest.mark.django_db, pytest.mark.peer]

THREADGATE = "app.bsky.feed.threadgate"


@pytest.fixture
def ann(pds: Pds) -> Integration:
    person, now = pds.create_account("ann"), timezone.now()
    connection = bluesky.connect(identifier=person.handle, password=person.app_password, service=pds.base_url, now=now)
    return connect.connect(workspace=builders.workspace("live"), platform="bluesky", connection=connection, now=now)


def due(ann: Integration, content: str, **kwargs: Any) -> PostTarget:
    post = builders.post(ann.workspace, content, platforms=["bluesky"], at=timezone.now(), **kwargs)
    return builders.target(post)


def picture(ann: Integration, content: bytes, **facts: Any) -> Any:
    return builders.media(ann.workspace, content=content, **facts)


def texts(pds: Pds, ann: Integration) -> list[str]:
    return [record["value"]["text"] for record in pds.list_records(ann.remote_id)]


def said() -> set[str]:
    return {one.message for one in Step.objects.all()}


def at(address: str, ann: Integration) -> None:
    """This will move the account's server, as far as we know, to another address."""
    ann.credentials = {**ann.credentials, "service": address, "pds": address}
    ann.save(update_fields=["credentials"])


def test_a_thread_with_files_and_a_gate_goes_out_in_one_call(pds: Pds, ann: Integration) -> None:
    red = picture(ann, plain("red"), file_type="image/jpeg", alt_text="Red", width=40, height=30)
    large = picture(ann, noise(1500, 1000), width=1500, height=1000)
    settings = {"bluesky": {"who_can_reply": "nobody", "languages": ["en"]}}
    target = due(ann, "1", media=[red], thread=["2", ("", [large])], settings=settings)

    assert step(target).status == TargetStatus.PUBLISHED

    records = pds.list_records(ann.remote_id)
    assert [record["value"]["text"] for record in records] == ["1", "2", ""]
    assert [len(record["value"].get("embed", {}).get("images", [])) for record in records] == [1, 0, 1]
    assert records[2]["value"]["embed"]["images"][0]["image"]["size"] <= 2_000_000
    assert len(pds.list_records(ann.remote_id, THREADGATE)) == 1
    parts = Delivery.objects.filter(target=target).order_by("part")
    assert [part.remote_id for part in parts] == [record["uri"] for record in records]
    assert target.platform_post_url == parts[0].url
    assert target.live_parts == [part.url for part in parts]
    assert "An image was uploaded to Bluesky as it is (1 kB)." in said()


def test_a_thread_whose_answer_was_lost_is_found_whole(pds: Pds, ann: Integration) -> None:
    target = due(ann, "1", thread=["2", "3"], settings={"bluesky": {"who_can_quote": "nobody"}})
    with losing_answers(pds.base_url) as address:
        at(address, ann)
        assert step(target).status != TargetStatus.PUBLISHED
    at(pds.base_url, ann)
    assert step(target).status == TargetStatus.PUBLISHED
    assert texts(pds, ann) == ["1", "2", "3"]
    assert Delivery.objects.filter(target=target, url__contains="/post/").count() == 3


def test_a_file_is_uploaded_once_for_several_posts(pds: Pds, ann: Integration) -> None:
    red = picture(ann, plain("red"), file_type="image/jpeg")
    for text in ("one", "two"):
        assert step(due(ann, text, media=[red])).status == TargetStatus.PUBLISHED
    assert Upload.objects.count() == 1
    first, second = (record["value"]["embed"]["images"][0]["image"] for record in pds.list_records(ann.remote_id))
    assert first == second


def test_a_video_that_is_made_ready_keeps_nobody_waiting(
    pds: Pds, ann: Integration, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "PAUSES", (0.01,))
    clip = builders.media(ann.workspace, "video", width=1920, height=1080, alt_text="a cat runs")
    target = due(ann, "look", media=[clip])
    with video_service(pds.base_url) as service:
        settings.BLUESKY_VIDEO_URL, service.questions = service.base_url, 3
        assert step(target).status == TargetStatus.PENDING
        assert target.error_code == "media_processing"
        assert target.due_at is not None
        assert target.due_at < timezone.now() + timedelta(minutes=1)
        assert Upload.objects.get().ready is False
        assert step(target).status == TargetStatus.PUBLISHED
    assert len(service.uploads) == 1
    (record,) = pds.list_records(ann.remote_id)
    assert record["value"]["embed"]["alt"] == "a cat runs"
    assert "Bluesky has made the video ready." in said()


def test_a_link_without_a_card_is_told_in_the_timeline(pds: Pds, ann: Integration) -> None:
    assert step(due(ann, "see https://nowhere.invalid/page")).status == TargetStatus.PUBLISHED
    assert any(one.startswith("It goes out without a card for https://nowhere.invalid/page: ") for one in said())


def test_an_answer_to_a_post_that_is_gone_fails_with_a_sentence(pds: Pds, ann: Integration) -> None:
    nowhere = f"at://{ann.remote_id}/app.bsky.feed.post/3n2zjxf5ciqli"
    target = due(ann, "an answer", settings={"bluesky": {"reply_to": nowhere}})
    assert step(target).status == TargetStatus.FAILED
    assert target.error_code == "post_not_found"
    assert texts(pds, ann) == []
