"""Tokens that end soon are refreshed ahead of the posts that need them. The refresher is the only door not real."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django_celery_beat.models import PeriodicTask

from integrations import refresh_claim, tokens
from integrations.models import Integration, IntegrationStatus
from integrations.platforms.client import Account
from integrations.platforms.connecting import Tokens
from integrations.platforms.errors import Disconnected, NotNow, Unconfirmed
from openpost import clock
from publishing import refresh_ahead, tasks
from tests import builders

pytestmark = pytest.mark.django_db


class Refresher:
    """A platform that gives a new token for each, or says what a test wrote into `error`."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.error: Exception | None = None
        self.life = timedelta(hours=2)

    def __call__(self, account: Account, *, now: datetime) -> Tokens:
        self.calls.append(account.credentials["refresh_token"])
        if self.error:
            raise self.error
        return Tokens({"access_token": "new", "refresh_token": f"refresh-{len(self.calls)}"}, now + self.life)


@pytest.fixture
def refresher(monkeypatch: pytest.MonkeyPatch) -> Refresher:
    made = Refresher()
    monkeypatch.setattr(tokens, "import_string", lambda _path: made)
    return made


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    messages: list[tuple[str, ...]] = []

    def send(task: str, *args: str, queue: str) -> bool:
        messages.append((task, queue, *args))
        return True

    monkeypatch.setattr(refresh_ahead, "hint", send)
    return messages


def account(*, ends: timedelta = timedelta(minutes=30), due: timedelta | None = timedelta(minutes=20)) -> Integration:
    """A live account at X whose token ends in `ends`, with two posts in `due`."""
    room, now = builders.workspace("live"), clock.now()
    made = builders.integration(
        room, credentials={"access_token": "old", "refresh_token": "s3cret-refresh"}, token_expires_at=now + ends
    )
    for _ in range(2 if due else 0):
        builders.post(room, integrations=[made.id], at=now + due if due else None)
    return made


def asked() -> list[Integration]:
    return list(refresh_ahead.wanted(now=clock.now()))


def test_its_messages_are_understood(refresher: Refresher) -> None:
    made = account()
    assert tasks.refresh_task.name == refresh_ahead.REFRESH_TASK
    tasks.refresh_task(str(made.id))
    assert refresher.calls == ["s3cret-refresh"]


def test_it_sends_one_message_per_account_to_its_platforms_queue(sent: list[tuple[str, ...]]) -> None:
    made = account()
    assert refresh_ahead.refresh_ahead(now=clock.now()) == 1
    assert sent == [("publishing.refresh", "publish.twitter", str(made.id))]


def test_it_stops_when_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []
    monkeypatch.setattr(refresh_ahead, "hint", lambda task, *args, queue: tries.append(queue))
    account(), account()
    assert refresh_ahead.refresh_ahead(now=clock.now()) == 0
    assert len(tries) == 1


@pytest.mark.parametrize(
    "how",
    [
        lambda: account(due=None),
        lambda: account(due=timedelta(hours=2)),
        lambda: account(ends=timedelta(minutes=61)),
        lambda: Integration.objects.filter(id=account().id).update(token_expires_at=None),
        lambda: tokens.disconnect(account(), reason="Revoked."),
        lambda: Integration.objects.filter(id=account().id).update(refreshed_at=clock.now()),
        lambda: builders.due(builders.workspace()),
    ],
    ids=["no post", "later post", "lasting token", "endless token", "given up", "just refreshed", "sandbox"],
)
def test_it_leaves_alone_what_needs_nothing(how: Callable[[], object]) -> None:
    how()
    assert asked() == []


def test_a_token_that_ended_long_ago_is_refreshed_ahead_too() -> None:
    made = account(ends=timedelta(days=-3))
    assert asked() == [made]


def test_it_refreshes_with_a_margin_of_an_hour_and_once(refresher: Refresher) -> None:
    made = account(ends=timedelta(minutes=59))
    for _ in range(2):
        refresh_ahead.refresh(integration_id=made.id)
    assert refresher.calls == ["s3cret-refresh"]
    made.refresh_from_db()
    assert made.credentials["access_token"] == "new"
    assert asked() == []


def test_a_platform_with_short_lived_tokens_is_not_asked_every_minute(refresher: Refresher) -> None:
    refresher.life = timedelta(minutes=45)
    made = account()
    for _ in range(3):
        refresh_ahead.refresh(integration_id=made.id)
    assert len(refresher.calls) == 1


