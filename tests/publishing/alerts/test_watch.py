"""Rounds of the watch: one process at a time does them, with beat and the broker dead, and with no worker alive."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from publishing import pulse, watch
from publishing.alerts import causes
from publishing.health.kept import kept
from publishing.models import Alert, Letter, Pulse

from .server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def operators(settings: Any, post_office: MailServer) -> None:
    settings.OPERATORS = ["ops@example.com"]


def later(by: timedelta) -> None:
    """As if the last round, and what it found, were so long ago."""
    for alert in Alert.objects.all():
        Alert.objects.filter(id=alert.id).update(tell_at=alert.tell_at - by)
    Pulse.objects.filter(name=pulse.WATCH).update(at=timezone.now() - by)


def test_it_tells_operators_that_beat_no_worker_and_the_broker_are_there(
    settings: Any, post_office: MailServer
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    watch.round_(now=timezone.now())
    later(causes.GATHERS)
    watch.round_(now=timezone.now())
    told = {str(message["Subject"]).rpartition(": ")[2] for message in post_office.to("ops@example.com")}
    assert told == {"beat", "workers", "redis"}
    assert len(post_office.taken) == 3


def test_of_many_processes_one_does_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []
    monkeypatch.setattr(causes, "cure", lambda **_: rounds.append(1))

    def one(_number: int) -> None:
        try:
            watch.round_(now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    assert rounds == [1]
    later(watch.EVERY)
    watch.round_(now=timezone.now())
    assert rounds == [1, 1]


def test_a_web_process_tells_when_no_worker_lives_to_do_it(
    post_office: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        monkeypatch.setattr(kept, "_until", 0.0)
        assert Client().get("/readyz").status_code == 503
        assert watch._stand_in
        watch._stand_in.join(timeout=20)
        later(causes.GATHERS)
    told = {str(message["Subject"]).rpartition(": ")[2] for message in post_office.to("ops@example.com")}
    assert "workers" in told


def test_a_mail_server_that_is_busy_is_come_back_to(settings: Any, post_office: MailServer) -> None:
    post_office.refuse["MAIL"] = "421 go away"
    watch.round_(now=timezone.now())
    later(causes.GATHERS)
    began = time.monotonic()
    watch.round_(now=timezone.now())
    assert time.monotonic() - began < 10
    assert Letter.objects.filter(sent_at=None, tries=1).count() == Letter.objects.count() > 0
    assert not connection.in_atomic_block


def test_what_breaks_in_a_round_ends_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(causes, "cure", broken)
    watch.look_and_tell()
    assert not Letter.objects.exists()
