"""Who may come to a target: for the races."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from integrations import tokens
from integrations.platforms.client import Published
from openpost import clock
from posts import actions, hints, lifecycle
from posts.lifecycle import Claim
from posts.words import Words
from publishing import ledger, resolve
from publishing.evidence import Try
from publishing.leases import LeaseLost
from publishing.models import DeliveryState
from publishing.publish import publish
from tests import builders

from .scenes import FAILURE, HANDED, UNDER_WAY, Scene

NEW = "Other words"
_writes = cycle(["sending", "live", "postpone", "fail", "doubt", "let go"])


def edit(scene: Scene) -> object:
    return actions.edit(post=scene.post, words=Words(content=NEW))


def move(scene: Scene) -> object:
    return actions.edit(post=scene.post, words=Words(at=builders.soon(days=1)))


def cancel(scene: Scene) -> object:
    return actions.cancel(post=scene.post)


def delete(scene: Scene) -> object:
    return actions.delete(post=scene.post)


def publish_now(scene: Scene) -> object:
    return actions.publish_now(post=scene.post)


def resolve_live(scene: Scene) -> object:
    return resolve.live(target=scene.target, url=f"https://x.com/somebody/status/{scene.target.id}")


def resolve_absent(scene: Scene) -> object:
    return resolve.absent(target=scene.target)


def tick(scene: Scene) -> object:
    return hints.hand_out(now=clock.now())


def worker(scene: Scene) -> object:
    """The one that is under way: with a call's answer, with the latest message, or with what a tick finds for it."""
    if scene.holder:
        return _ends(scene, scene.holder)
    if scene.message:
        return _publish(*scene.message)
    return _take(clock.now())


def recovery(scene: Scene) -> object:
    """The tick after a lease, and the worker that it sends."""
    return _take(clock.now() + lifecycle.LEASE + timedelta(seconds=1))


def doubled(scene: Scene) -> object:
    """An old message comes, for which another was sent since."""
    return _publish(*scene.old)


def late(scene: Scene) -> object:
    """A worker that lost its lease long ago writes what workers write, in turn: nothing of it may count."""
    claim, now = scene.late, clock.now()
    attempt, never = Try(claim, now, scene.target.integration), Published("late", "https://example.com/late")
    match next(_writes):
        case "sending":
            ledger.sending(claim, scene.delivery, now=now)
            moved = True
        case "live":
            moved = ledger.live(attempt, scene.delivery, never, thread=ledger.parts(claim), found=False, now=now)
        case "postpone":
            moved = lifecycle.postpone(claim, until=now, failure=FAILURE, failures=1, now=now)
        case "fail":
            moved = lifecycle.fail(claim, failure=FAILURE, now=now)
        case "doubt":
            moved = lifecycle.doubt(claim, next_look=now, failure=FAILURE, now=now)
        case _:
            moved = lifecycle.let_go(claim, failure=FAILURE, now=now) or bool(lifecycle.extend([claim], now=now))
    assert not moved
    if scene.platform.records:
        ledger.record_late(attempt, scene.delivery, _there(scene), now=now)
    raise LeaseLost


def _ends(scene: Scene, claim: Claim) -> bool:
    """The holder goes on from where it stood."""
    attempt, delivery = Try(claim, clock.now(), scene.target.integration), scene.delivery
    if delivery.state == DeliveryState.PREPARED:
        ledger.sending(claim, delivery, now=clock.now())
        account = tokens.account_of(scene.target.integration, now=clock.now())
        scene.platform.publish(account, delivery.payload, key=delivery.key, after=None)
    return ledger.live(
        attempt, delivery, _there(scene), thread=ledger.parts(attempt.claim), found=False, now=clock.now()
    )


def _there(scene: Scene) -> Published:
    """What the platform answers to the scene's call."""
    return Published(f"remote-{scene.delivery.key}", f"https://example.com/{scene.delivery.key}")


def _take(now: datetime) -> list[object]:
    return [_publish(one.target_id, one.token) for one in lifecycle.hand_off(now=now, most=100)]


def _publish(target_id: uuid.UUID, token: datetime) -> object:
    return publish(target_id=target_id, token=token)


@dataclass(frozen=True, slots=True)
class Actor:
    """`changes`: where it changes something, alone. Elsewhere it is told so, or does nothing."""

    act: Callable[[Scene], object]
    changes: frozenset[str]


def _actor(act: Callable[[Scene], object], *changes: str) -> Actor:
    return Actor(act, frozenset(changes))


ACTORS = {
    "edit": _actor(edit, "draft", "due", "handed"),
    "move": _actor(move, "draft", "due", "handed"),
    "cancel": _actor(cancel, "due", "handed"),
    "delete": _actor(delete, "draft", "due", "handed", "failed", "unknown"),
    "publish_now": _actor(publish_now, "draft", "due", "handed", "failed", "unknown", "unknown_absent"),
    "tick": _actor(tick, "due", "claimed", "lapsed", "doubt"),
    "worker": _actor(worker, *HANDED, "claimed", "publishing", "lapsed"),
    "recovery": _actor(recovery, "due", *UNDER_WAY),
    "late": _actor(late),
    "doubled": _actor(doubled, "handed"),
    "resolve_live": _actor(resolve_live, "unknown"),
    "resolve_absent": _actor(resolve_absent, "unknown_absent"),
}
PERSONS = {"edit", "move", "cancel", "delete", "publish_now"}
#: Those who make something due, or say that it is live.
SENDING = {"publish_now", "move", "resolve_live", "resolve_absent"}
