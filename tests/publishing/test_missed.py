"""Overdue by more than the workspace's late limit: not sent, and said so. What may be live is looked up even then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.platforms.errors import NotNow, Unconfirmed
from posts import actions
from posts.models import PostTarget, TargetStatus
from publishing.models import Attempt, Outcome
from tests import builders

from .engine import ScriptedClient, step

pytestmark = pytest.mark.django_db

LIMIT = timedelta(hours=24)


def wanted(target: PostTarget, ago: timedelta) -> PostTarget:
    PostTarget.objects.filter(id=target.id).update(wanted_at=timezone.now() - ago)
    return target


def test_what_is_too_late_is_not_sent(platform: ScriptedClient) -> None:
    target = step(wanted(builders.due(builders.workspace()), LIMIT + timedelta(minutes=1)))
    assert (target.status, target.error_code, target.error_retryable) == (TargetStatus.FAILED, "missed", True)
    assert Attempt.objects.get(target=target).outcome == Outcome.MISSED
    assert platform.calls == []


def test_what_is_late_within_the_limit_is_sent(platform: ScriptedClient) -> None:
    assert step(wanted(builders.due(builders.workspace()), LIMIT - timedelta(minutes=1))).status == "published"


def test_the_limit_is_the_workspaces_own(platform: ScriptedClient) -> None:
    room = builders.workspace()
    room.late_limit = timedelta(minutes=5)
    room.save()
    target = step(wanted(builders.due(room), timedelta(minutes=6)))
    assert target.error_code == "missed"
    assert "More than 5 min late" in target.error_message


def test_a_person_may_still_want_it(platform: ScriptedClient) -> None:
    target = step(wanted(builders.due(builders.workspace()), timedelta(days=3)))
    actions.publish_now(post=target.post)
    assert step(target).status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1


def test_tries_that_go_on_for_too_long_end_as_missed(platform: ScriptedClient) -> None:
    platform.before = [NotNow("Later.", rests_account=False, waiting=True)]
    target = step(builders.due(builders.workspace()))
    assert target.status == TargetStatus.PENDING
    assert step(wanted(target, timedelta(days=2))).error_code == "missed"


def test_what_may_be_live_is_looked_up_however_late(platform: ScriptedClient) -> None:
    platform.after = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    assert step(wanted(target, timedelta(days=3))).status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1


def test_what_is_surely_absent_is_not_sent_again_too_late(platform: ScriptedClient) -> None:
    platform.before = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    step(wanted(target, timedelta(days=3)))
    assert (target.status, target.error_code, target.in_doubt) == (TargetStatus.FAILED, "missed", False)
    assert platform.records == []


def test_a_thread_that_is_live_in_part_is_finished_however_late(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace(), content="One", thread=["Two", "Three"])
    platform.before = [None, NotNow("Later.", rests_account=False)]
    step(target)
    assert len(target.live_parts) == 1
    assert step(wanted(target, timedelta(days=2))).status == TargetStatus.PUBLISHED
    assert [text for _, text in platform.records] == ["One", "Two", "Three"]


def test_a_thread_whose_next_part_was_surely_absent_is_finished_however_late(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace(), content="One", thread=["Two", "Three"])
    platform.before = [None, Unconfirmed("No answer.")]
    step(target)
    assert target.in_doubt
    assert step(wanted(target, timedelta(days=2))).status == TargetStatus.PUBLISHED
    assert [text for _, text in platform.records] == ["One", "Two", "Three"]


def test_a_thread_whose_first_part_was_found_to_be_live_is_finished_however_late(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace(), content="One", thread=["Two"])
    platform.after = [Unconfirmed("No answer.")]
    step(target)
    assert step(wanted(target, timedelta(days=2))).status == TargetStatus.PUBLISHED
    assert [text for _, text in platform.records] == ["One", "Two"]
