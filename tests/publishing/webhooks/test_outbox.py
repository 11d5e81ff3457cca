"""Nothing is lost and nothing is told that did not happen: rollbacks, late commits, killed workers, races."""

import signal
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from integrations import outbox, tokens
from integrations.models import EventType, OutboxEvent, WebhookDelivery, WebhookEndpoint, Workspace
from integrations.webhooks import deliveries, endpoints, fan_out
from posts import lifecycle
from posts.lifecycle import Claim, Failure
from publishing.webhooks import outcome, sending, sweep, turns
from tests import builders

from .driver import published, run, subscribe
from .receiver import Answer, Receiver

PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.django_db
def test_nothing_is_told_of_what_was_rolled_back(receiver: Receiver) -> None:
    room = builders.workspace()
    subscribe(room, receiver)
    post = builders.publishing(room)
    target = builders.target(post)
    claim = Claim(target.id, post.id, target.attempts, predecessor_died=False)
    with transaction.atomic():
        assert lifecycle.live(claim, remote_id="1", urls=["https://example.com/1"], now=timezone.now())
        assert OutboxEvent.objects.count() == 2
        transaction.set_rollback(True)
    run()
    assert (receiver.received, OutboxEvent.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_tells_nothing() -> None:
    post = builders.publishing(builders.workspace())
    target = builders.target(post)
    late = Claim(target.id, post.id, target.attempts - 1, predecessor_died=False)
    assert not lifecycle.live(late, remote_id="1", urls=["https://example.com/1"], now=timezone.now())
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_is_emitted_within_a_transaction_or_not_at_all() -> None:
    room = builders.workspace()
    with pytest.raises(RuntimeError, match="in the transaction of what it tells of"):
        outbox.emit(EventType.WEBHOOK_TEST, {}, workspace_id=room.id, subject=None, now=timezone.now())


@pytest.mark.django_db
def test_what_is_unknown_or_delayed_is_told_once() -> None:
    post = builders.publishing(builders.workspace())
    target, now = builders.target(post), timezone.now()
    claim = Claim(target.id, post.id, target.attempts, predecessor_died=False)
    why = Failure("timeout", "No answer came.")
    for _ in range(3):
        assert lifecycle.doubt(claim, next_look=now, failure=why, now=now)
    assert lifecycle.postpone(claim, until=now + timedelta(seconds=5), failure=why, failures=1, now=now)
    assert _types() == ["post.unconfirmed"]

    other = builders.publishing(builders.workspace())
    target = builders.target(other)
    claim = Claim(target.id, other.id, target.attempts, predecessor_died=False)
    assert lifecycle.postpone(claim, until=now + timedelta(minutes=5), failure=why, failures=1, now=now)
    assert _types() == ["post.unconfirmed", "post.delayed"]


@pytest.mark.django_db
def test_connecting_and_losing_an_account_is_told() -> None:
    account = builders.account(builders.workspace())
    tokens.disconnect(account, reason="The platform does not let us in any more.")
    tokens.disconnect(account, reason="The platform does not let us in any more.")
    event = OutboxEvent.objects.get(type=EventType.INTEGRATION_DISCONNECTED)
    assert event.data == {
        "integration_id": str(account.id),
        "platform": "twitter",
        "reason": "The platform does not let us in any more.",
    }


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_committed_late_is_passed_by_nobody() -> None:
    """Two real connections: the first begins and writes, the second writes and commits, then the first commits."""
    room = builders.workspace()
    written, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            _emit(room, "early")
            written.set()
            assert go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slowly)
    thread.start()
    assert written.wait(10)
    with transaction.atomic():
        _emit(room, "late")
    assert fan_out.place(now=timezone.now()) == 1
    seen = _feed(room)
    assert [event.data["name"] for event in seen] == ["late"]
    go_on.set()
    thread.join()
    assert fan_out.place(now=timezone.now()) == 1
    assert [event.data["name"] for event in _feed(room)] == ["late", "early"], "behind what somebody may have read"
    ids = {event.data["name"]: event.id for event in _feed(room)}
    assert ids["early"] < ids["late"], "by its serial number it would have been missed"


