"""POST /v1/posts/{id}/targets/{target_id}/resolve"""

import threading
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from integrations.models import Role, Workspace
from openpost.acting import Actor, Kind, as_actor
from openpost.api.errors import ApiError
from posts import actions, hints
from posts.models import Event, PostStatus, PostTarget, TargetStatus
from publishing import resolve
from publishing.models import Delivery, DeliveryState
from tests import builders

from .engine import ScriptedClient, step, unknown

pytestmark = pytest.mark.django_db

URL = "https://x.com/somebody/status/1790001?s=20"
LIVE = {"published": True, "url": URL}
ABSENT = {"published": False}


def path(target: PostTarget) -> str:
    return f"/v1/posts/{target.post_id}/targets/{target.id}/resolve"


def send(target: PostTarget, body: Any) -> Any:
    return builders.client(target.post.workspace).post(path(target), body)


def test_a_program_is_told_how_to_say_it(platform: ScriptedClient) -> None:
    target = unknown(platform)
    (one,) = builders.client(target.post.workspace).get(f"/v1/posts/{target.post_id}").json()["data"]["post_targets"]
    assert "only then say whether it is live" in one["error"]["message"]
    assert one["error"]["message"].endswith(f"Say it by POST {path(target)}.")


def test_it_records_that_it_is_live_since_the_call_that_made_it_so(platform: ScriptedClient) -> None:
    target = unknown(platform)
    sent_at = Delivery.objects.get().sent_at

    answer = send(target, LIVE)

    assert answer.status_code == 200
    shown = answer.json()["data"]
    assert shown["status"] == "published"
    (one,) = shown["post_targets"]
    assert (one["status"], one["platform_post_url"], one["error"]) == ("published", URL, None)
    assert sent_at
    assert one["published_at"] == shown["published_at"] == builders.iso(sent_at)
    target.refresh_from_db()
    assert (target.platform_post_id, target.in_doubt, target.due_at) == ("1790001", False, None)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.remote_id, delivery.url) == (DeliveryState.LIVE, "1790001", URL)
    event = Event.objects.get(target=target)
    assert event.kind == "resolved_live"
    assert event.actor.startswith("API key “Tests” (op_test_")
    assert URL in event.message


def test_what_nobody_has_approved_is_sent_again_by_those_alone_who_may_approve(platform: ScriptedClient) -> None:
    """It was sent before the workspace began to want approval."""
    target = unknown(platform)
    workspace = target.post.workspace
    Workspace.objects.update(needs_approval=True)
    for role, may in ((Role.EDITOR, False), (Role.ADMIN, True)):
        person = builders.member(workspace, role)
        with (
            as_actor(Actor(Kind.PERSON, user=person)),
            nullcontext() if may else pytest.raises(ApiError, match="wants"),
        ):
            resolve.absent(target=target)
        target.refresh_from_db()
        assert (target.status == TargetStatus.FAILED) != may


def test_it_sends_again_under_the_same_key_what_is_not_live(
    platform: ScriptedClient,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    target = unknown(platform)
    platform.records.clear()
    key = Delivery.objects.get().key
    asked: list[Any] = []
    monkeypatch.setattr(hints, "hand_out", lambda **kwargs: asked.append(kwargs["accounts"]))

    with django_capture_on_commit_callbacks(execute=True):
        answer = send(target, ABSENT)

    assert answer.status_code == 200
    (one,) = answer.json()["data"]["post_targets"]
    assert (one["status"], one["error"]) == ("pending", None)
    assert asked == [[target.integration_id]]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.sent_at, delivery.resent_at) == (DeliveryState.PREPARED, None, None)
    assert (delivery.key, delivery.looks, delivery.absences) == (key, 0, 0)
    assert Event.objects.get(target=target).kind == "resolved_absent"

    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert [sent for sent, _ in platform.records] == [key]


