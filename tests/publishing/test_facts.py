"""What /metrics tells of the database: true, and found by an index."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.models import Mode
from openpost.celery import app, hint
from openpost.seeing import facts as frame
from openpost.seeing.facts import Fact
from posts.models import PostTarget
from publishing import facts, pulse, refresh_ahead
from tests import builders

pytestmark = pytest.mark.django_db


def told() -> dict[str, Mapping[str, float]]:
    return {fact.name: fact.values for fact in facts.facts()}


def test_it_counts_what_is_late_and_by_how_much() -> None:
    late = builders.due(builders.workspace())
    builders.target(builders.post(late.post.workspace, at=builders.soon(minutes=30)))
    PostTarget.objects.filter(id=late.id).update(wanted_at=timezone.now() - timedelta(minutes=5))

    said = told()

    assert said["openpost_overdue_targets"] == {"": 1}
    assert said["openpost_overdue_alarming_targets"] == {"": 1}
    assert 299 < said["openpost_overdue_oldest_seconds"][""] < 360
    assert said["openpost_targets"] == {"due": 1, "in_hand": 0, "publishing": 0, "within_an_hour": 1}


def test_what_lies_ahead_is_not_late() -> None:
    builders.post(builders.workspace(), at=builders.soon(minutes=30))

    said = told()

    assert said["openpost_overdue_targets"] == {"": 0}
    assert said["openpost_overdue_oldest_seconds"] == {"": 0}


def test_it_tells_of_tokens_that_end_before_a_post_and_were_not_renewed() -> None:
    workspace = builders.workspace(Mode.LIVE)
    builders.integration(workspace, "twitter", token_expires_at=timezone.now() + timedelta(minutes=10))
    builders.post(workspace, at=builders.soon(minutes=20))

    assert told()["openpost_tokens_ending"] == {"twitter": 1}
    assert refresh_ahead.wanted(now=timezone.now()).count() == 1


def test_it_tells_how_long_ago_the_last_ticks_were() -> None:
    now = timezone.now()
    pulse.beat(now=now - timedelta(seconds=90), name=pulse.BEAT)
    pulse.beat(now=now - timedelta(seconds=30), name=pulse.TICK)

    ages = told()["openpost_pulse_age_seconds"]

    assert 89 < ages["beat"] < 120
    assert 29 < ages["tick"] < 60


def test_it_tells_what_postgresql_knows_of_all_targets() -> None:
    workspace = builders.workspace()
    for _ in range(3):
        builders.published(workspace)
    builders.failed(workspace)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE posts_posttarget")

    assert told()["openpost_targets_stored"]["published"] == 3


def test_it_says_so_when_postgresql_is_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(now: datetime) -> list[Fact]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(10)")
        return []

    monkeypatch.setattr(facts, "PATIENCE", 1)
    monkeypatch.setattr(facts, "_tokens", slow)

    assert told() == {"openpost_database_readable": {"": False}}


def test_each_is_found_by_an_index() -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        told()
    tables = ("posts_posttarget", "integrations_webhookdelivery", "integrations_integration")
    plans = {}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in asked:
            if query["sql"].startswith("SELECT") and any(table in query["sql"] for table in tables[:2]):
                cursor.execute(f"EXPLAIN {query['sql']}")
                plans[query["sql"]] = "\n".join(line for (line,) in cursor.fetchall())

    assert len(plans) >= 8
    for sql, plan in plans.items():
        assert not any(f"Seq Scan on {table}" in plan for table in tables), (sql, plan)


def test_it_tells_how_long_the_oldest_message_of_a_queue_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time()
    monkeypatch.setattr("openpost.seeing.messages.time", lambda: began - 60)
    assert hint("publishing.publish", "x", "y", queue="publish.threads")
    monkeypatch.setattr("openpost.seeing.messages.time", lambda: began - 5)
    assert hint("publishing.publish", "x", "y", queue="publish.threads")
    try:
        said = {fact.name: fact.values for fact in frame.queues()}
    finally:
        with app.connection_for_write() as broker:
            broker.default_channel.client.delete("publish.threads")

    assert said["openpost_queue_messages"]["publish.threads"] == 2
    assert 59 < said["openpost_queue_age_seconds"]["publish.threads"] < 90
    assert said["openpost_queue_age_seconds"]["publish.mastodon"] == 0


def test_a_message_of_a_version_before_this_one_has_no_age() -> None:
    assert frame._age(json.dumps({"headers": {}}).encode()) < 1
