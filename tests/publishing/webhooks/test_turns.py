"""Whose turn it is: the order within a post, and nobody waiting for somebody else's endpoint."""

import random
import threading
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from integrations.models import WebhookDelivery, WebhookEndpoint, Workspace
from integrations.webhooks import endpoints, fan_out
from openpost.celery import app
from publishing.tasks import SWEEP_EVENTS_TASK, WEBHOOKS_TASK
from publishing.webhooks import dispatch, sending, turns
from tests import builders

from .driver import published, run, step, subscribe
from .receiver import Answer, Received, Receiver

pytestmark = pytest.mark.django_db


def test_an_event_waits_for_the_one_before_it_of_the_same_post(
    receiver: Receiver, time: time_machine.Traveller
) -> None:
    room = builders.workspace()
    subscribe(room, receiver)
    receiver.answer = lambda came: Answer(500 if came.event == "post.published" else 200)
    first = published(room)
    for _ in range(4):
        step()
        time.shift(timedelta(seconds=20))
    assert set(receiver.events()) == {"post.published"}

    receiver.answer = lambda _: Answer()
    time.shift(timedelta(minutes=10))
    run()
    good = [came for came in receiver.received if came.data["post_id"] == first]
    assert [came.event for came in good[-2:]] == ["post.published", "post.completed"]


def test_a_poison_event_holds_up_its_own_post_only_and_not_for_ever(
    receiver: Receiver, time: time_machine.Traveller
) -> None:
    room = builders.workspace()
    endpoint = subscribe(room, receiver)
    poison = published(room)
    receiver.answer = lambda came: Answer(
        500 if came.event == "post.published" and came.data["post_id"] == poison else 200
    )
    others = []
    for _ in range(40):
        run()
        others.append(published(room))
        time.shift(timedelta(minutes=45))
    run()
    of_poison = [came.event for came in receiver.received if came.data["post_id"] == poison]
    assert of_poison[-1] == "post.completed", "it was given up, and the next went on"
    assert of_poison.count("post.published") < 45
    for other in others[:-1]:
        assert [came.event for came in receiver.received if came.data["post_id"] == other] == [
            "post.published",
            "post.completed",
        ]
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None


def test_a_dead_endpoint_has_one_delivery_in_hand_and_another_has_its_own(receiver: Receiver) -> None:
    room, other = builders.workspace(), builders.workspace()
    slow, _ = endpoints.create(workspace=room, url="http://127.0.0.1:9/dead")
    for _ in range(50):
        published(room)
    subscribe(other, receiver)
    wanted = published(other)
    fan_out.place(now=timezone.now())

    taken, _ = turns.hand_off(now=timezone.now(), most=100)

    of = list(WebhookDelivery.objects.filter(id__in=taken).values_list("endpoint_id", "event__data__post_id"))
    assert len(of) == 2
    assert [post for endpoint, post in of if endpoint != slow.id] == [wanted]
    assert turns.hand_off(now=timezone.now(), most=100)[0] == []


def test_an_endpoint_that_answers_soon_has_several_in_hand() -> None:
    room = builders.workspace()
    endpoints.create(workspace=room, url="http://127.0.0.1:9/quick")
    WebhookEndpoint.objects.update(quick=True)
    for _ in range(10):
        published(room)
    fan_out.place(now=timezone.now())
    assert len(turns.hand_off(now=timezone.now(), most=100)[0]) == turns.IN_FLIGHT
    assert turns.hand_off(now=timezone.now(), most=100)[0] == []


def test_all_endpoints_that_are_slow_have_a_few_in_hand_together_and_quick_ones_are_served() -> None:
    for number in range(10):
        room = builders.workspace()
        endpoints.create(workspace=room, url=f"http://127.0.0.1:9/{number}")
        published(room)
    room = builders.workspace()
    quick, _ = endpoints.create(workspace=room, url="http://127.0.0.1:9/quick")
    WebhookEndpoint.objects.filter(id=quick.id).update(quick=True)
    published(room)
    fan_out.place(now=timezone.now())
    taken, _ = turns.hand_off(now=timezone.now(), most=100)
    of = list(WebhookDelivery.objects.filter(id__in=taken).values_list("endpoint_id", flat=True))
    assert of.count(quick.id) == 1, "the second event of its post waits for the first"
    assert len(of) == 1 + turns.SLOW_IN_FLIGHT
    assert turns.hand_off(now=timezone.now(), most=100)[0] == []


