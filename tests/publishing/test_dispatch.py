"""The tick, with real connections where two meet."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from integrations import rests
from openpost import celery
from posts import hints, lifecycle, turns
from posts.hints import hand_out
from posts.models import PostTarget, TargetStatus
from tests import builders


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    messages: list[tuple[object, ...]] = []

    def send(task: str, *args: str, queue: str) -> bool:
        messages.append((queue, *args))
        return True

    monkeypatch.setattr(hints, "hint", send)
    return messages


@pytest.mark.django_db
def test_it_hands_off_what_is_due_and_nothing_else(sent: list[tuple[object, ...]]) -> None:
    room = builders.workspace()
    due = builders.due(room)
    builders.post(room, "Tomorrow", at=builders.soon(days=1))
    builders.post(room, "A draft")
    now = timezone.now()
    assert hand_out(now=now) == 1
    token = now + lifecycle.HAND_OFF
    assert sent == [("publish.twitter", str(due.id), token.isoformat())]
    assert hand_out(now=now) == 0, "it is not due again before the hand-off ends"
    assert hand_out(now=token) == 1, "no worker came: it is due again"


@pytest.mark.django_db
def test_it_hands_off_a_target_whose_worker_died(sent: list[tuple[object, ...]]) -> None:
    target = builders.due(builders.workspace())
    builders.claimed(target)
    assert hand_out(now=timezone.now()) == 0
    assert hand_out(now=timezone.now() + lifecycle.LEASE) == 1


@pytest.mark.django_db
def test_it_takes_accounts_in_turn(sent: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posts.hints.MOST", 4)
    loud, quiet = builders.workspace(), builders.workspace()
    for number in range(10):
        builders.due(loud, content=f"Loud {number}")
    late = builders.due(quiet)
    hand_out(now=timezone.now())
    assert str(late.id) in [message[1] for message in sent[:2]]


@pytest.mark.django_db
def test_what_a_worker_left_comes_before_the_accounts_backlog_and_waits_for_no_rest(
    sent: list[tuple[object, ...]],
) -> None:
    room = builders.workspace()
    left = builders.due(room)
    builders.claimed(left)
    for number in range(turns.IN_FLIGHT * 2):
        builders.due(room, content=f"Older {number}")
    PostTarget.objects.exclude(id=left.id).update(due_at=timezone.now() - timedelta(hours=1))
    PostTarget.objects.filter(id=left.id).update(due_at=timezone.now())
    assert lifecycle.hand_off(now=timezone.now(), most=1)[0].target_id == left.id
    PostTarget.objects.filter(id=left.id).update(due_at=timezone.now())
    rests.rest_account(builders.account(room), until=timezone.now() + timedelta(hours=20))
    (handed,) = lifecycle.hand_off(now=timezone.now(), most=100)
    assert handed.target_id == left.id


@pytest.mark.django_db
def test_it_stops_sending_when_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []
    monkeypatch.setattr(hints, "hint", lambda task, *args, queue: tries.append(queue))
    room = builders.workspace()
    for number in range(5):
        builders.due(room, content=f"Post {number}")
    assert hand_out(now=timezone.now()) == 0
    assert len(tries) == 1
    assert len(lifecycle.hand_off(now=timezone.now(), most=10)) == turns.IN_FLIGHT, "they wait for the next tick"


@pytest.mark.django_db
def test_it_adds_nothing_to_a_queue_that_is_long(
    sent: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose messages have waited longer than the hand-off are not lost: the same again would only add to the queue."""
    monkeypatch.setattr(hints, "MOST", 3)
    monkeypatch.setattr(hints, "LONG", 3)
    room = builders.workspace()
    posts = [builders.post(room, platforms=["twitter", "bluesky"], at=timezone.now()) for _ in range(3)]
    now = timezone.now()
    assert hand_out(now=now) == 3
    monkeypatch.setattr(hints, "backlogs", lambda queues: [3 if queue == "publish.twitter" else 0 for queue in queues])
    sent.clear()
    hand_out(now=now + lifecycle.HAND_OFF)
    assert {message[0] for message in sent} == {"publish.bluesky"}
    assert posts


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_never_take_the_same_target(monkeypatch: pytest.MonkeyPatch) -> None:
    room = builders.workspace()
    monkeypatch.setattr(turns, "IN_FLIGHT", 1000)
    for number in range(60):
        builders.due(room, content=f"Post {number}")
    # Creating handed them out; no worker came.
    now, start, taken = timezone.now() + lifecycle.HAND_OFF, threading.Barrier(4), Counter[object]()

    def sweep() -> None:
        start.wait()
        for _ in range(10):
            taken.update(one.target_id for one in lifecycle.hand_off(now=now, most=7))
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 60
    assert set(taken.values()) == {1}


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_claim_the_same_target() -> None:
    target = builders.due(builders.workspace())
    token, start = target.due_at, threading.Barrier(8)
    assert token is not None
    claims: list[lifecycle.Claim | None] = []

    def take() -> None:
        start.wait()
        claims.append(lifecycle.claim(target_id=target.id, token=token, now=timezone.now()))
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([claim for claim in claims if claim]) == 1
    assert PostTarget.objects.get(id=target.id).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_two_targets_of_one_post_that_end_together_leave_it_published() -> None:
    for _ in range(5):
        post = builders.publishing(builders.workspace(), platforms=["twitter", "bluesky", "mastodon", "threads"])
        claims = [lifecycle.Claim(one.id, post.id, one.attempts, predecessor_died=False) for one in post.targets.all()]
        start = threading.Barrier(len(claims))

        def finish(claim: lifecycle.Claim, start: threading.Barrier = start) -> None:
            start.wait()
            lifecycle.live(claim, remote_id="1", urls=["https://example.com/1"], now=timezone.now())
            connection.close()

        threads = [threading.Thread(target=finish, args=[claim]) for claim in claims]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        post.refresh_from_db()
        assert post.status == TargetStatus.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_keeps_no_other_lease_from_being_renewed() -> None:
    room = builders.workspace()
    held, free = (builders.claimed(builders.due(room)) for _ in range(2))
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            PostTarget.objects.select_for_update().get(id=held.target_id)
            locked.set()
            done.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(20)
    now = timezone.now() + timedelta(seconds=10)
    assert lifecycle.extend([held, free], now=now) == 1
    done.set()
    holder.join()
    assert PostTarget.objects.get(id=free.target_id).due_at == now + lifecycle.LEASE


def test_a_hint_without_a_broker_is_logged_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(celery.app, "send_task", refuse)
    assert celery.hint("publishing.publish", "1", queue="publish.twitter") is False


@pytest.mark.django_db
def test_a_fresh_database_has_the_tick() -> None:
    from django_celery_beat.models import PeriodicTask

    task = PeriodicTask.objects.get(task="publishing.dispatch")
    assert task.enabled
    assert (task.interval.every, task.interval.period) == (1, "seconds")
    assert task.expire_seconds >= 60, "hosts' clocks differ"
