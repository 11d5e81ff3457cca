"""A bad day at each step of an upload: nothing is live yet, so the next try makes it good."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from integrations.platforms.base import Draft, Medium
from integrations.platforms.errors import NotNow, PublishError, Rejected
from integrations.platforms.twitter import session, uploads

from .conftest import Desk
from .pictures import image, video

IMAGE, METADATA = "POST /2/media/upload", "POST /2/media/metadata"
INITIALIZE, APPEND = "POST /2/media/upload/initialize", "POST /2/media/upload/:id/append"
FINALIZE, STATUS = "POST /2/media/upload/:id/finalize", "GET /2/media/upload"
STEPS = [IMAGE, METADATA, INITIALIZE, APPEND, FINALIZE, STATUS]
each_step = pytest.mark.parametrize("step", STEPS)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PAUSE", 0)
    monkeypatch.setattr(session, "READ_TIMEOUT", 0.5)
    monkeypatch.setattr(session, "ANSWER_DEADLINE", 1.0)
    monkeypatch.setattr(uploads, "UPLOAD_WITHIN", 1.0)


def medium_for(desk: Desk, step: str) -> Medium:
    kind = image if step in (IMAGE, METADATA) else video
    return kind(desk.files, alt_text="What it shows")


def failure(desk: Desk, medium: Medium) -> PublishError:
    with pytest.raises(PublishError) as caught:
        desk.prepare(Draft("look", media=(medium,)))
    return caught.value


def script(desk: Desk, step: str, fault: dict[str, Any]) -> None:
    """What may pass by itself is tried three times with a piece before that is given up."""
    final = fault.get("status") in (400, 401, 402, 404) or "Forbidden" in str(fault)
    desk.x.fault(step, times=uploads.TRIES if step == APPEND and not final else 1, **fault)


@each_step
@pytest.mark.parametrize(
    "fault",
    [
        {"do": "drop"},
        {"do": "drop", "when": "after"},
        {"do": "half", "when": "after"},
        {"do": "hang", "seconds": 1},
        {"do": "drip", "when": "after", "seconds": 4},
        {"do": "cut"},
        {"do": "answer", "status": 500},
        {"do": "answer", "status": 503, "when": "after"},
        {"do": "answer", "status": 302, "headers": {"Location": "/2/users/me"}},
        {"do": "answer", "status": 408},
        {"do": "answer", "status": 403, "body": "<html>Just a moment...</html>"},
        {"do": "answer", "status": 404, "body": {"title": "Not Found Error"}},
        {"do": "answer", "status": 402, "body": {"title": "Payment Required"}},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_it_goes_out_with_the_next_try(desk: Desk, step: str, fault: dict[str, Any]) -> None:
    medium = medium_for(desk, step)
    script(desk, step, fault)
    assert isinstance(failure(desk, medium), NotNow)
    desk.publish("look", medium)
    [post] = desk.live()
    assert len(post["media_keys"]) == 1
    used = next(upload for upload in desk.uploads() if upload["key"] == post["media_keys"][0])
    assert used["alt_text"] == "What it shows"


@each_step
def test_it_asks_for_a_fresh_token(desk: Desk, step: str) -> None:
    medium = medium_for(desk, step)
    script(desk, step, {"do": "answer", "status": 401, "body": {"title": "Unauthorized"}})
    error = failure(desk, medium)
    assert isinstance(error, NotNow)
    assert error.token_refused


@each_step
def test_it_rests_the_account_until_the_limit_ends(desk: Desk, step: str) -> None:
    medium = medium_for(desk, step)
    desk.x.settings(limits={step: 0})
    error = failure(desk, medium)
    assert isinstance(error, NotNow)
    assert (error.code, error.rests_account) == ("rate_limited", True)
    assert error.retry_after
    assert timedelta(minutes=14) < error.retry_after <= timedelta(minutes=15)


@each_step
def test_it_rejects_what_x_rejects_in_xs_words(desk: Desk, step: str) -> None:
    medium = medium_for(desk, step)
    body = {"errors": [{"message": "media type unrecognized."}], "title": "Invalid Request"}
    script(desk, step, {"do": "answer", "status": 400, "body": body})
    error = failure(desk, medium)
    assert isinstance(error, Rejected)
    assert error.code == "media_refused"
    assert "media type unrecognized" in error.message


@each_step
def test_it_blames_the_app_when_the_app_is_not_permitted(desk: Desk, step: str) -> None:
    medium = medium_for(desk, step)
    body = {"title": "Client Forbidden", "type": "https://api.x.com/2/problems/client-forbidden"}
    script(desk, step, {"do": "answer", "status": 403, "body": body})
    assert failure(desk, medium).code == "app_not_permitted"


def test_it_blames_the_app_even_when_nobody_knows_what_the_account_allows(desk: Desk) -> None:
    desk.account = replace(desk.account, credentials={**desk.account.credentials, "scope": ""})
    body = {"title": "Client Forbidden", "type": "https://api.x.com/2/problems/client-forbidden"}
    desk.x.fault(IMAGE, "answer", status=403, body=body)
    assert failure(desk, image(desk.files)).code == "app_not_permitted"


@each_step
@pytest.mark.parametrize("body", ["", "{", "[]", '{"data": null}', '{"data": {"id": 7}}', '{"data": []}'])
def test_it_takes_no_odd_answer_for_an_upload(desk: Desk, step: str, body: str) -> None:
    """Whatever X says, a post is sent with the id of an upload that X really has, or not at all."""
    medium = medium_for(desk, step)
    desk.x.fault(step, "answer", "after", status=200, body=body)
    try:
        desk.publish("look", medium)
    except NotNow:
        desk.publish("look", medium)
    assert len(desk.live()) == 1


def test_it_uploads_anew_when_x_has_lost_a_piece(desk: Desk) -> None:
    film = video(desk.files, size=9_000_000)
    desk.x.fault(APPEND, "answer", status=200, body={"data": {"expires_at": 1}}, skip=1)
    error = failure(desk, film)
    assert isinstance(error, NotNow)
    assert error.code == "media_lost"
    desk.publish("look", film)
