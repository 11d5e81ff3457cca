"""The engine and X's client together: files from the store, uploads kept in the database, a thread in the ledger."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from integrations import connect
from integrations.models import Integration
from integrations.platforms.twitter.connect import connect_with_tokens
from posts.models import PostTarget, TargetStatus
from publishing.models import Step, Upload
from tests import builders
from tests.peers.x.process import XPeer
from tests.publishing.engine import step

pytestmark = pytest.mark.django_db

POST = "POST /2/tweets"
FACTS: dict[str, Any] = {"width": 1280, "height": 720, "video_codec": "h264", "audio_codec": "aac"}


@pytest.fixture
def ada(x: XPeer) -> Integration:
    user = x.user("ada", "Ada Lovelace")
    pair, now = x.tokens(user["id"]), timezone.now()
    tokens = {name: pair[name] for name in ("access_token", "refresh_token")}
    connection = connect_with_tokens(**tokens, now=now)
    return connect.connect(workspace=builders.workspace("live"), platform="twitter", connection=connection, now=now)


def due(ada: Integration, content: str, **kwargs: Any) -> PostTarget:
    return builders.target(builders.post(ada.workspace, content, at=timezone.now(), **kwargs))


def picture(ada: Integration, colour: str, **facts: Any) -> Any:
    target = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(target, "PNG")
    return builders.media(ada.workspace, content=target.getvalue(), **facts)


def test_a_thread_of_five_goes_on_where_its_third_part_failed(x: XPeer, ada: Integration) -> None:
    red, blue = picture(ada, "red", alt_text="Red"), picture(ada, "blue")
    settings = {"twitter": {"who_can_reply": "following", "made_with_ai": True}}
    thread = ["2", ("3", [blue]), "4", "5"]
    target = due(ada, "1", media=[red], thread=thread, settings=settings)
    x.fault(POST, "answer", skip=2, status=403, body="<html>Just a moment...</html>")
    assert step(target).status != TargetStatus.PUBLISHED
    assert [post["written"] for post in x.tweets(ada.remote_id)] == ["1", "2"]
    assert step(target).status == TargetStatus.PUBLISHED
    posts = x.tweets(ada.remote_id)
    assert [post["written"] for post in posts] == ["1", "2", "3", "4", "5"]
    answers = [post["body"].get("reply", {}).get("in_reply_to_tweet_id") for post in posts]
    assert answers == [None, *(post["id"] for post in posts[:-1])]
    assert [post["body"].get("reply_settings") for post in posts] == ["following", None, None, None, None]
    assert [len(post["media_keys"]) for post in posts] == [1, 0, 1, 0, 0]
    assert [upload["alt_text"] for upload in x.media(ada.remote_id)] == ["Red", ""]


def test_a_part_whose_answer_was_lost_is_found_by_its_picture(x: XPeer, ada: Integration) -> None:
    pictures = [picture(ada, colour) for colour in ("red", "green", "blue")]
    target = due(ada, "", media=pictures[:1], thread=[("", [one]) for one in pictures[1:]])
    x.fault(POST, "drop", "after", skip=1)
    for _ in range(3):
        if step(target).status == TargetStatus.PUBLISHED:
            break
    assert target.status == TargetStatus.PUBLISHED
    posts = x.tweets(ada.remote_id)
    assert len({post["media_keys"][0] for post in posts}) == len(posts) == 3


def test_a_video_that_x_is_processing_keeps_nobody_waiting(x: XPeer, ada: Integration) -> None:
    x.settings(processing=["pending", *["in_progress"] * 4, "succeeded"], check_after_s=0)
    target = due(ada, "look", media=[builders.media(ada.workspace, "video", **FACTS)])
    assert step(target).status == TargetStatus.PENDING
    assert target.error_code == "media_processing"
    assert Upload.objects.get().ready is False
    assert step(target).status == TargetStatus.PUBLISHED
    assert Upload.objects.get().ready is True
    assert len(x.media(ada.remote_id)) == len(x.tweets(ada.remote_id)) == 1
    said = {one.message for one in Step.objects.all()}
    assert {"A video was uploaded to X (0 kB).", "The video is ready at X."} <= said


def test_a_post_that_may_not_have_its_file_is_offered_it_again(x: XPeer, ada: Integration) -> None:
    """X knows nothing of the upload, and says so of the post only; when it is kept no longer, it is made anew."""
    target = due(ada, "look", media=[picture(ada, "red")])
    x.settings(media_lag_s=60)
    assert step(target).status == TargetStatus.PENDING
    assert target.error_code == "media_not_taken"
    x.settings(media_lag_s=0)
    Upload.objects.update(good_until=timezone.now() - timedelta(seconds=1))
    assert step(target).status == TargetStatus.PUBLISHED
    assert len(x.media(ada.remote_id)) == 2
