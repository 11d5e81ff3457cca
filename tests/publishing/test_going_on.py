"""A worker's thread goes on with its account for a moment, and then stands in line with the others."""

import pytest
from django.utils import timezone

from posts import hints, lifecycle, turns
from posts.models import PostTarget, TargetStatus
from publishing import stopping, tasks
from tests import builders

from .engine import ScriptedClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the targets for which a message was sent."""
    messages: list[str] = []

    def send(_task: str, target_id: str, _token: str, *, queue: str) -> bool:
        messages.append(target_id)
        return True

    monkeypatch.setattr(hints, "hint", send)
    return messages


@pytest.fixture(autouse=True)
def _a_long_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "TURN", 60)


def begin(number: int) -> lifecycle.HandedOff:
    """So many targets of one account are due; the first message has come."""
    room = builders.workspace()
    for one in range(number):
        builders.due(room, content=f"Post {one}")
    return lifecycle.hand_off(now=timezone.now(), most=1)[0]


def publish(one: lifecycle.HandedOff) -> None:
    tasks.publish_task(str(one.target_id), one.token.isoformat())


def live() -> int:
    return PostTarget.objects.filter(status=TargetStatus.PUBLISHED).count()


def test_it_publishes_what_is_due_of_the_account_one_after_the_other(platform: ScriptedClient, sent: list[str]) -> None:
    publish(begin(3))
    assert live() == 1 + len(platform.records[1:]) == 2
    assert len(sent) == 1, "others are not kept waiting for it: another thread may take it"


def test_it_publishes_all_when_nobody_else_takes_them(
    platform: ScriptedClient, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "IN_FLIGHT", 1)
    publish(begin(5))
    assert live() == len({key for key, _ in platform.records}) == len(platform.records) == 5
    assert sent == []


def test_its_next_stands_in_line_when_its_turn_is_over(
    platform: ScriptedClient, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "IN_FLIGHT", 1)
    monkeypatch.setattr(tasks, "TURN", -1)
    publish(begin(5))
    assert live() == len(platform.records) == 1
    assert len(sent) == 1


def test_it_begins_nothing_when_its_worker_is_to_end(
    platform: ScriptedClient, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "IN_FLIGHT", 1)
    first = begin(5)
    platform.on_publish = stopping._asked.set
    try:
        publish(first)
    finally:
        stopping._asked.clear()
    assert live() == 1
    assert not PostTarget.objects.filter(in_hand=True).exists(), "the next was given back at once"