@pytest.mark.django_db(transaction=True)
def test_a_reader_beside_ten_writers_and_two_ticks_misses_nothing() -> None:
    room = builders.workspace()
    done = threading.Event()

    def write(number: int) -> None:
        for index in range(20):
            with transaction.atomic():
                _emit(room, f"{number}-{index}")
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(random() * 0.01)")
        connection.close()

    def tick() -> None:
        while not done.is_set():
            fan_out.place(now=timezone.now())
        connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    ticks = [threading.Thread(target=tick) for _ in range(2)]
    for thread in writers + ticks:
        thread.start()
    read: list[str] = []
    position = 0
    while any(thread.is_alive() for thread in writers):
        for event in OutboxEvent.objects.filter(workspace=room, position__gt=position).order_by("position"):
            position = event.position or 0
            read.append(event.data["name"])
    done.set()
    for thread in writers + ticks:
        thread.join()
    fan_out.place(now=timezone.now())
    read += [event.data["name"] for event in _feed(room) if (event.position or 0) > position]
    assert len(read) == len(set(read)) == 200
    for number in range(10):
        own = [name for name in read if name.startswith(f"{number}-")]
        assert own == [f"{number}-{index}" for index in range(20)]


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_sent_and_did_not_record_is_sent_again_under_the_same_id(
    receiver: Receiver, tmp_path: Path
) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.published"])
    published(room)
    fan_out.place(now=timezone.now())
    (delivery_id,), token = turns.hand_off(now=timezone.now(), most=10)
    (tmp_path / f"webhook_sent@{delivery_id}").write_text("kill")

    worker = subprocess.run(
        [sys.executable, "-c", WORKER, str(delivery_id), token.isoformat()],
        cwd=PROJECT,
        env={**builders.environment(), "FAILPOINTS": str(tmp_path), "DJANGO_SETTINGS_MODULE": "openpost.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert worker.returncode == -signal.SIGKILL, worker.stderr
    assert len(receiver.received) == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts) == ("pending", 1)
    assert turns.hand_off(now=timezone.now(), most=10)[0] == [], "its lease lasts"

    (again,), token = turns.hand_off(now=timezone.now() + sending.LEASE, most=10)
    sending.deliver(delivery_id=again, token=token)
    first, second = receiver.received
    assert first.id == second.id
    assert first.body == second.body
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("delivered", 2)


WORKER = """
import sys, uuid, django
django.setup()
from publishing.tasks import deliver_webhook_task
deliver_webhook_task(*sys.argv[1:])
"""


@pytest.mark.django_db
def test_a_worker_that_comes_back_after_its_lease_changes_nothing(receiver: Receiver) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.published"])
    published(room)
    fan_out.place(now=timezone.now())
    (delivery_id,), token = turns.hand_off(now=timezone.now(), most=10)
    late = sending.claim(delivery_id=delivery_id, token=token, now=timezone.now())
    assert late
    assert sending.claim(delivery_id=delivery_id, token=token, now=timezone.now()) is None, "a doubled message"
    (_,), token = turns.hand_off(now=timezone.now() + sending.LEASE, most=10)
    sending.deliver(delivery_id=delivery_id, token=token)
    outcome.record(
        late.delivery,
        outcome.Outcome(error_code="too_slow", error_message="The server took too long."),
        number=late.number,
        lease=late.lease,
        took=timedelta(seconds=40),
        now=timezone.now(),
    )
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.answer_status, delivery.error_code) == ("delivered", 200, "")


