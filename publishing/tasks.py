"""What the broker's messages mean. Ids in, one call."""

import uuid
from datetime import datetime
from time import monotonic

from openpost import clock
from openpost.celery import app
from posts import removing
from posts.hints import PUBLISH_TASK, hand_on, hand_out

from . import forgetting, pulse, turned_back
from .publish import publish
from .refresh_ahead import REFRESH_TASK, refresh, refresh_ahead
from .webhooks.dispatch import DELIVER_TASK, tick
from .webhooks.dispatch import hand_out as hand_out_webhooks
from .webhooks.sending import deliver
from .webhooks.sweep import sweep

DISPATCH_TASK = "publishing.dispatch"
REFRESH_AHEAD_TASK = "publishing.refresh_ahead"
WEBHOOKS_TASK = "publishing.webhooks"
SWEEP_EVENTS_TASK = "publishing.sweep_events"
FORGET_TASK = "publishing.forget"
REMOVE_WORKSPACES_TASK = "publishing.remove_workspaces"


#: Seconds for which a thread goes on with an account by itself; then its next stands in line behind the others'.
TURN = 0.25


@app.task(name=DISPATCH_TASK)
def dispatch_task() -> None:
    now = clock.now()
    if turned_back.watch.turned_back():
        return
    if pulse.beat(now=now):
        turned_back.ticked(now=now)
    hand_out(now=now)


@app.task(name=PUBLISH_TASK)
def publish_task(target_id: str, token: str) -> None:
    until, one = monotonic() + TURN, (uuid.UUID(target_id), datetime.fromisoformat(token))
    while not turned_back.watch.turned_back():
        account = publish(target_id=one[0], token=one[1])
        if account is None:
            return
        if monotonic() > until:
            hand_out(now=clock.now(), accounts=[account])
            return
        following = hand_on(now=clock.now(), account=account)
        if following is None:
            return
        one = following.target_id, following.token


@app.task(name=REFRESH_AHEAD_TASK)
def refresh_ahead_task() -> None:
    refresh_ahead(now=clock.now())


@app.task(name=REFRESH_TASK)
def refresh_task(integration_id: str) -> None:
    refresh(integration_id=uuid.UUID(integration_id))


@app.task(name=WEBHOOKS_TASK)
def webhooks_task() -> None:
    tick(now=clock.now())


@app.task(name=DELIVER_TASK)
def deliver_webhook_task(delivery_id: str, token: str) -> None:
    endpoint = deliver(delivery_id=uuid.UUID(delivery_id), token=datetime.fromisoformat(token))
    if endpoint:
        hand_out_webhooks(now=clock.now(), endpoints=[endpoint])


@app.task(name=SWEEP_EVENTS_TASK)
def sweep_events_task() -> None:
    sweep(now=clock.now())


@app.task(name=FORGET_TASK)
def forget_task() -> None:
    forgetting.forget(now=clock.now())


@app.task(name=REMOVE_WORKSPACES_TASK)
def remove_workspaces_task() -> None:
    removing.remove_closed()