@pytest.mark.parametrize("body", [LIVE, ABSENT], ids=["live", "absent"])
@pytest.mark.parametrize("made", ["post", "due", "publishing", "published", "failed", "resolved"])
def test_it_refuses_what_is_not_in_doubt(platform: ScriptedClient, made: str, body: dict[str, Any]) -> None:
    if made == "resolved":
        target = unknown(platform)
        assert send(target, LIVE | {"url": "https://example.com/1"}).status_code == 200
    else:
        built = getattr(builders, made)(builders.workspace())
        target = built if isinstance(built, PostTarget) else builders.target(built)
    before = PostTarget.objects.values().get(id=target.id)

    error = builders.error(send(target, body), 409)

    assert error["code"] == "nothing_to_resolve"
    assert PostTarget.objects.values().get(id=target.id) == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/published"),
        ({"published": None}, "/published"),
        ({"published": "true"}, "/published"),
        ({"published": 1}, "/published"),
        ({"published": []}, "/published"),
        ({"published": True}, "/url"),
        ({"published": True, "url": None}, "/url"),
        ({"published": True, "url": ""}, "/url"),
        ({"published": True, "url": 5}, "/url"),
        ({"published": True, "url": ["https://x.com/1"]}, "/url"),
        ({"published": True, "url": "x.com/1"}, "/url"),
        ({"published": True, "url": "ftp://x.com/1"}, "/url"),
        ({"published": True, "url": "javascript:alert(1)"}, "/url"),
        ({"published": True, "url": "https://"}, "/url"),
        ({"published": True, "url": "https://[x"}, "/url"),
        ({"published": True, "url": "https://x.com/a b"}, "/url"),
        ({"published": True, "url": "https://x.com/a\nb"}, "/url"),
        ({"published": True, "url": "https://x.com/\0"}, "/url"),
        ({"published": True, "url": "https://x.com/" + "a" * 987}, "/url"),
        ({"published": False, "url": URL}, "/url"),
        ({"published": False, "when": "now"}, "/when"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_it_names_the_field_of_every_wrong_input(platform: ScriptedClient, body: Any, field: str) -> None:
    target = unknown(platform)
    error = builders.error(send(target, body))
    assert error["field"] == field
    target.refresh_from_db()
    assert target.error_code == "outcome_unknown"
    assert not Event.objects.filter(target=target).exists()


@pytest.mark.parametrize("body", ["[]", "null", '"live"', "{", b"\xff"])
def test_it_refuses_a_body_that_is_no_object(platform: ScriptedClient, body: str | bytes) -> None:
    builders.error(send(unknown(platform), body))


def test_it_takes_the_longest_address(platform: ScriptedClient) -> None:
    target = unknown(platform)
    url = "https://x.com/" + "a" * 986
    assert send(target, {"published": True, "url": url}).status_code == 200
    target.refresh_from_db()
    assert target.platform_post_url == url
    assert len(target.platform_post_id) == 512


def test_it_refuses_an_address_at_which_another_post_is(platform: ScriptedClient) -> None:
    workspace = builders.workspace()
    other = builders.published(workspace)
    PostTarget.objects.filter(post=other).update(platform_post_id="1790001")
    target = unknown(platform, workspace)

    error = builders.error(send(target, LIVE), 409)

    assert (error["code"], error["field"], error["post_id"]) == ("already_recorded", "/url", str(other.id))
    assert str(other.id) in error["error"]
    target.refresh_from_db()
    assert target.status == TargetStatus.FAILED


# pragma: allowlist nextline secret
def test_no_word_outweighs_the_platforms_own_answer_that_came_since(platform: ScriptedClient) -> None:
    """It reached a worker that had lost its lease, after we had given up: sent again, it would be there twice."""
    target = unknown(platform)
    Delivery.objects.filter(target=target).update(remote_id="1790001", url=URL)
    error = builders.error(send(target, {"published": False}), 409)
    assert (error["code"], error["url"]) == ("live_after_all", URL)
    actions.publish_now(post=target.post)
    step(target)
    assert (target.status, target.platform_post_url) == (TargetStatus.PUBLISHED, URL)
    assert len(platform.records) == 1


def test_it_takes_an_address_that_another_account_has(platform: ScriptedClient) -> None:
    PostTarget.objects.filter(post=builders.published(builders.workspace())).update(platform_post_id="1790001")
    assert send(unknown(platform), LIVE).status_code == 200


def test_it_is_not_found_for_a_stranger_nor_under_another_post(platform: ScriptedClient) -> None:
    target = unknown(platform)
    client = builders.stranger()
    foreign = builders.error(client.post(path(target), LIVE), 404)
    missing = builders.error(client.post(f"/v1/posts/{uuid.uuid4()}/targets/{uuid.uuid4()}/resolve", LIVE), 404)
    assert foreign | {"request_id": ""} == missing | {"request_id": ""}
    own = builders.client(target.post.workspace)
    other = builders.post(target.post.workspace)
    for wrong in (f"/v1/posts/{other.id}/targets/{target.id}", f"/v1/posts/{target.post_id}/targets/nonsense"):
        builders.error(own.post(f"{wrong}/resolve", LIVE), 404)
    builders.error(own.get(path(target)), 405)
    target.refresh_from_db()
    assert target.status == TargetStatus.FAILED


# Races --------------------------------------------------------------------------------------------------------------


def together(*verbs: Callable[[], object]) -> list[str]:
    """The verbs at the same moment, each on its own connection; for each "done", or the code of its refusal."""
    start, ends = threading.Barrier(len(verbs)), [""] * len(verbs)

    def run(index: int, verb: Callable[[], object]) -> None:
        start.wait()
        try:
            verb()
            ends[index] = "done"
        except ApiError as error:
            ends[index] = error.faults[0].code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.django_db(transaction=True)
def test_of_resolve_and_publish_now_one_wins_and_the_other_is_told(platform: ScriptedClient) -> None:
    for _ in range(5):
        target = unknown(platform)
        ends = together(
            lambda: resolve.live(target=target, url=f"https://example.com/{target.id}"),  # noqa: B023
            lambda: actions.publish_now(post=target.post),  # noqa: B023
        )
        target.refresh_from_db()
        if ends[0] == "done":
            assert (ends[1], target.status) == ("post_not_editable", TargetStatus.PUBLISHED)
        else:
            assert (ends, target.status) == (["nothing_to_resolve", "done"], TargetStatus.PUBLISHING)
            assert target.in_doubt, "it is looked up, not sent"


@pytest.mark.django_db(transaction=True)
def test_of_two_persons_words_the_first_counts(platform: ScriptedClient) -> None:
    for _ in range(5):
        target = unknown(platform)
        ends = together(
            lambda: resolve.live(target=target, url=f"https://example.com/{target.id}"),  # noqa: B023
            lambda: resolve.absent(target=target),  # noqa: B023
        )
        assert sorted(ends) == ["done", "nothing_to_resolve"]
        target.refresh_from_db()
        said = Event.objects.get(target=target).kind
        assert (target.status == TargetStatus.PUBLISHED) == (said == "resolved_live")
        target.post.refresh_from_db()
        assert target.post.status == (PostStatus.PUBLISHED if said == "resolved_live" else PostStatus.SCHEDULED)


@pytest.mark.django_db(transaction=True)
def test_one_address_is_recorded_for_one_target_only(platform: ScriptedClient) -> None:
    workspace = builders.workspace()
    targets = [unknown(platform, workspace) for _ in range(2)]
    ends = together(*(lambda one=one: resolve.live(target=one, url=URL) for one in targets))
    assert sorted(ends) == ["already_recorded", "done"]
    assert PostTarget.objects.filter(platform_post_id="1790001").count() == 1


@pytest.mark.parametrize("url", ["https://x.com/somebody", "https://example.com/status/1", "https://x.com/a/status/b"])
def test_it_refuses_an_address_that_no_post_of_the_platform_has(platform: ScriptedClient, url: str) -> None:
    room = builders.workspace("live")
    builders.integration(room, "twitter")
    target = unknown(platform, room)

    error = builders.error(send(target, LIVE | {"url": url}))

    assert (error["code"], error["field"]) == ("invalid_value", "/url")
    assert "https://x.com/name/status/1234567890" in error["error"]
    target.refresh_from_db()
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "outcome_unknown")
    assert send(target, LIVE).status_code == 200
