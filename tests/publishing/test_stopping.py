"""A worker that is asked to stop: nothing new, the rest goes back at once, and what hangs is let go of."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from posts import lifecycle
from posts.models import TargetStatus
from publishing import stopping
from publishing.leases import keeper
from publishing.models import Attempt
from publishing.publish import publish
from tests import builders

from .engine import ScriptedClient, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopped() -> Iterator[threading.Event]:
    """What SIGTERM sets."""
    yield stopping._asked
    stopping._asked.clear()


def test_it_takes_nothing_new_and_gives_back_what_it_was_handed(
    platform: ScriptedClient, stopped: threading.Event
) -> None:
    target = builders.due(builders.workspace())
    (handed,) = lifecycle.hand_off(now=timezone.now(), most=10)
    stopped.set()
    assert publish(target_id=handed.target_id, token=handed.token) is None
    target.refresh_from_db()
    assert (target.status, target.attempts) == (TargetStatus.PENDING, 0)
    assert len(lifecycle.hand_off(now=timezone.now(), most=10)) == 1, "another worker may have it at once"


def test_what_has_not_reached_the_fence_goes_back(platform: ScriptedClient, stopped: threading.Event) -> None:
    target = builders.due(builders.workspace())
    platform.on_prepare = stopped.set
    step(target)
    assert (target.status, target.error_code, target.failures) == (TargetStatus.PENDING, "worker_stopping", 0)
    assert target.due_at is not None
    assert target.due_at <= timezone.now()
    assert platform.calls == ["prepare"]
    assert not Attempt.objects.exists(), "nothing was tried"


def test_what_is_inside_the_fence_may_end(platform: ScriptedClient, stopped: threading.Event) -> None:
    platform.on_publish = stopped.set
    assert step(builders.due(builders.workspace())).status == TargetStatus.PUBLISHED


class Ended(Exception):
    """In place of the process's end."""


def test_what_hangs_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(code: int) -> None:
        raise Ended

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(stopping, "GRACE", timedelta(0))
    monkeypatch.setattr("publishing.stopping.connection.close", lambda: None)
    target = builders.due(builders.workspace())
    claim = builders.claimed(target)
    with keeper.keep(claim, within=timedelta(minutes=2)), pytest.raises(Ended):
        stopping._end()
    target.refresh_from_db()
    assert (target.status, target.error_code) == (TargetStatus.PUBLISHING, "worker_stopped")
    (handed,) = lifecycle.hand_off(now=timezone.now(), most=10)
    successor = lifecycle.claim(target_id=target.id, token=handed.token, now=timezone.now())
    assert successor
    assert not lifecycle.hold(claim)


def test_a_job_beyond_its_deadline_is_not_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hang: its lease lapses, and another worker looks."""
    monkeypatch.setattr("publishing.leases.connection.close", lambda: None)
    target = builders.due(builders.workspace())
    claim = builders.claimed(target)
    target.refresh_from_db()
    lapses = target.due_at
    with keeper.keep(claim, within=timedelta(0)):
        keeper._renew()
    target.refresh_from_db()
    assert target.due_at == lapses
    with keeper.keep(claim, within=timedelta(minutes=2)):
        keeper._renew()
    target.refresh_from_db()
    assert target.due_at is not None
    assert lapses is not None
    assert target.due_at > lapses