def test_people_learn_before_the_post_is_due_that_an_account_is_lost(refresher: Refresher) -> None:
    refresher.error = Disconnected("X no longer lets us speak for @ada (s3cret-refresh).")
    made = account()
    refresh_ahead.refresh(integration_id=made.id)
    made.refresh_from_db()
    assert made.status == IntegrationStatus.NEEDS_REFRESH
    assert made.status_reason == "X no longer lets us speak for @ada ([secret])."
    assert asked() == []


def test_what_fails_is_tried_again_in_the_next_minute(refresher: Refresher) -> None:
    refresher.error = NotNow("X could not be reached; it is tried again.")
    made = account()
    refresh_ahead.refresh(integration_id=made.id)
    refresher.error = None
    assert asked() == [made]
    refresh_ahead.refresh(integration_id=made.id)
    assert len(refresher.calls) == 2


def test_what_x_did_not_answer_is_not_sent_again_while_the_access_is_good(refresher: Refresher) -> None:
    refresher.error = Unconfirmed("X did not answer in time.")
    made = account()
    for _ in range(3):
        refresh_ahead.refresh(integration_id=made.id)
    made.refresh_from_db()
    assert (len(refresher.calls), made.status) == (1, IntegrationStatus.ACTIVE)


@pytest.mark.parametrize(
    ("ends", "status"),
    [(timedelta(minutes=30), IntegrationStatus.ACTIVE), (timedelta(0), IntegrationStatus.NEEDS_REFRESH)],
)
def test_an_account_whose_refresh_was_cut_off_is_used_as_long_as_its_access_lasts(
    refresher: Refresher, ends: timedelta, status: str
) -> None:
    made = account(ends=ends)
    claim = refresh_claim.take(made, now=clock.now() - timedelta(minutes=1))
    assert claim
    assert refresh_claim.fence(claim, now=clock.now() - timedelta(minutes=1))
    refresh_ahead.refresh(integration_id=made.id)
    made.refresh_from_db()
    assert (made.status, refresher.calls) == (status, [])


def test_it_tells_no_secret_when_something_breaks(refresher: Refresher, caplog: pytest.LogCaptureFixture) -> None:
    refresher.error = ValueError("no header: s3cret-refresh")
    with caplog.at_level(logging.ERROR):
        refresh_ahead.refresh(integration_id=account().id)
    assert "no header: [secret]" in caplog.text
    assert "s3cret-refresh" not in caplog.text


def test_the_clock_of_it_can_be_taken_away_and_put_back() -> None:
    task = PeriodicTask.objects.get(task="publishing.refresh_ahead")
    assert (task.interval.every, task.interval.period, task.enabled) == (1, "minutes", True)
    assert task.task == tasks.refresh_ahead_task.name
    migration: Any = import_module("publishing.migrations.0004_refresh_ahead_every_minute")
    migration.remove(apps, None)
    assert not PeriodicTask.objects.filter(task="publishing.refresh_ahead").exists()
    migration.add(apps, None)
    migration.add(apps, None)
    assert PeriodicTask.objects.filter(task="publishing.refresh_ahead").count() == 1


@pytest.mark.parametrize(
    ("ends", "due"),
    [("now() + interval '9 days'", "now() + interval '10 minutes'"), ("now() - interval '9 days'", "NULL")],
    ids=["few tokens end", "few posts are due"],
)
def test_it_finds_them_by_an_index_however_many_accounts_there_are(ends: str, due: str) -> None:
    made = account()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH made AS (
                INSERT INTO integrations_integration (id, workspace_id, platform, remote_id, username, display_name,
                    status, status_reason, credentials, token_expires_at, connected_at, created_at, updated_at)
                SELECT gen_random_uuid(), %s, 'twitter', 'many-' || n, 'many', '', 'active', '', '1$', {ends}, now(),
                       now(), now() FROM generate_series(1, 20000) n RETURNING id
            )
            INSERT INTO posts_posttarget (id, post_id, integration_id, position, status, due_at, wanted_at, attempts,
                failures, error_code, error_message, error_retryable, in_doubt, platform_post_id, created_at,
                updated_at)
            SELECT gen_random_uuid(), %s, id, row_number() OVER () + 9, 'pending', {due}, now(), 0, 0, '', '', false,
                   false, '', now(), now() FROM made
            """,  # noqa: S608  # our own words
            [made.workspace_id, made.workspace.posts.latest("created_at").id],
        )
        cursor.execute("ANALYZE integrations_integration, posts_posttarget")
    assert asked() == [made]
    plan = refresh_ahead.wanted(now=clock.now()).explain()
    assert "Seq Scan on integrations_integration" not in plan, plan
    assert "Seq Scan on posts_posttarget" not in plan, plan
