"""What a program is sent, and what follows from its answers."""

import hashlib
import hmac
from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook

from integrations.models import EventType, OutboxEvent, WebhookDelivery
from integrations.webhooks import deliveries, endpoints, signing
from openpost.api.times import moment
from posts import lifecycle
from posts.lifecycle import Claim, Failure
from tests import builders

from .driver import published, run, step, subscribe
from .receiver import Answer, Receiver

pytestmark = pytest.mark.django_db


def test_it_sends_the_documented_event_of_a_published_post(receiver: Receiver) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.published"])

    post = builders.published(room, platforms=["twitter", "bluesky"])
    run()

    assert receiver.events() == ["post.published", "post.published"], "one for each account"
    for came in receiver.received:
        target = builders.target(post, came.data["platform"])
        assert came.data == {
            "post_id": str(post.id),
            "platform": target.integration.platform,
            "platform_post_url": target.platform_post_url,
            "thread_urls": target.live_parts,
            "target_id": str(target.id),
            "integration_id": str(target.integration_id),
        }
        assert came.timestamp == moment(target.published_at)


def test_it_sends_the_documented_event_of_a_failed_post_and_that_it_is_over(receiver: Receiver) -> None:
    room = builders.workspace()
    subscribe(room, receiver)

    post = builders.failed(room)
    run()

    failed, completed = receiver.received
    assert (failed.event, completed.event) == ("post.failed", "post.completed")
    target = builders.target(post)
    assert failed.data["post_id"] == str(post.id)
    assert failed.data["platform"] == "twitter"
    assert failed.data["error"] == "The platform refused it."
    assert (failed.data["code"], failed.data["retryable"]) == ("rejected", False)
    assert completed.data == {
        "post_id": str(post.id),
        "status": "failed",
        "targets": [
            {
                "platform": "twitter",
                "target_id": str(target.id),
                "integration_id": str(target.integration_id),
                "status": "failed",
                "platform_post_url": None,
                "error": "The platform refused it.",
            }
        ],
    }


def test_it_sends_only_what_was_asked_for_and_only_to_the_same_workspace(receiver: Receiver) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.failed"])
    published(room)
    builders.failed(builders.workspace())
    run()
    assert receiver.events() == []


def test_an_answer_that_is_not_2xx_is_no_delivery(receiver: Receiver) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.published"])
    receiver.answer = lambda _: Answer(302, b"elsewhere", (("Location", receiver.url),))
    published(room)

    run()

    (delivery,) = WebhookDelivery.objects.all()
    assert len(receiver.received) == 1, "a redirect is not followed"
    assert (delivery.status, delivery.answer_status, delivery.answer_body) == ("pending", 302, "elsewhere")
    assert delivery.error_message == "It answered 302; only 200 to 299 says that it has the event."


def test_it_tries_again_for_a_day_under_the_same_id(receiver: Receiver, time: time_machine.Traveller) -> None:
    room, begun = builders.workspace(), timezone.now()
    subscribe(room, receiver, events=["post.published"])
    receiver.answer = lambda _: Answer(500)
    published(room)

    step()
    while (delivery := _only()).due_at:
        time.move_to(delivery.due_at + timedelta(minutes=5))
        step()

    assert timezone.now() - begun >= timedelta(days=1)
    assert 12 <= delivery.attempts <= 30
    assert len(receiver.received) == delivery.attempts
    assert len({came.id for came in receiver.received}) == 1
    assert len({came.body for came in receiver.received}) == 1
    assert len({came.headers["webhook-timestamp"] for came in receiver.received}) == delivery.attempts
    assert delivery.error_code == "unwelcome_answer"


def test_it_waits_as_long_as_it_is_asked_to(receiver: Receiver, time: time_machine.Traveller) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.published"])
    receiver.answer = lambda _: Answer(429, headers=(("Retry-After", "7200"),))
    published(room)
    run()
    receiver.answer = lambda _: Answer()
    published(room)

    time.shift(timedelta(minutes=119))
    run()
    assert len(receiver.received) == 1, "not even another event is sent before"
    time.shift(timedelta(minutes=2))
    run()
    assert len(receiver.received) == 3


def test_410_disables_the_endpoint_at_once_and_others_are_told(receiver: Receiver) -> None:
    room = builders.workspace()
    gone = subscribe(room, receiver, events=["post.published"])
    receiver.answer = lambda _: Answer(410)
    published(room)
    run()

    gone.refresh_from_db()
    assert gone.disabled_reason == "It answered 410 Gone, which says that it wants nothing any more."
    assert _only().status == "failed"
    published(room)
    run()
    assert len(receiver.received) == 1
    told = OutboxEvent.objects.get(type=EventType.WEBHOOK_DISABLED)
    assert told.data == {"webhook_id": str(gone.id), "url": gone.url, "reason": gone.disabled_reason}


def test_an_endpoint_that_fails_for_three_days_is_disabled_and_no_other(
    receiver: Receiver, time: time_machine.Traveller
) -> None:
    room = builders.workspace()
    endpoint = subscribe(room, receiver, events=["post.published"])
    receiver.answer = lambda _: Answer(500)
    begun = timezone.now()
    while not endpoint.disabled_at:
        published(room)
        run()
        time.shift(timedelta(hours=8))
        endpoint.refresh_from_db()
    assert timedelta(days=3) <= endpoint.disabled_at - begun < timedelta(days=3, hours=9)
    assert endpoint.disabled_reason.startswith("Nothing has reached it for 3 days. The last try: It answered 500")
    assert not WebhookDelivery.objects.filter(due_at__isnull=False).exists()


