"""What is on the wire between web, beat and workers: old messages come to new workers, and new ones to old workers.

During a deploy both run side by side, and a queue may hold what was sent hours ago. A message that a worker does not
understand is lost, which costs no post, only the time until the row is due again; here it is seen that none is.
"""

import inspect
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.platforms import registry
from integrations.webhooks import endpoints
from openpost import celery
from posts.hints import hand_out
from publishing import refresh_ahead
from publishing.webhooks import dispatch as webhooks
from tests import builders

ID, MOMENT = str(uuid.UUID(int=1)), "2026-11-24T02:00:00+00:00"
ANY_PLATFORM = "publish.<platform>"


@dataclass(frozen=True)
class Message:
    task: str
    queue: str = "celery"
    args: tuple[str, ...] = ()


#: Every message that a version has ever sent. Add to it what a new one sends; never change or take away a line, but
#: together with the last version that sends it: one whose workers, beat or queues may still be there.
EVER_SENT = [
    Message("integrations.avatar", args=(ID,)),
    Message("integrations.avatars"),
    Message("openpost.clear_sessions"),
    Message("openpost.sweep_answers"),
    Message("publishing.deliver_webhook", "webhooks", (ID, MOMENT)),
    Message("publishing.dispatch"),
    Message("publishing.forget"),
    Message("publishing.publish", ANY_PLATFORM, (ID, MOMENT)),
    Message("publishing.refresh", ANY_PLATFORM, (ID,)),
    Message("publishing.refresh_ahead"),
    Message("publishing.remove_workspaces"),
    Message("publishing.sweep_events"),
    Message("publishing.webhooks"),
]


@pytest.fixture(scope="module", autouse=True)
def _worker() -> None:
    """What a worker has loaded when it is ready."""
    celery.app.loader.import_default_modules()


@pytest.mark.parametrize("message", EVER_SENT, ids=lambda message: message.task)
def test_a_worker_understands_what_earlier_versions_sent(message: Message) -> None:
    inspect.signature(celery.app.tasks[message.task].run).bind(*message.args)


@pytest.mark.parametrize("message", EVER_SENT, ids=lambda message: message.task)
def test_a_worker_takes_from_the_queue_that_earlier_versions_sent_to(message: Message) -> None:
    queues = [message.queue.replace("<platform>", name) for name in registry.NAMES]
    assert set(queues) <= set(celery.app.conf.task_queues)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> set[Message]:
    """What is sent from now on, each id and moment as the same one."""
    found: set[Message] = set()

    def note(task: str, args: tuple[Any, ...], queue: str, **_: Any) -> None:
        kind = ANY_PLATFORM if queue.startswith("publish.") else queue
        found.add(Message(task, kind, tuple(map(in_general, args))))

    monkeypatch.setattr(celery.app, "send_task", note)
    return found


def in_general(value: str) -> str:
    try:
        uuid.UUID(value)
    except ValueError:
        assert datetime.fromisoformat(value).utcoffset() == timedelta(0)
        return MOMENT
    return ID


@pytest.mark.django_db
def test_what_is_sent_is_what_workers_of_earlier_versions_understand(sent: set[Message]) -> None:
    now = timezone.now()
    workspace = builders.workspace("live")
    builders.integration(workspace, token_expires_at=now + timedelta(minutes=5))
    builders.due(workspace)
    refresh_ahead.refresh_ahead(now=now)
    hand_out(now=timezone.now())
    endpoints.create(workspace=workspace, url="http://127.0.0.1:9/")
    builders.published(workspace)
    webhooks.tick(now=timezone.now())

    assert {one.task for one in sent} == {"publishing.publish", "publishing.refresh", "publishing.deliver_webhook"}
    assert sent <= set(EVER_SENT)


def test_every_task_of_ours_stands_in_the_list() -> None:
    """Beat and hints name tasks; one that is new is on the wire from now on."""
    ours = {
        name for name in celery.app.tasks if name.split(".")[0] in {"openpost", "integrations", "posts", "publishing"}
    }
    assert ours == {message.task for message in EVER_SENT}