@pytest.mark.django_db(transaction=True)
def test_a_slow_endpoint_delays_nobody_else(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """With real threads for workers, as many as a worker has. The slow one answers when the other has been told."""
    loud, quiet, told = builders.workspace(), builders.workspace(), threading.Event()
    monkeypatch.setattr(sending, "WITHIN", 60)

    def slowly(_: object) -> Answer:
        told.wait(60)
        return Answer()

    with Receiver() as slow:
        slow.answer = slowly
        subscribe(loud, slow)
        subscribe(quiet, receiver)
        for _ in range(20):
            published(loud)
        with Workers(8) as workers:
            try:
                workers.tick()
                until(lambda: workers.busy)
                published(quiet)
                workers.tick()
                until(lambda: len(receiver.received) == 1)
            finally:
                told.set()


@pytest.mark.django_db(transaction=True)
def test_the_order_holds_with_many_workers_and_a_moody_endpoint(receiver: Receiver) -> None:
    room, die = builders.workspace(), random.Random(5)
    taken: list[tuple[str, str]] = []

    def moody(came: Received) -> Answer:
        if die.random() < 0.3:
            return Answer(500)
        taken.append((came.data["post_id"], came.event))
        return Answer(after=die.random() / 50)

    receiver.answer = moody
    subscribe(room, receiver)
    WebhookEndpoint.objects.update(quick=True)
    posts = [str(builders.published(room, platforms=["twitter", "bluesky", "mastodon"]).id) for _ in range(6)]
    with Workers(8) as workers:
        give_up = time.monotonic() + 60
        while len(set(taken)) < 2 * len(posts) or WebhookDelivery.objects.filter(due_at__isnull=False).exists():
            assert time.monotonic() < give_up
            # Nobody waits for the pauses between tries.
            WebhookDelivery.objects.filter(due_at__isnull=False, in_hand=False).update(due_at=timezone.now())
            WebhookEndpoint.objects.update(resting_until=None)
            workers.tick()
            time.sleep(0.02)
    for post in posts:
        assert [event for of, event in taken if of == post] == ["post.published"] * 3 + ["post.completed"]


@pytest.mark.django_db(transaction=True)
def test_of_two_ticks_at_once_each_delivery_is_taken_by_one() -> None:
    room = builders.workspace()
    for number in range(6):
        endpoints.create(workspace=room, url=f"http://127.0.0.1:9/{number}")
    WebhookEndpoint.objects.update(quick=True)
    for _ in range(5):
        published(room)
    fan_out.place(now=timezone.now())
    taken: list[uuid.UUID] = []
    barrier = threading.Barrier(4)

    def take() -> None:
        barrier.wait()
        taken.extend(turns.hand_off(now=timezone.now(), most=100)[0])
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) > 0


def test_without_a_broker_what_was_taken_is_due_again(monkeypatch: pytest.MonkeyPatch) -> None:
    room = builders.workspace()
    endpoints.create(workspace=room, url="http://127.0.0.1:9/")
    published(room)
    monkeypatch.setattr(dispatch, "hint", lambda *_args, **_kwargs: False)
    assert dispatch.tick(now=timezone.now()) == 0
    assert len(turns.hand_off(now=timezone.now(), most=10)[0]) == 1


def test_the_tick_reads_what_is_due_and_not_what_is_stored_or_waits() -> None:
    room = builders.workspace()
    endpoint, _ = endpoints.create(workspace=room, url="http://127.0.0.1:9/")
    _fill(room, endpoint, 30_000)
    for _ in range(3):
        published(room)
    fan_out.place(now=timezone.now())
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "now": timezone.now(),
            "most": 100,
            "every_endpoint": True,
            "endpoints": [],
            "in_flight": turns.IN_FLIGHT,
            "slow_in_flight": turns.SLOW_IN_FLIGHT,
        }
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {turns._DUE}", values)
        ((plan,),) = cursor.fetchone()
    read = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    assert read < 100, f"{read} pages of a table that has a thousand"
    assert plan["Plan"]["Actual Rows"] == 1


def _fill(room: Workspace, endpoint: WebhookEndpoint, number: int) -> None:
    """A log of deliveries: half of them have ended, half wait for their next try."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO integrations_outboxevent (public_id, workspace_id, type, data, happened_at)
               SELECT gen_random_uuid(), %s, 'post.published', '{}', now() FROM generate_series(1, %s)""",
            [room.id, number],
        )
        cursor.execute(
            """INSERT INTO integrations_webhookdelivery (id, endpoint_id, event_id, subject, status, due_at, wanted_at,
                 in_hand, attempts, failures, answer_body, error_code, error_message, created_at)
               SELECT gen_random_uuid(), %s, id, gen_random_uuid(),
                 CASE id %% 2 WHEN 0 THEN 'delivered' ELSE 'pending' END,
                 CASE id %% 2 WHEN 1 THEN now() + interval '1 hour' END, now(), false, 1, 0, '', '', '', now()
               FROM integrations_outboxevent""",
            [endpoint.id],
        )
        cursor.execute("UPDATE integrations_outboxevent SET position = nextval('integrations_outboxevent_position')")
        # As a table has them that grew in the ordinary way: without them the next UPDATE takes minutes.
        cursor.execute("ANALYZE integrations_outboxevent, integrations_webhookdelivery")


def until(true: object, seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < give_up
        time.sleep(0.01)


class Workers:
    """Threads that take messages as a worker's do: `tick` sends them."""

    def __init__(self, threads: int) -> None:
        self._free = threading.Semaphore(threads)
        self._jobs: list[threading.Thread] = []

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        for job in self._jobs:
            job.join()

    @property
    def busy(self) -> int:
        return sum(job.is_alive() for job in self._jobs)

    def tick(self) -> None:
        fan_out.place(now=timezone.now())
        taken, token = turns.hand_off(now=timezone.now(), most=100)
        for delivery_id in taken:
            job = threading.Thread(target=self._work, args=(delivery_id, token))
            self._jobs.append(job)
            job.start()

    def _work(self, delivery_id: uuid.UUID, token: object) -> None:
        with self._free:
            sending.deliver(delivery_id=delivery_id, token=token)  # type: ignore[arg-type]
            connection.close()


@pytest.mark.django_db
def test_the_scheduler_drives_it() -> None:
    tasks = set(PeriodicTask.objects.values_list("task", flat=True))
    assert tasks >= {WEBHOOKS_TASK, SWEEP_EVENTS_TASK}
    assert dispatch.QUEUE in app.conf.task_queues, "a worker without -Q takes from it"