def test_one_success_within_the_three_days_counts(receiver: Receiver, time: time_machine.Traveller) -> None:
    room = builders.workspace()
    endpoint = subscribe(room, receiver, events=["post.published"])
    for number in range(20):
        receiver.answer = lambda _, ok=number == 8: Answer(200 if ok else 500)  # type: ignore[misc]
        published(room)
        run()
        time.shift(timedelta(hours=6))
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None
    assert endpoint.disabled_at is None


def test_two_failures_with_days_between_them_disable_nothing(receiver: Receiver, time: time_machine.Traveller) -> None:
    room = builders.workspace()
    endpoint = subscribe(room, receiver, events=["post.published"])
    receiver.answer = lambda _: Answer(500)
    for _ in range(3):
        published(room)
        run()
        WebhookDelivery.objects.all().delete()
        time.shift(timedelta(days=5))
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None


def test_when_an_endpoint_is_back_all_that_waited_goes_out(receiver: Receiver, time: time_machine.Traveller) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.published"])
    receiver.answer = lambda _: Answer(503)
    for _ in range(8):
        published(room)
        run()
        time.shift(timedelta(hours=1))
    run()
    receiver.received.clear()
    receiver.answer = lambda _: Answer()
    time.shift(timedelta(hours=2))
    run()
    assert len({came.data["post_id"] for came in receiver.received}) == 8


def test_it_keeps_the_beginning_of_an_answer_without_secrets(receiver: Receiver) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.published"])
    receiver.answer = lambda _: Answer(400, f"your secret is {receiver.secret}\0 ".encode() + b"x" * 100_000)
    published(room)
    run()
    delivery = _only()
    assert delivery.answer_body.startswith("your secret is [secret] xxx")
    assert 900 < len(delivery.answer_body) <= 1024


def test_a_body_in_any_language_is_verified(receiver: Receiver) -> None:
    room = builders.workspace()
    subscribe(room, receiver)
    post = builders.publishing(room)
    target = builders.target(post)
    claim = Claim(target.id, post.id, target.attempts, predecessor_died=False)
    said = Failure("rejected", "Nein – „zu lang“ 你好 👩‍👩‍👧 \u2028")
    assert lifecycle.fail(claim, failure=said, now=timezone.now())
    run()
    assert receiver.received[0].data["error"] == said.message


def test_both_secrets_are_good_while_they_overlap(receiver: Receiver, time: time_machine.Traveller) -> None:
    room = builders.workspace()
    endpoint = subscribe(room, receiver, events=["post.published"])
    old = receiver.secret
    _, new = endpoints.rotate_secret(endpoint=endpoint, overlap=timedelta(hours=1), now=timezone.now())
    receiver.secret = new
    published(room)
    run()
    (came,) = receiver.received
    assert Webhook(old).verify(came.body, came.headers) == Webhook(new).verify(came.body, came.headers)
    plain = hmac.new(old.encode(), came.body, hashlib.sha256).hexdigest()
    assert came.headers["x-openpost-signature-previous"] == plain

    time.shift(timedelta(minutes=61))
    published(room)
    run()
    after = receiver.received[1].headers
    assert "x-openpost-signature-previous" not in after
    assert after["webhook-signature"].count("v1,") == 1


def test_a_test_goes_to_one_endpoint_whatever_it_wants(receiver: Receiver) -> None:
    room = builders.workspace()
    endpoint = subscribe(room, receiver, events=["post.failed"])
    delivery = deliveries.test(endpoint=endpoint, now=timezone.now())
    run()
    (came,) = receiver.received
    assert (came.event, came.data) == ("webhook.test", {"webhook_id": str(endpoint.id)})
    delivery.refresh_from_db()
    assert (delivery.status, delivery.answer_body) == ("delivered", "ok")


def test_a_replay_is_sent_under_the_same_id(receiver: Receiver) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.published"])
    published(room)
    run()
    delivery = WebhookDelivery.objects.select_related("endpoint").get()
    for _ in range(2):
        deliveries.replay(delivery=delivery, now=timezone.now())
    run()
    assert len(receiver.received) == 2, "asked for twice before it went out: sent once"
    assert receiver.received[0].id == receiver.received[1].id


def test_all_that_did_not_reach_it_can_be_sent_again(receiver: Receiver) -> None:
    room, begun = builders.workspace(), timezone.now()
    endpoint = subscribe(room, receiver, events=["post.published"])
    published(room)
    run()
    endpoints.change(endpoint=endpoint, enabled=False, now=timezone.now())
    missed = {published(room), published(room)}
    run()
    assert len(receiver.received) == 1
    endpoint = endpoints.change(endpoint=endpoint, enabled=True, now=timezone.now())
    assert deliveries.replay_since(endpoint=endpoint, since=begun, now=timezone.now()) == 2
    run()
    assert {came.data["post_id"] for came in receiver.received[1:]} == missed
    assert deliveries.replay_since(endpoint=endpoint, since=begun, now=timezone.now()) == 0


def test_what_is_wrong_here_is_said_and_not_held_against_the_endpoint(
    receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = builders.workspace()
    endpoint = subscribe(room, receiver, events=["post.published"])
    published(room)
    with monkeypatch.context() as patched:
        patched.setattr(signing, "headers", lambda *_args, **_kwargs: 1 / 0)
        run()
    assert _only().error_code == "internal_error"
    keys = settings.CREDENTIAL_KEYS
    settings.CREDENTIAL_KEYS = [f"2:{Fernet.generate_key().decode()}"]
    WebhookDelivery.objects.update(due_at=timezone.now())
    run()
    settings.CREDENTIAL_KEYS = keys
    assert _only().error_code == "credentials_unreadable"
    assert not receiver.received
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)
    WebhookDelivery.objects.update(due_at=timezone.now())
    run()
    assert _only().status == "delivered"


def _only() -> WebhookDelivery:
    return WebhookDelivery.objects.get()
