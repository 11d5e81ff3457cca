"""A target that is due and not tried says what it waits for: its account rests, or its whole platform does."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.models import Integration, PlatformRest, Workspace
from posts import telling
from posts.models import Post, PostTarget
from tests import builders

pytestmark = pytest.mark.django_db

EMPTY_PURSE = "The X app of this service has no credit left. Whoever runs it must buy credit at X; then it goes on."


def error_of(post: Post) -> Any:
    client = builders.client(post.workspace)
    (target,) = client.get(f"/v1/posts/{post.id}").json()["data"]["post_targets"]
    return target["error"]


def live() -> Workspace:
    workspace = builders.workspace("live")
    builders.integration(workspace)
    return workspace


def due(workspace: Workspace) -> Post:
    return builders.post(workspace, at=timezone.now())


def platform_rests(**fields: Any) -> datetime:
    now = timezone.now()
    until = builders.soon()
    values = {"platform": "twitter", "since": now, "until": until, "code": "billing", "reason": EMPTY_PURSE}
    PlatformRest.objects.create(**values | fields)
    return until


def account_rests() -> datetime:
    until = builders.soon(minutes=15)
    Integration.objects.update(resting_until=until)
    return until


def test_it_says_that_the_account_rests_and_until_when() -> None:
    post = due(builders.workspace())
    until = account_rests()
    error = error_of(post)
    assert (error["code"], error["side"], error["retryable"]) == ("account_resting", "platform", True)
    assert error["next_attempt_at"] == builders.iso(until)
    assert telling.moment(until) in error["message"]


def test_it_says_that_the_platform_rests_why_and_whose_side_that_is() -> None:
    post = due(live())
    until = platform_rests()
    error = error_of(post)
    assert (error["code"], error["side"], error["retryable"]) == ("platform_resting", "ours", True)
    assert EMPTY_PURSE in error["message"]
    assert error["next_attempt_at"] == builders.iso(until)


def test_it_names_the_platform_first_and_the_longer_of_both_rests() -> None:
    post = due(live())
    until = platform_rests(until=builders.soon(minutes=1))
    longer = account_rests()
    error = error_of(post)
    assert error["code"] == "platform_resting"
    assert until > longer
    assert error["next_attempt_at"] == builders.iso(longer)


def test_it_says_nothing_of_a_real_platforms_rest_in_a_sandbox() -> None:
    post = due(builders.workspace())
    platform_rests()
    assert error_of(post) is None


@pytest.mark.parametrize("over", ["rest", "another platform", "not due", "draft"])
def test_it_says_nothing_where_nothing_waits(over: str) -> None:
    workspace = live()
    post = builders.post(workspace, at={"not due": builders.soon(), "draft": None}.get(over, timezone.now()))
    fields: dict[str, Any] = {
        "rest": {"until": timezone.now() - timedelta(seconds=1)},
        "another platform": {"platform": "bluesky"},
    }
    platform_rests(**fields.get(over, {}))
    assert error_of(post) is None


def test_it_prefers_what_holds_now_to_an_error_of_an_earlier_try() -> None:
    post = due(builders.workspace())
    PostTarget.objects.update(error_code="platform_unavailable", error_message="It is down.", error_retryable=True)
    assert error_of(post)["code"] == "platform_unavailable"
    account_rests()
    assert error_of(post)["code"] == "account_resting"


def test_it_does_not_promise_a_try_before_the_rest_has_ended() -> None:
    post = due(builders.workspace())
    PostTarget.objects.update(
        error_code="platform_unavailable",
        error_message="It is down.",
        error_retryable=True,
        due_at=builders.soon(minutes=1),
    )
    until = account_rests()
    error = error_of(post)
    assert (error["code"], error["next_attempt_at"]) == ("platform_unavailable", builders.iso(until))
    assert error["message"].startswith("It is down. It is tried again at ")


def test_it_says_of_a_post_that_was_given_up_that_it_may_be_tried_again_by_hand() -> None:
    post = builders.failed(builders.workspace())
    PostTarget.objects.update(error_code="platform_unavailable", error_message="It is down.", error_retryable=True)
    error = error_of(post)
    assert error["message"] == "It is down. It is not tried again by itself any more; publish it again."
    assert error["next_attempt_at"] is None


def test_it_reads_what_rests_once_for_a_whole_list(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    workspace = live()
    for _ in range(20):
        due(workspace)
    platform_rests()
    client = builders.client(workspace)
    client.get("/v1/posts")
    with django_assert_num_queries(4):  # the key, the posts, their targets with the accounts, what rests
        posts = client.get("/v1/posts").json()["data"]
    assert {post["post_targets"][0]["error"]["code"] for post in posts} == {"platform_resting"}


def test_a_look_waits_for_no_rest() -> None:
    """The platform is asked about what may be live while its account rests, and that is the time that is named."""
    post = builders.publishing(live())
    next_look = builders.soon(minutes=2)
    PostTarget.objects.update(due_at=next_look, error_code="unconfirmed", error_message="No answer.", in_doubt=True)
    account_rests()
    assert error_of(post)["next_attempt_at"] == builders.iso(next_look)
