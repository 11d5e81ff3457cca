"""What PostgreSQL itself refuses to store, constraint by constraint."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.models import (
    ApiKey,
    AuditEntry,
    Integration,
    Membership,
    OutboxEvent,
    SecondFactor,
    SignIn,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from integrations.platforms.sandbox.models import SandboxFault
from posts.models import Attachment, Autosave, Event, Media, Post, PostTarget
from posts.models.autosave import LONGEST_AUTOSAVE
from publishing.models import Alert, AlertKind, Attempt, Delivery, Letter, Upload
from tests import builders

pytestmark = pytest.mark.django_db


def post(**fields: Any) -> Callable[[], object]:
    return lambda: Post.objects.create(workspace=builders.workspace(), content="Hello", **fields)


def change(**fields: Any) -> Callable[[], object]:
    """Changes a pending target behind the verbs' back."""
    return lambda: PostTarget.objects.filter(id=builders.due(builders.workspace()).id).update(**fields)


def delivery(**fields: Any) -> Callable[[], object]:
    values = {"key": "key", "payload": {}, "fingerprint": "0" * 64, **fields}
    return lambda: Delivery.objects.create(target=builders.due(builders.workspace()), **values)


def attempt(**fields: Any) -> Callable[[], object]:
    now = timezone.now()
    values = {"number": 1, "outcome": "live", "worker": "w", "started_at": now, "ended_at": now, **fields}
    return lambda: Attempt.objects.create(target=builders.due(builders.workspace()), **values)


def workspace(**fields: Any) -> Callable[[], object]:
    return lambda: Workspace.objects.create(name="Workspace", **fields)


def integration(**fields: Any) -> Callable[[], object]:
    return lambda: builders.integration(builders.workspace(), **fields)


def twice(make: Callable[[], Any]) -> Callable[[], object]:
    """Stores one row, and the same under another id."""

    def store_both() -> None:
        row = make()
        row.pk = None if row._meta.pk.get_internal_type() == "BigAutoField" else row._meta.pk.get_default()
        row._state.adding = True
        row.save(force_insert=True)

    return store_both


def two_of_one_account() -> None:
    room = builders.workspace()
    PostTarget.objects.filter(id__in=[builders.due(room).id, builders.due(room).id]).update(platform_post_id="1")


def media(**fields: Any) -> Callable[[], object]:
    return lambda: builders.media(builders.workspace(), **fields)


def attached(**fields: Any) -> Attachment:
    """The same picture in one part of a post, at the first place unless told otherwise."""
    room = builders.workspace()
    values = {"post": builders.post(room), "media": builders.media(room), **fields}
    return Attachment.objects.create(**values)


def one_place_for_two() -> None:
    first = attached()
    attached(post=first.post, media=builders.media(first.post.workspace))


def twice_in_a_part() -> None:
    first = attached()
    attached(post=first.post, media=first.media, position=1)


def upload() -> Upload:
    room = builders.workspace()
    fields = {"form": "post", "reference": {}, "good_until": NOW}
    return Upload.objects.create(integration=builders.account(room), media=builders.media(room), **fields)


def event(**fields: Any) -> Callable[[], object]:
    return lambda: Event.objects.create(post=builders.post(builders.workspace()), at=NOW, message="It was.", **fields)


def autosave(**fields: Any) -> Autosave:
    room = builders.workspace()
    return Autosave.objects.create(user=builders.member(room), workspace=room, kept_at=NOW, **fields)


def alert(**fields: Any) -> Alert:
    """One that concerns no workspace."""
    values = {"kind": AlertKind.values[0], "cause": "beat", "began_at": NOW, "last_at": NOW, "tell_at": NOW, **fields}
    return Alert.objects.create(**values)


def letter() -> Letter:
    return Letter.objects.create(alert=alert(), address="ada@example.com", created_at=NOW)


def api_key(**fields: Any) -> ApiKey:
    return ApiKey.objects.create(workspace=builders.workspace(), **{"key_hash": "0" * 64, **fields})


