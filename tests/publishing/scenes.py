"""Where a target can stand when two meet on it: for the races.

Each standing is reached once by the product's own verbs, and then copied: a race is run some thousand times.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from integrations.models import Integration
from integrations.platforms.base import Draft
from integrations.platforms.client import Account, Published
from integrations.platforms.errors import NotNow, Rejected, Unconfirmed
from openpost import clock
from posts import actions, lifecycle
from posts.lifecycle import Claim, Failure
from posts.models import Post, PostTarget
from posts.waiting import UNKNOWN
from publishing import ledger
from publishing.models import Delivery
from publishing.parts import freeze
from tests import builders

from . import overlap
from .engine import ScriptedClient

OLD = "Hello world"
FAILURE = Failure("code", "Sentence.")
Message = tuple[uuid.UUID, datetime]


class Platform(ScriptedClient):
    """One that keeps a worker waiting for its answer. (With the call in the air: after the commit of "sending".)"""

    #: Longer than a call can be in the air, as every client's.
    absent_after = timedelta(seconds=30)

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str, after: Published | None) -> Published:
        try:
            return super().publish(account, payload, key=key, after=after)
        finally:
            overlap.step()


@dataclass
class Scene:
    """One post with one target, the messages for it, and the claims of workers that know it.

    `old` is a message after which others were sent, `message` the one that is under way. `late` was lost to another
    worker long ago; `holder` holds the target, or would if its lease had not lapsed.
    """

    target: PostTarget
    delivery: Delivery
    late: Claim
    old: Message
    message: Message | None = None
    holder: Claim | None = None
    platform: Platform = field(default_factory=Platform)
    built_at: datetime = field(default_factory=clock.now)

    @property
    def post(self) -> Post:
        """As a caller finds it who has not waited for anything."""
        return Post(id=self.target.post_id, workspace=self.target.integration.workspace)


# Where it stands ----------------------------------------------------------------------------------------------------


def due(account: Integration) -> Scene:
    """Its time has come. One worker lost it, and another put it back: so both are known here."""
    target = builders.due(account.workspace, content=OLD)
    assert target.due_at
    old = (target.id, target.due_at)
    late = builders.claimed(target)
    said = ledger.Prepared(part=0, key=f"key-{target.id}", draft=freeze(Draft(OLD)), payload={"text": OLD})
    (delivery,) = ledger.prepare(late, [said])
    lifecycle.postpone(builders.claimed(target), until=clock.now(), failure=FAILURE, failures=0, now=clock.now())
    return Scene(target, delivery, late, old)


def draft(account: Integration) -> Scene:
    scene = handed(account)
    scene.message = None
    actions.cancel(post=scene.post)
    return scene


def handed(account: Integration) -> Scene:
    """Handed off twice: no worker came for the first message."""
    scene, now = due(account), clock.now()
    for _ in range(2):
        (one,) = lifecycle.hand_off(now=now, most=1, accounts=[account.id])
        if scene.message:
            scene.old = scene.message
        scene.message, now = (one.target_id, one.token), one.token
    return scene


def handed_refused(account: Integration) -> Scene:
    """As above, and the platform will refuse it."""
    scene = handed(account)
    scene.platform.before = [Rejected("No.")]
    return scene


def handed_later(account: Integration) -> Scene:
    """As above, and the platform will be down."""
    scene = handed(account)
    scene.platform.before = [NotNow("It is down.")]
    return scene


def handed_lost(account: Integration) -> Scene:
    """As above, and the platform's answer will be lost."""
    scene = handed(account)
    scene.platform.after = [Unconfirmed("No answer.")]
    return scene


def claimed(account: Integration) -> Scene:
    """Taken by a worker of which nothing is heard since; nothing was sent."""
    scene = handed(account)
    assert scene.message
    (target_id, token), scene.message = scene.message, None
    scene.holder = lifecycle.claim(target_id=target_id, token=token, now=clock.now())
    assert scene.holder
    return _lapsed(scene)


def publishing(account: Integration) -> Scene:
    """The platform has it, the worker that sent it lives, and has not heard so yet."""
    scene = sent(account)
    scene.platform.records.append((scene.delivery.key, OLD))
    return scene


