"""An old backup is restored, and nothing is sent twice: with PostgreSQL's own programs, as docs/data.md says."""

import io
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from pytest_django import Settings

from integrations.models import Integration, OutboxEvent
from integrations.platforms.errors import Unconfirmed
from openpost.embedded import wheels
from posts.models import Post, PostTarget
from publishing import pulse, resolve, turned_back
from publishing.models import Attempt, Pulse
from publishing.tasks import dispatch_task, publish_task
from tests import builders

from .engine import ScriptedClient, step

pytestmark = pytest.mark.django_db(transaction=True)

SAID = ["sent since", "thread", "its second part", "answer lost", "sent before"]


def program(name: str, *arguments: str) -> None:
    """One of PostgreSQL's programs, of the server's own version, on this test's database."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = str(cursor.fetchone()[0]).split(".")[0]
    connections.close_all()
    url = builders.environment()["DATABASE_URL"]
    folder = Path(os.environ["PG_BIN"]) if os.environ.get("PG_BIN") else wheels.postgres_bin(version)
    subprocess.run([folder / name, f"--dbname={url}", *arguments], check=True, capture_output=True)


def after_restore(*arguments: str) -> str:
    said = io.StringIO()
    call_command("after_restore", *arguments, stdout=said)
    return said.getvalue()


def work(at: datetime) -> None:
    """Workers take up all that is due until then, again and again until nothing is."""
    while due := PostTarget.objects.filter(due_at__lte=at).first():
        step(due)


@contextmanager
def redis_knows(tick: datetime) -> Iterator[None]:
    """Redis as the service has left it, whose last tick was then."""
    turned_back.watch.forget()
    turned_back.ticked(now=tick)
    yield
    turned_back.watch.forget()


def texts(platform: ScriptedClient) -> list[str]:
    return sorted(text for _, text in platform.records)


def test_nothing_is_sent_twice_after_a_restore(platform: ScriptedClient, tmp_path: Path) -> None:
    workspace, backup = builders.workspace(), str(tmp_path / "openpost.dump")
    before = builders.due(workspace, content="sent before")
    step(before)
    since = builders.due(workspace, content="sent since")
    builders.post(workspace, "a draft")
    tomorrow = builders.post(workspace, "tomorrow", at=builders.soon(days=1))
    platform.after, platform.looks = [Unconfirmed("No answer.")], [Unconfirmed("Nor now.")]
    lost = step(builders.due(workspace, content="answer lost"))
    thread = builders.due(workspace, content="thread", thread=["its second part"])
    platform.before = [None, Unconfirmed("The power went.")]
    pulse.beat(now=timezone.now())
    program("pg_dump", "--format=custom", f"--file={backup}")
    work(timezone.now() + timedelta(minutes=10))
    assert {PostTarget.objects.get(id=one.id).status for one in (before, since, lost, thread)} == {"published"}
    assert texts(platform) == sorted(SAID)

    program("pg_restore", "--clean", "--if-exists", "--single-transaction", backup)
    since.refresh_from_db()
    assert (since.status, since.post.status) == ("pending", "scheduled"), "the data knows nothing of what was sent"
    PostTarget.objects.filter(id=since.id).update(due_at=timezone.now())  # what was handed out before has lapsed
    with redis_knows(timezone.now() + timedelta(seconds=1)):
        for target in PostTarget.objects.filter(due_at__isnull=False):
            publish_task(str(target.id), target.due_at.isoformat() if target.due_at else "")
        dispatch_task()
        assert texts(platform) == sorted(SAID), "forgotten: it is older than what was done, and sends nothing"
        assert PostTarget.objects.filter(id=since.id, due_at__lte=timezone.now()).exists(), "nor is it handed out"
        said = after_restore()
    work(timezone.now() + timedelta(minutes=10))

    assert "Left to people: 2." in said
    assert texts(platform) == sorted(SAID), "each of it once, as before"
    statuses = {one.content: one.status for one in Post.objects.all()}
    assert statuses == {
        "sent before": "published",
        "sent since": "failed",
        "answer lost": "published",  # the platform was asked
        "thread": "failed",
        "a draft": "draft",
        "tomorrow": "scheduled",
    }
    assert OutboxEvent.objects.filter(type="post.unconfirmed", subject=since.post_id).exists()
    assert str(tomorrow.id) not in said


def suspect(platform: ScriptedClient) -> PostTarget:
    target = builders.due(builders.workspace(), content="perhaps")
    after_restore()
    target.refresh_from_db()
    assert (target.status, target.error_code, target.in_doubt) == ("failed", "outcome_unknown", True)
    return target


def test_publishing_it_again_sends_nothing_before_a_person_has_looked(platform: ScriptedClient) -> None:
    target = suspect(platform)
    client = builders.client(target.post.workspace)

    for _ in range(2):
        assert client.post(f"/v1/posts/{target.post_id}/publish").status_code == 202
        step(target)
        assert (target.status, target.error_code, target.in_doubt) == ("failed", "outcome_unknown", True)

    assert platform.calls == []
    assert set(Attempt.objects.filter(target=target).values_list("code", flat=True)) == {"restored"}


def test_a_person_says_that_it_is_live(platform: ScriptedClient) -> None:
    target = suspect(platform)
    resolve.live(target=target, url="https://x.com/somebody/status/1790001")
    target.refresh_from_db()
    assert (target.status, platform.calls) == ("published", [])


def test_a_person_says_that_it_is_not_and_it_goes_out_once(platform: ScriptedClient) -> None:
    target = suspect(platform)
    resolve.absent(target=target)
    assert step(target).status == "published"
    assert texts(platform) == ["perhaps"]


def test_what_fell_due_after_the_service_had_stopped_is_sent_late(platform: ScriptedClient) -> None:
    workspace, stopped = builders.workspace(), timezone.now() - timedelta(minutes=5)
    before, after = (builders.due(workspace, content=text) for text in ("before", "after"))
    PostTarget.objects.filter(id=before.id).update(wanted_at=stopped - timedelta(minutes=1))

    said = after_restore("--stopped-at", stopped.isoformat())
    work(timezone.now() + timedelta(minutes=10))

    assert "Left to people: 1." in said
    assert texts(platform) == ["after"]
    after.refresh_from_db()
    assert after.status == "published"


def test_it_may_be_asked_first_told_to_look_ahead_and_run_again(platform: ScriptedClient) -> None:
    workspace = builders.workspace()
    builders.due(workspace)
    builders.post(workspace, at=builders.soon(days=1))

    assert "Would be left to people: 1." in after_restore("--dry-run")
    assert "Would be left to people: 2." in after_restore("--dry-run", "--ahead")
    assert "Left to people: 2." in after_restore("--ahead")
    assert "Left to people: 0." in after_restore("--ahead")
    with pytest.raises(CommandError, match="with its offset"):
        after_restore("--stopped-at", "yesterday")


def test_tokens_that_work_once_are_held_for_spent(platform: ScriptedClient) -> None:
    workspace = builders.workspace("live")
    once: Any = builders.integration(workspace, "twitter", refresh_lease_until=builders.soon())
    often: Any = builders.integration(workspace, "bluesky")
    after_restore()
    assert [Integration.objects.get(id=one.id).refresh_sent for one in (once, often)] == [True, False]
    assert Integration.objects.get(id=once.id).refresh_lease_until is None


def test_it_notices_by_itself_that_the_database_was_turned_back(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    dispatch_task()
    assert not turned_back.watch.turned_back(), "as it goes on"
    later = timezone.now() + timedelta(seconds=2)
    with redis_knows(later):
        assert turned_back.watch.turned_back()
        publish_task(str(target.id), later.isoformat())
        assert platform.calls == []
    assert not turned_back.watch.turned_back(), "with an empty Redis nothing is known"


def test_a_new_database_was_not_turned_back() -> None:
    Pulse.objects.all().delete()
    with redis_knows(timezone.now()):
        assert not turned_back.watch.turned_back()


def test_nothing_is_held_back_while_redis_is_away(settings: Settings) -> None:
    pulse.beat(now=timezone.now() - timedelta(hours=1))
    with redis_knows(timezone.now()):
        assert turned_back.watch.turned_back()
        url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
        assert not turned_back.Watch().turned_back()
        settings.REDIS_URL = url