def sign_in(**fields: Any) -> Callable[[], object]:
    """One that a key began, unless told otherwise."""

    def store() -> None:
        key = api_key()
        values = {"api_key": key, "state_hash": "0" * 64, "created_at": NOW, "expires_at": NOW, **fields}
        SignIn.objects.create(workspace=key.workspace, platform="twitter", **values)

    return store


def outbox_event(**fields: Any) -> OutboxEvent:
    values = {"type": "post.published", "data": {}, "happened_at": NOW, **fields}
    return OutboxEvent.objects.create(workspace=builders.workspace(), **values)


def webhook(**fields: Any) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(
        workspace=builders.workspace(), url="https://example.com/", secrets=["secret"], **fields
    )


def webhook_delivery(**fields: Any) -> WebhookDelivery:
    values = {"status": "pending", "due_at": NOW, "wanted_at": NOW, **fields}
    return WebhookDelivery.objects.create(endpoint=webhook(), event=outbox_event(), **values)


def member(role: str = "owner") -> Membership:
    user = User.objects.create(username="anna")
    return Membership.objects.create(workspace=builders.workspace(), user=user, role=role)


NOW = timezone.now()

REFUSED: dict[str, list[Callable[[], object]]] = {
    "post_status_is_known": [post(status="sent", scheduled_at=NOW), post(status="", scheduled_at=NOW)],
    "a_post_that_is_no_draft_has_a_time": [post(status="scheduled"), post(status="failed")],
    "published_posts_and_only_they_have_published_at": [
        post(status="published", scheduled_at=NOW),
        post(status="failed", scheduled_at=NOW, published_at=NOW),
        post(status="draft", published_at=NOW),
    ],
    "one_target_per_post_and_account": [twice(lambda: builders.due(builders.workspace()))],
    "target_status_is_known": [change(status="draft"), change(status="")],
    "a_target_being_published_is_looked_at_again": [change(status="publishing", due_at=None)],
    "a_finished_target_has_nothing_due": [
        change(status="published", published_at=NOW),
        change(status="failed", error_code="x"),
    ],
    "published_targets_and_only_they_have_published_at": [
        change(status="published", due_at=None),
        change(published_at=NOW),
    ],
    "what_may_be_live_is_not_pending": [change(in_doubt=True)],
    "what_is_live_in_part_is_not_pending": [change(live_parts=["https://example.com/1"])],
    "what_is_in_a_workers_hands_falls_due_again": [change(in_hand=True, due_at=None)],
    "what_is_due_was_wanted_at_a_time": [change(wanted_at=None)],
    "no_two_targets_are_the_same_post_there": [two_of_one_account],
    "media_kind_is_known": [lambda: Media.objects.filter(id=attached().media_id).update(kind="sound")],
    "media_has_bytes": [media(file_size=0), lambda: Media.objects.filter(id=attached().media_id).update(file="")],
    "one_file_at_each_place": [one_place_for_two],
    "a_file_stands_once_in_a_part": [twice_in_a_part],
    "one_upload_per_account_file_and_form": [twice(upload)],
    "event_kind_is_known": [event(kind="thought")],
    "a_failed_target_says_why": [change(status="failed", due_at=None)],
    "one_delivery_per_target_and_part": [twice(delivery())],
    "delivery_state_is_known": [delivery(state="lost", sent_at=NOW, resent_at=NOW)],
    "what_is_sent_has_a_time": [
        delivery(state="sending"),
        delivery(state="sending", sent_at=NOW),
        delivery(state="live", resent_at=NOW, remote_id="1"),
    ],
    "what_is_live_has_an_id_there": [delivery(state="live", sent_at=NOW, resent_at=NOW)],
    "a_delivery_has_a_key": [delivery(key="")],
    "attempt_outcome_is_known": [attempt(outcome="maybe")],
    "attempt_ends_after_it_began": [attempt(ended_at=NOW - timedelta(days=1))],
    "workspace_mode_is_known": [workspace(mode="demo")],
    "workspace_late_limit_is_positive": [
        workspace(late_limit=timedelta(0)),
        workspace(late_limit=timedelta(seconds=-1)),
    ],
    "one_membership_per_person_and_workspace": [twice(member)],
    "membership_role_is_known": [lambda: member(role="king")],
    "api_key_is_stored_as_a_hash": [
        lambda: ApiKey.objects.create(workspace=builders.workspace(), key_hash="op_live_" + "a" * 32),
        lambda: ApiKey.objects.create(workspace=builders.workspace(), key_hash="A" * 64),
    ],
    "api_key_scopes_are_known": [lambda: api_key(scopes=["read", "sing"])],
    "an_api_key_may_do_something": [lambda: api_key(scopes=[])],
    "a_rotated_api_key_comes_to_an_end": [lambda: api_key(rotated_at=NOW)],
    "sign_in_state_is_stored_as_a_hash": [sign_in(state_hash="state"), sign_in(state_hash="A" * 64)],
    "a_sign_in_was_begun_by_a_key_or_a_person": [
        sign_in(api_key=None),
        lambda: sign_in(user=User.objects.create(username="anna"))(),
    ],
    "outbox_event_type_is_known": [lambda: outbox_event(type="post.thought")],
    "a_disabled_webhook_and_only_it_says_why": [
        lambda: webhook(disabled_at=NOW),
        lambda: webhook(disabled_reason="It failed."),
    ],
    "a_failing_webhook_and_only_it_fails_since_a_time": [
        lambda: webhook(failures=1),
        lambda: webhook(failing_since=NOW),
    ],
    "one_delivery_per_webhook_and_event": [twice(webhook_delivery)],
    "a_webhook_delivery_is_due_until_it_has_ended": [
        lambda: webhook_delivery(due_at=None),
        lambda: webhook_delivery(status="delivered"),
        lambda: webhook_delivery(status="lost"),
    ],
    "a_delivery_in_hand_falls_due_again": [lambda: webhook_delivery(status="delivered", due_at=None, in_hand=True)],
    "a_failed_webhook_delivery_says_why": [lambda: webhook_delivery(status="failed", due_at=None)],
    "an_autosave_is_not_too_long": [lambda: autosave(fields="x" * (LONGEST_AUTOSAVE + 1))],
    "what_waits_for_approval_is_a_draft": [
        post(status="scheduled", scheduled_at=timezone.now(), approval_requested_at=timezone.now())
    ],
    "a_second_factor_that_failed_says_when": [
        lambda: SecondFactor.objects.create(user=User.objects.create_user("ada"), seed="", failures=1)
    ],
    "alert_kind_is_known": [lambda: alert(kind="rumour")],
    "an_alert_has_a_cause": [lambda: alert(cause="")],
    "a_cause_is_one_alert_until_it_is_cured": [twice(alert)],
    "nobody_is_told_the_same_twice": [twice(letter)],
    "audit_actor_kind_is_known": [lambda: AuditEntry.objects.create(actor_kind="ghost", action="key.created")],
    "an_account_is_connected_once_per_workspace": [twice(integration())],
    "integration_status_is_known": [integration(status="tired")],
    "integration_names_an_account": [integration(platform=""), integration(remote_id="")],
    "one_count_per_key_and_word": [
        twice(lambda: SandboxFault.objects.create(integration=builders.integration(builders.workspace()), word="down"))
    ],
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_what_its_name_says(name: str) -> None:
    for store in REFUSED[name]:
        with pytest.raises(IntegrityError, match=f'"{name}"'), transaction.atomic():
            store()


def test_it_has_a_test_for_every_constraint() -> None:
    ours = [apps.get_app_config(name) for name in ("integrations", "posts", "publishing")]
    named = {constraint.name for app in ours for model in app.get_models() for constraint in model._meta.constraints}

    assert named == set(REFUSED)


def test_it_keeps_an_account_that_a_post_is_meant_for() -> None:
    target = builders.due(builders.workspace())

    with pytest.raises(Exception, match="restricted") as raised, transaction.atomic():
        Integration.objects.get(id=target.integration_id).delete()
    assert "RestrictedError" in type(raised.value).__name__