def sent(account: Integration) -> Scene:
    """The call has begun, and the platform has nothing."""
    scene = claimed(account)
    assert scene.holder
    lifecycle.extend([scene.holder], now=clock.now())
    ledger.sending(scene.holder, scene.delivery, now=clock.now())
    return scene


def lapsed(account: Integration) -> Scene:
    """The platform has it, and the worker that sent it was not heard of since."""
    return _lapsed(publishing(account))


def doubt(account: Integration) -> Scene:
    """The platform has it, its answer was lost, and it is time to look."""
    scene = publishing(account)
    holder, scene.holder = scene.holder, None
    assert holder
    assert lifecycle.doubt(holder, next_look=clock.now(), failure=FAILURE, now=clock.now())
    return scene


def failed(account: Integration) -> Scene:
    scene = claimed(account)
    holder, scene.holder = scene.holder, None
    assert holder
    assert lifecycle.fail(holder, failure=FAILURE, now=clock.now())
    return scene


def unknown(account: Integration) -> Scene:
    """The platform has it, and could not be asked."""
    return _unknown(publishing(account))


def unknown_absent(account: Integration) -> Scene:
    """The platform has nothing, and could not be asked."""
    return _unknown(sent(account))


def _unknown(scene: Scene) -> Scene:
    holder, scene.holder = scene.holder, None
    assert holder
    assert lifecycle.fail(holder, failure=Failure(UNKNOWN, "Who knows?"), now=clock.now(), in_doubt=True)
    return scene


def _lapsed(scene: Scene) -> Scene:
    PostTarget.objects.filter(id=scene.target.id).update(due_at=clock.now())
    return scene


STANDINGS: dict[str, Callable[[Integration], Scene]] = {
    "draft": draft,
    "due": due,
    "handed": handed,
    "handed_refused": handed_refused,
    "handed_later": handed_later,
    "handed_lost": handed_lost,
    "claimed": claimed,
    "publishing": publishing,
    "lapsed": lapsed,
    "doubt": doubt,
    "failed": failed,
    "unknown": unknown,
    "unknown_absent": unknown_absent,
}
HANDED = ("handed", "handed_refused", "handed_later", "handed_lost")
#: What a worker has taken up.
UNDER_WAY = ("claimed", "publishing", "lapsed", "doubt")


@dataclass(frozen=True)
class Picture:
    """A scene with its rows, to be copied."""

    scene: Scene
    post: dict[str, Any]
    target: dict[str, Any]
    delivery: dict[str, Any]


def picture(account: Integration, standing: str) -> Picture:
    """This will reach the standing once, and leave nothing of it but the picture."""
    scene = STANDINGS[standing](account)
    posts, targets = Post.objects.filter(id=scene.target.post_id), PostTarget.objects.filter(id=scene.target.id)
    deliveries = Delivery.objects.filter(target=scene.target)
    picture = Picture(scene, *(dict(rows.values().get()) for rows in (posts, targets, deliveries)))
    posts.delete()
    return picture


def copy(picture: Picture) -> Scene:
    """The same scene with rows of its own."""
    old = picture.scene
    post, target = Post(**{**picture.post, "id": uuid.uuid4()}), PostTarget(**{**picture.target, "id": uuid.uuid4()})
    target.post_id, target.integration = post.id, old.target.integration
    if target.due_at and old.holder:
        target.due_at += clock.now() - old.built_at  # a lease that has lapsed, and one that has not
    key = f"key-{target.id}"
    delivery = Delivery(**{**picture.delivery, "id": uuid.uuid4(), "target_id": target.id, "key": key})
    Post.objects.bulk_create([post])
    PostTarget.objects.bulk_create([target])
    Delivery.objects.bulk_create([delivery])

    def claim(before: Claim) -> Claim:
        return replace(before, target_id=target.id, post_id=post.id)

    return Scene(
        target=target,
        delivery=delivery,
        late=claim(old.late),
        old=(target.id, old.old[1]),
        message=(target.id, old.message[1]) if old.message else None,
        holder=claim(old.holder) if old.holder else None,
        platform=Platform(
            records=[(key, text) for _, text in old.platform.records],
            before=list(old.platform.before),
            after=list(old.platform.after),
        ),
    )
