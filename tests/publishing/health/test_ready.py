"""/readyz: what is red, in which line, how soon, and who is told what of it."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from integrations import rests
from openpost.celery import app
from posts.models import PostTarget, TargetStatus
from publishing import overdue, pulse, watch, workers
from publishing.health import service
from publishing.health.bounded import Bounded, TooSlow
from publishing.health.finding import Finding, good
from publishing.health.kept import KEPT, Kept, kept
from publishing.models import Pulse, Worker
from tests import builders

#: What is asked over a connection of its own sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


def alive(name: str = "celery@here:1", **columns: Any) -> Worker:
    """A worker that has just said that it lives."""
    now = timezone.now()
    said = {"queues": list(app.conf.task_queues), "threads": 8, "started_at": now, "seen_at": now, **columns}
    return Worker.objects.create(name=name, **said)


@pytest.fixture
def well() -> None:
    """Beat ticks, and a worker takes its ticks up."""
    now = timezone.now()
    alive()
    for name in (pulse.BEAT, pulse.TICK):
        pulse.beat(now=now, name=name)


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_findings", [])
    monkeypatch.setattr(kept, "_until", 0.0)
    monkeypatch.setattr(watch, "look_and_tell", lambda: None)


def red() -> dict[str, Finding]:
    """What is not well, by its name."""
    found = service.look()
    assert [finding.name for finding in found] == service.names()
    return {finding.name: finding for finding in found if not finding.ok}


def late(workspace: Any, by: timedelta = timedelta(hours=1), **columns: Any) -> PostTarget:
    target = builders.due(workspace)
    PostTarget.objects.filter(id=target.id).update(wanted_at=timezone.now() - by, **columns)
    return target


def test_it_is_ready_when_all_is_well(well: None) -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": [{"name": name, "ok": True} for name in service.names()]}
    assert answer["Cache-Control"].startswith("max-age=0")


def test_it_says_that_beat_is_dead_and_not_that_the_workers_are(well: None) -> None:
    Pulse.objects.update(at=timezone.now() - pulse.FRESH)
    assert list(red()) == ["beat"]


def test_it_says_that_beat_never_ticked(well: None) -> None:
    Pulse.objects.all().delete()
    assert red()["beat"].what == "It has never ticked."


def test_it_says_that_no_worker_lives_and_not_that_beat_is_dead(well: None) -> None:
    Worker.objects.update(seen_at=timezone.now() - workers.FRESH)
    assert list(red()) == ["workers"]


def test_it_says_which_queue_nobody_takes_from(well: None) -> None:
    Worker.objects.update(queues=[queue for queue in app.conf.task_queues if queue != "publish.bluesky"])
    assert "publish.bluesky" in red()["workers"].what


def test_it_says_that_workers_live_and_take_nothing(well: None) -> None:
    Worker.objects.update(started_at=timezone.now() - timedelta(hours=1))
    Pulse.objects.filter(name=pulse.TICK).update(at=timezone.now() - timedelta(minutes=5))
    assert "no tick of beat was taken up" in red()["workers"].what


def test_it_says_which_migration_is_missing(well: None) -> None:
    applied = MigrationRecorder(connection).migration_qs.filter(app="publishing").order_by("-name")
    row = applied.values("app", "name").first()
    assert row
    applied.filter(name=row["name"]).delete()
    try:
        assert row["name"] in red()["migrations"].what
    finally:
        MigrationRecorder(connection).record_applied("publishing", row["name"])


@pytest.mark.parametrize("columns", [{}, {"error_code": "internal_error"}, {"error_code": "unreachable"}])
def test_it_is_red_when_a_post_is_late(well: None, columns: dict[str, Any]) -> None:
    late(builders.workspace(), by=overdue.LATE, **columns)
    assert list(red()) == ["overdue"]


def test_it_is_red_also_while_a_late_post_is_handed_out_again_and_again(well: None) -> None:
    late(builders.workspace(), in_hand=True, due_at=timezone.now() + timedelta(seconds=20))
    assert list(red()) == ["overdue"]


def test_it_gives_a_platform_in_trouble_half_an_hour(well: None) -> None:
    room = builders.workspace()
    waits = {"error_code": "platform_unavailable", "due_at": timezone.now() + timedelta(minutes=1)}
    late(room, by=overdue.LONG / 2, **waits)
    assert not red()
    late(room, by=overdue.LONG, **waits)
    assert list(red()) == ["overdue"]


def test_it_gives_a_long_job_half_an_hour(well: None) -> None:
    lease = {"status": TargetStatus.PUBLISHING, "due_at": timezone.now() + timedelta(seconds=20), "in_hand": True}
    late(builders.workspace(), by=overdue.LONG / 2, **lease)
    assert not red()


def test_it_is_not_red_for_an_account_that_rests(well: None) -> None:
    target = late(builders.workspace(), by=timedelta(days=1))
    rests.rest_account(target.integration, until=timezone.now() + timedelta(hours=1))
    found = {finding.name: finding for finding in service.look()}
    assert found["overdue"].ok
    assert "1 that wait for their account" in found["overdue"].what


def test_it_answers_for_what_a_web_process_needs_alone() -> None:
    answer = Client().get("/readyz?only=database,migrations")
    assert (answer.status_code, [check["name"] for check in answer.json()["checks"]]) == (
        200,
        ["database", "migrations"],
    )
    assert Client().get("/readyz").status_code == 503
    assert Client().get("/readyz?only=nothing").status_code == 400


def test_it_tells_what_to_do_to_who_has_the_token_and_to_superusers(settings: Any) -> None:
    settings.HEALTH_TOKEN = "open sesame"
    shown = Client().get("/readyz", headers={"Authorization": "Bearer open sesame"}).json()["checks"]
    assert all(check["do"] for check in shown if not check["ok"])
    operator = Client()
    operator.force_login(User.objects.create_superuser("root"))
    assert "what" in operator.get("/readyz").json()["checks"][0]
    stranger, member = Client(), Client()
    member.force_login(builders.member(builders.workspace()))
    for client in (stranger, member):
        assert set(client.get("/readyz").json()["checks"][0]) == {"name", "ok"}
    wrong = Client().get("/readyz", headers={"Authorization": "Bearer sesame"}).json()
    assert set(wrong["checks"][0]) == {"name", "ok"}


# Servers that are away, or hang --------------------------------------------------------------------------------------


@pytest.fixture
def mute() -> Iterator[int]:
    """A server that takes connections and says nothing: its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_it_says_that_redis_is_away(well: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert list(red()) == ["redis"]


def test_it_says_soon_that_redis_hangs(well: None, settings: Any, mute: int) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{mute}/0"
    began = time.monotonic()
    assert list(red()) == ["redis"]
    assert time.monotonic() - began < service.WITHIN * 3


def test_it_says_soon_that_the_database_hangs(well: None, monkeypatch: pytest.MonkeyPatch, mute: int) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", str(mute))
    began = time.monotonic()
    found = red()
    assert list(found) == ["database", "migrations", "beat", "workers", "overdue"]
    assert time.monotonic() - began < service.WITHIN * 3
    assert "127.0.0.1" not in str(found)


def test_what_hangs_is_asked_no_second_time_and_by_all_at_once() -> None:
    free, asked = threading.Event(), []

    def question() -> bool:
        asked.append(1)
        return free.wait(10)

    slow = Bounded(question, within=0.1)
    first, second = slow.begin(), slow.begin()
    with pytest.raises(TimeoutError):
        second.result(0.2)
    with pytest.raises(TooSlow):
        slow.begin()
    free.set()
    assert first.result(5)
    assert second.result(5)
    assert asked == [1]
    deadline = time.monotonic() + 5
    while slow._thread and slow._thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert slow.begin().result(5)
    assert asked == [1, 1]


def test_it_asks_nothing_of_the_database_to_say_that_the_process_lives(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert Client().get("/healthz").json() == {"status": "ok"}


def test_a_flood_of_askers_costs_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def look() -> list[Finding]:
        looks.append(1)
        time.sleep(0.1)
        return [good("database", "")]

    monkeypatch.setattr(service, "look", look)
    asked = Kept()
    threads = [threading.Thread(target=asked.look) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looks) == 1
    monkeypatch.setattr(asked, "_until", time.monotonic())
    asked.look()
    assert len(looks) == 2
    assert KEPT < 5


# Workers that say that they live -------------------------------------------------------------------------------------


class Consumer:
    """What Celery gives to whoever wants to know that a worker is ready."""

    hostname = "celery@here"
    app = app
    controller = type("Controller", (), {"concurrency": 8})()


def test_a_worker_says_what_it_is_and_takes_it_back_when_it_ends(settings: Any) -> None:
    settings.VERSION = "v7"
    beat = workers.Heartbeat()
    beat.begin(Consumer())
    deadline = time.monotonic() + 5
    while not (found := workers.alive()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [(one.threads, one.version) for one in found] == [(8, "v7")]
    assert workers.untaken(found, app.conf.task_queues) == []
    beat.end()
    assert not Worker.objects.exists()


def test_the_dead_are_forgotten_when_another_comes() -> None:
    now = timezone.now()
    alive("old", seen_at=now - workers.KNOWN * 2)
    alive("of late", seen_at=now - workers.FRESH * 2)
    beat = workers.Heartbeat()
    beat._name, beat._row = "new", {"queues": [], "threads": 1, "version": ""}
    beat.say(now=now)
    beat.say(now=now + workers.EVERY)
    assert set(Worker.objects.values_list("name", flat=True)) == {"of late", "new"}
    assert [one.name for one in workers.alive(now + workers.EVERY)] == ["new"]


def test_beat_says_that_it_sends_its_tick() -> None:
    sent = pulse.Sent()
    sent(sender="publishing.dispatch")
    first = pulse.last(pulse.BEAT)
    assert first is not None
    sent(sender="publishing.dispatch")
    assert pulse.last(pulse.BEAT) == first


def test_the_documentation_says_of_every_check_what_it_means() -> None:
    told = (settings.BASE_DIR / "docs" / "health.md").read_text()
    assert [name for name in service.names() if f"| `{name}` | " not in told] == []
