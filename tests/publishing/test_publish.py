"""The engine, against every way a platform can answer."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from integrations import rests
from integrations.models import IntegrationStatus, PlatformRest
from integrations.platforms.errors import Disconnected, NotNow, Rejected, Unconfirmed
from posts import actions, lifecycle
from posts.models import PostStatus, PostTarget, TargetStatus
from posts.words import Words
from publishing import retry
from publishing.models import Attempt, Delivery, DeliveryState, Outcome
from publishing.publish import publish
from tests import builders

from .engine import ScriptedClient, step

pytestmark = pytest.mark.django_db


def outcomes(target: PostTarget) -> list[str]:
    return [attempt.outcome for attempt in Attempt.objects.filter(target=target)]


def test_it_publishes_and_keeps_the_evidence(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace(), content="Grüße 🎉\r\n  ")
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert target.due_at is None
    assert platform.records[0][1] == "Grüße 🎉\r\n  "
    delivery = Delivery.objects.get(target=target)
    assert (delivery.state, delivery.url) == (DeliveryState.LIVE, target.platform_post_url)
    assert outcomes(target) == [Outcome.LIVE]
    post = target.post
    post.refresh_from_db()
    assert post.status == PostStatus.PUBLISHED
    assert post.published_at == target.published_at


def test_it_commits_the_frozen_payload_and_its_key_before_the_call(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    seen = []
    platform.on_publish = lambda: seen.append(Delivery.objects.get(target=target))
    step(target)
    assert seen[0].state == DeliveryState.SENDING
    assert seen[0].payload["text"] == "Hello world"
    assert platform.records == [(seen[0].key, "Hello world")]


def test_it_fails_what_the_platform_rejects_and_says_why(platform: ScriptedClient) -> None:
    platform.before = [Rejected("The platform does not like it.", code="duplicate_content", detail="403 {}")]
    target = step(builders.due(builders.workspace()))
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "duplicate_content")
    assert not target.error_retryable
    assert outcomes(target) == [Outcome.REJECTED]
    assert Delivery.objects.get(target=target).state == DeliveryState.PREPARED


def test_it_tries_five_times_and_then_fails(platform: ScriptedClient) -> None:
    platform.before = [NotNow("It is down.") for _ in range(retry.TRIES)]
    target = builders.due(builders.workspace())
    for number in range(1, retry.TRIES):
        step(target)
        assert (target.status, target.failures) == (TargetStatus.PENDING, number)
    step(target)
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "platform_unavailable")
    assert target.error_retryable
    assert platform.records == []


def test_it_waits_as_long_as_the_platform_says_and_rests_the_account(platform: ScriptedClient) -> None:
    platform.before = [NotNow("Slow down.", retry_after=timedelta(minutes=15), rests_account=True)]
    room = builders.workspace()
    target, other = builders.due(room), builders.due(room, content="Another")
    step(target)
    assert target.due_at is not None
    assert target.due_at > timezone.now() + timedelta(minutes=14)
    assert target.failures == 0
    step(other)
    assert other.status == TargetStatus.PENDING
    assert other.due_at is not None
    assert abs(other.due_at - target.due_at) < timedelta(minutes=1)
    assert platform.calls.count("publish") == 1


def test_trouble_with_our_own_app_rests_the_whole_platform_and_no_other(platform: ScriptedClient) -> None:
    room = builders.workspace(mode="live")
    for name in ("twitter", "twitter", "bluesky"):
        builders.integration(room, name)
    first, second, other = (
        builders.target(builders.post(room, integrations=[account.id], at=timezone.now()))
        for account in room.integrations.order_by("created_at")
    )
    platform.before = [NotNow("No credit.", code="billing", retry_after=timedelta(hours=1), rests_platform=True)]
    step(first)
    assert (first.status, first.failures) == (TargetStatus.PENDING, 0)
    rest = PlatformRest.objects.get()
    assert (rest.platform, rest.code, rest.reason) == ("twitter", "billing", "No credit.")
    handed = lifecycle.hand_off(now=timezone.now(), most=10)
    assert [one.target_id for one in handed] == [other.id], "nothing of the platform is handed out"
    step(second)
    assert (second.status, second.error_code) == (TargetStatus.PENDING, "platform_resting")
    assert step(other).status == TargetStatus.PUBLISHED
    assert platform.calls.count("publish") == 2
    rest.delete()
    assert step(second).status == TargetStatus.PUBLISHED


def test_a_rest_that_is_over_is_not_the_beginning_of_the_next(platform: ScriptedClient) -> None:
    account = builders.integration(builders.workspace(mode="live"))
    now = timezone.now()
    long_ago = now - timedelta(days=30)
    rests.rest_platform(account, until=long_ago + timedelta(hours=1), code="billing", reason="No credit.", now=long_ago)
    rests.rest_platform(account, until=now + timedelta(hours=1), code="billing", reason="No credit.", now=now)
    rests.rest_platform(account, until=now + timedelta(hours=2), code="billing", reason="No credit.", now=now)
    rest = PlatformRest.objects.get()
    assert (rest.since, rest.until) == (now, now + timedelta(hours=2))


def test_a_sandbox_account_says_nothing_of_the_real_platform(platform: ScriptedClient) -> None:
    platform.before = [NotNow("No credit.", code="billing", rests_platform=True)]
    step(builders.due(builders.workspace()))
    assert not PlatformRest.objects.exists()


def test_it_uses_the_same_key_for_every_try(platform: ScriptedClient) -> None:
    platform.before = [NotNow("It is down.")]
    target = builders.due(builders.workspace())
    step(target)
    key = Delivery.objects.get(target=target).key
    step(target)
    assert platform.records == [(key, "Hello world")]


def test_it_sends_the_words_of_an_edit_between_two_tries(platform: ScriptedClient) -> None:
    platform.before = [NotNow("It is down.")]
    target = step(builders.due(builders.workspace()))
    actions.edit(post=target.post, words=Words(content="Better words"))
    step(target)
    assert [text for _, text in platform.records] == ["Better words"]


def test_it_marks_the_account_when_the_platform_disconnects_it(platform: ScriptedClient) -> None:
    platform.before = [Disconnected("Access was revoked.")]
    target = step(builders.due(builders.workspace()))
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "account_disconnected")
    target.integration.refresh_from_db()
    assert target.integration.status == IntegrationStatus.NEEDS_REFRESH
    assert target.integration.status_reason == "Access was revoked."


@pytest.mark.parametrize(
    ("lost", "code"),
    [
        (Unconfirmed("No answer."), "unconfirmed"),
        (TimeoutError("a bug"), "internal_error"),
        (KeyError("data"), "internal_error"),
    ],
)
def test_it_looks_before_it_sends_again(platform: ScriptedClient, lost: Exception, code: str) -> None:
    platform.after = [lost]
    target = step(builders.due(builders.workspace()))
    assert (target.status, target.error_code) == (TargetStatus.PUBLISHING, code)
    assert target.due_at is not None
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1
    assert platform.calls == ["prepare", "publish", "find"]
    assert outcomes(target) == [Outcome.UNCONFIRMED, Outcome.LIVE]


def test_it_sends_the_same_bytes_again_when_the_platform_surely_has_nothing(platform: ScriptedClient) -> None:
    platform.before = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    frozen = Delivery.objects.get(target=target)
    step(target)
    again = Delivery.objects.get(target=target)
    assert target.status == TargetStatus.PUBLISHED
    assert (again.fingerprint, again.sent_at) == (frozen.fingerprint, frozen.sent_at)
    assert platform.records == [(frozen.key, "Hello world")]


def test_it_does_not_take_absence_for_proof_too_soon(platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScriptedClient, "absent_after", timedelta(seconds=30))
    platform.before = [Unconfirmed("No answer.")]
    target = builders.due(builders.workspace())
    step(target)
    step(target)
    assert target.status == TargetStatus.PUBLISHING
    assert platform.calls.count("publish") == 1
    Delivery.objects.filter(target=target).update(resent_at=timezone.now() - timedelta(seconds=31))
    step(target)
    assert target.status == TargetStatus.PUBLISHED


def test_it_looks_again_when_a_resend_is_called_a_duplicate(platform: ScriptedClient) -> None:
    platform.before = [Unconfirmed("No answer."), Rejected("The same text again.", code="duplicate_content")]
    target = builders.due(builders.workspace())
    step(target)
    step(target)
    assert target.status == TargetStatus.PUBLISHING
    platform.records.append((Delivery.objects.get(target=target).key, "Hello world"))
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1


def test_it_asks_a_person_when_the_platform_never_answers(platform: ScriptedClient) -> None:
    platform.after = [Unconfirmed("No answer.")]
    platform.looks = [NotNow("It is down.") for _ in range(retry.LOOKS - 1)]
    target = builders.due(builders.workspace())
    for _ in range(retry.LOOKS + 1):
        step(target)
        if target.status == TargetStatus.FAILED:
            break
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "outcome_unknown")
    actions.publish_now(post=target.post)
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1, "asking it to publish again looks first"


def test_it_takes_over_from_a_worker_that_died_before_sending(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    builders.claimed(target)
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert outcomes(target) == [Outcome.WORKER_LOST, Outcome.LIVE]
    assert len(platform.records) == 1


def test_it_takes_over_from_a_worker_that_died_after_the_platform_accepted(platform: ScriptedClient) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    target = builders.due(builders.workspace())
    platform.after = [Killed()]  # type: ignore[list-item]
    with pytest.raises(Killed):
        step(target)
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1


def test_it_does_nothing_with_a_lost_lease(platform: ScriptedClient) -> None:
    """The first worker hangs in the call; the second takes over, looks and finishes; the first comes back."""
    target = builders.due(builders.workspace())

    def meanwhile() -> None:
        platform.on_publish = None
        platform.records.append((Delivery.objects.get(target=target).key, "Hello world"))
        step(target)
        platform.before = [Rejected("You have posted that already.")]

    platform.on_publish = meanwhile
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert outcomes(target) == [Outcome.WORKER_LOST, Outcome.LIVE]
    assert Delivery.objects.get(target=target).state == DeliveryState.LIVE


def test_it_does_nothing_on_an_old_or_doubled_message(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    old = target.due_at
    assert old is not None
    actions.edit(post=target.post, words=Words(at=builders.soon(days=1)))
    publish(target_id=target.id, token=old)
    target.refresh_from_db()
    assert target.status == TargetStatus.PENDING
    assert platform.calls == []


def test_it_checks_the_rules_once_more_before_sending(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    type(target.post).objects.filter(id=target.post_id).update(content="x" * 281)
    step(target)
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "text_too_long")
    assert platform.calls == []


def test_it_does_not_send_for_an_account_that_is_no_longer_connected(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    type(target.integration).objects.filter(id=target.integration_id).update(status=IntegrationStatus.DISCONNECTED)
    step(target)
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "account_disconnected")
    assert platform.calls == []


def test_it_never_shows_a_secret_in_an_attempt(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    integration = target.integration
    integration.credentials = {"access_token": "s3cr3t-token", "nested": {"refresh_token": "r3fr3sh-token"}}
    integration.save()
    platform.before = [Rejected("No.", detail="Authorization: Bearer s3cr3t-token, r3fr3sh-token")]
    step(target)
    detail = Attempt.objects.get(target=target).detail
    assert "s3cr3t" not in detail
    assert "r3fr3sh" not in detail


def test_it_says_so_when_credentials_cannot_be_read(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_integration SET credentials = '9$nonsense' WHERE id = %s", [target.integration_id]
        )
    step(target)
    assert (target.status, target.error_code) == (TargetStatus.PENDING, "credentials_unreadable")


def test_one_failed_target_never_hides_a_live_one(platform: ScriptedClient) -> None:
    post = builders.post(builders.workspace(), platforms=["twitter", "bluesky"], at=timezone.now())
    good, bad = builders.target(post, "twitter"), builders.target(post, "bluesky")
    step(good)
    post.refresh_from_db()
    assert post.status == PostStatus.PUBLISHING
    platform.before = [Rejected("No.")]
    step(bad)
    post.refresh_from_db()
    assert (post.status, post.published_at) == (PostStatus.FAILED, None)
    good.refresh_from_db()
    assert good.status == TargetStatus.PUBLISHED
    actions.publish_now(post=post)
    step(bad)
    post.refresh_from_db()
    assert post.status == PostStatus.PUBLISHED
    assert len(platform.records) == 2


def test_a_lease_is_extended_only_by_its_holder() -> None:
    target = builders.due(builders.workspace())
    first = builders.claimed(target)
    now = timezone.now()
    assert lifecycle.extend([first], now=now) == 1
    target.refresh_from_db()
    assert target.due_at == now + lifecycle.LEASE
    second = builders.claimed(target)
    assert lifecycle.extend([first, second], now=timezone.now()) == 1


def test_a_repetition_that_did_not_go_out_leaves_the_first_call_in_doubt(platform: ScriptedClient) -> None:
    """The first call may still arrive late: so its payload stays frozen, and the post cannot be edited meanwhile."""
    platform.before = [Unconfirmed("No answer."), NotNow("It is down.", retry_after=timedelta(minutes=1))]
    target = step(builders.due(builders.workspace()))
    frozen = Delivery.objects.get(target=target)
    step(target)
    assert target.status == TargetStatus.PUBLISHING
    assert target.due_at is not None
    assert target.due_at > timezone.now() + timedelta(seconds=50)
    platform.records.append((frozen.key, "Hello world"))
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1
