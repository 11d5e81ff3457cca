"""What operators have for a bad day: one tick by hand, what is overdue, and finishing it without a broker."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from integrations import rests
from openpost.celery import app
from posts import hints, lifecycle
from posts.models import PostTarget, TargetStatus
from publishing.models import Attempt, Outcome
from tests import builders

from .engine import ScriptedClient

pytestmark = pytest.mark.django_db


def told(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def late(target: PostTarget, **columns: object) -> PostTarget:
    """As if it had been wanted an hour ago."""
    PostTarget.objects.filter(id=target.id).update(wanted_at=timezone.now() - timedelta(hours=1), **columns)
    target.refresh_from_db()
    return target


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """Those that answer a ping."""
    found: list[dict[str, object]] = [{"worker@host": {"ok": "pong"}}]
    monkeypatch.setattr(app.control, "ping", lambda timeout: found)
    return found


def test_dispatch_is_one_tick(monkeypatch: pytest.MonkeyPatch, workers: list[dict[str, object]]) -> None:
    sent: list[str] = []

    def send(task: str, target_id: str, token: str, *, queue: str) -> bool:
        sent.append(target_id)
        return True

    monkeypatch.setattr(hints, "hint", send)
    target = builders.due(builders.workspace())
    assert told("dispatch") == "Handed to the workers: 1.\n"
    assert sent == [str(target.id)]
    assert told("dispatch") == "Handed to the workers: 0.\n"


def test_dispatch_hands_nothing_to_nobody(workers: list[dict[str, object]]) -> None:
    workers.clear()
    target = builders.due(builders.workspace())
    with pytest.raises(CommandError, match=r"manage\.py recover"):
        told("dispatch")
    target.refresh_from_db()
    assert not target.in_hand


def test_recover_finishes_what_a_dead_worker_left_and_leaves_the_rest_to_the_tick(platform: ScriptedClient) -> None:
    room = builders.workspace()
    fresh, left = builders.due(room), builders.due(room)
    builders.claimed(left)
    assert told("recover") == "Taken up: 0.\n", "its lease has not lapsed"
    PostTarget.objects.filter(id=left.id).update(due_at=timezone.now() - timedelta(seconds=1))
    said = told("recover")
    left.refresh_from_db()
    fresh.refresh_from_db()
    assert (left.status, fresh.status) == (TargetStatus.PUBLISHED, TargetStatus.PENDING)
    assert str(left.id) in said
    assert "Taken up: 1." in said
    assert [one.outcome for one in Attempt.objects.filter(target=left)] == [Outcome.WORKER_LOST, Outcome.LIVE]


def test_overdue_has_nothing_to_say_of_what_is_in_time(workers: list[dict[str, object]]) -> None:
    room = builders.workspace()
    builders.due(room)
    builders.post(room, at=builders.soon(days=1))
    late(builders.target(builders.published(room)))
    assert told("overdue") == "Overdue: 0.\nWorkers that answer: 1.\n"


def test_overdue_says_what_each_waits_for(workers: list[dict[str, object]]) -> None:
    room = builders.workspace()
    now = timezone.now()
    late(builders.due(room, content="Nobody came", platforms=["mastodon"]))
    late(builders.due(room, content="In a queue", platforms=["threads"]), in_hand=True, due_at=now + lifecycle.HAND_OFF)
    late(builders.due(room, content="Not taken", platforms=["linkedin"]), in_hand=True, due_at=now)
    dead = builders.due(room, content="Worker died", platforms=["facebook"])
    builders.claimed(dead)
    late(dead, due_at=now)
    late(builders.due(room, content="Resting", platforms=["bluesky"]))
    rests.rest_account(builders.account(room, "bluesky"), until=now + timedelta(hours=1))
    said = told("overdue")
    for words in (
        "It waits for its turn",
        "It was handed to the workers; should none begin",
        "handed to the workers and none began",
        "Its worker was lost",
        "asked us to wait until",
        "Overdue: 5.",
        "see that beat runs",
    ):
        assert words in said, said


def test_overdue_says_when_no_worker_answers(workers: list[dict[str, object]]) -> None:
    workers.clear()
    assert "No worker answers: start one" in told("overdue")


def test_overdue_says_when_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(timeout: float) -> None:
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(app.control, "ping", refuse)
    late(builders.due(builders.workspace()))
    said = told("overdue", "--most", "1")
    assert "Overdue: 1." in said
    assert "The broker (REDIS_URL) does not answer" in said