@pytest.mark.django_db
@pytest.mark.parametrize("status", [200, 500])
def test_an_endpoint_may_be_deleted_or_disabled_while_something_is_sent(receiver: Receiver, status: int) -> None:
    receiver.answer = lambda _: Answer(status)
    for verb in ("delete", "disable"):
        room = builders.workspace()
        endpoint = subscribe(room, receiver, events=["post.published"])
        published(room)
        fan_out.place(now=timezone.now())
        (delivery_id,), token = turns.hand_off(now=timezone.now(), most=10)
        claim = sending.claim(delivery_id=delivery_id, token=token, now=timezone.now())
        assert claim
        found = sending._send(claim.delivery, now=timezone.now())
        if verb == "delete":
            endpoints.delete(endpoint=endpoint)
        else:
            endpoints.change(endpoint=endpoint, enabled=False, now=timezone.now())
        outcome.record(
            claim.delivery, found, number=claim.number, lease=claim.lease, took=timedelta(0), now=timezone.now()
        )
        left = WebhookDelivery.objects.filter(id=delivery_id).values_list("status", "error_code", "due_at")
        if verb == "delete":
            assert not left
        elif status == 200:
            assert left[0] == ("delivered", "", None), "that it came is true whatever was decided meanwhile"
        else:
            assert left[0] == ("failed", "webhook_disabled", None)


@pytest.mark.django_db(transaction=True)
def test_two_who_replay_at_once_and_one_who_deletes_leave_nothing_broken(receiver: Receiver) -> None:
    room = builders.workspace()
    endpoint = subscribe(room, receiver, events=["post.published"])
    published(room)
    run()
    delivery = WebhookDelivery.objects.select_related("endpoint").get()

    _together(*[lambda: deliveries.replay(delivery=delivery, now=timezone.now())] * 6)
    run()
    assert len(receiver.received) == 2

    def try_to_replay() -> None:
        with suppress(WebhookEndpoint.DoesNotExist, WebhookDelivery.DoesNotExist):
            deliveries.replay(delivery=delivery, now=timezone.now())

    _together(try_to_replay, lambda: endpoints.delete(endpoint=endpoint), try_to_replay, run)
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_is_deleted_while_events_are_placed_stops_no_tick() -> None:
    room = builders.workspace()
    for round_ in range(10):
        endpoint, _ = endpoints.create(workspace=room, url="http://127.0.0.1:9/")
        with transaction.atomic():
            for index in range(20):
                _emit(room, f"{round_}-{index}")
        _together(lambda e=endpoint: endpoints.delete(endpoint=e), lambda: fan_out.place(now=timezone.now()))
    assert not OutboxEvent.objects.filter(position=None).exists()


@pytest.mark.django_db
def test_old_events_are_forgotten_but_not_what_is_still_to_be_delivered() -> None:
    room = builders.workspace()
    endpoints.create(workspace=room, url="http://127.0.0.1:9/")
    published(room)
    fan_out.place(now=timezone.now())
    last = _feed(room)[-1].position or 0
    later = timezone.now() + timedelta(days=31)
    assert sweep.sweep(now=later) == 0
    WebhookDelivery.objects.update(status="delivered", due_at=None)
    assert sweep.sweep(now=timezone.now()) == 0
    assert sweep.sweep(now=later) == 2
    assert not WebhookDelivery.objects.exists()
    with transaction.atomic():
        _emit(room, "next")
    fan_out.place(now=timezone.now())
    assert (_feed(room)[0].position or 0) > last, "a place is never given out again"


def _emit(room: Workspace, name: str) -> None:
    outbox.emit(EventType.INTEGRATION_CONNECTED, {"name": name}, workspace_id=room.id, subject=None, now=timezone.now())


def _feed(room: Workspace) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.filter(workspace=room, position__isnull=False).order_by("position"))


def _types() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("type", flat=True))


def _together(*verbs: object) -> None:
    barrier, broken = threading.Barrier(len(verbs)), []

    def work(verb: object) -> None:
        try:
            barrier.wait()
            verb()  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001  # it is shown below
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken
