"""A person's word on what the platform could not tell: it is live, or it is not. API and admin call these.

Each is one transaction: the ledger, the target and the post's timeline. Whoever comes second (another person, a
publish-now) finds that there is nothing to resolve any more.
"""

import uuid
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from integrations import audit
from integrations.models import AuditAction
from integrations.platforms import registry
from integrations.platforms.client import Published
from openpost import clock
from openpost.api.errors import ApiError, refuse
from posts import approval, hints, lifecycle, telling
from posts.lifecycle import Failure
from posts.models import EventKind, Post, PostTarget
from posts.permission import require_publisher
from posts.waiting import UNKNOWN, is_unknown

from . import ledger
from .models import Delivery, DeliveryState

_GOES_ON = Failure("thread_goes_on", "One part was resolved; the rest of the thread goes out at once.", retryable=True)


@transaction.atomic
def live(*, target: PostTarget, url: str, by: str = "") -> Post:
    """This will record that the target is live at `url`, since the first call that may have made it so.

    Of a thread, the part that is in doubt; what follows it goes out at once.

    Raises a 400 when no post of the platform has such an address, and a 409 when its outcome is not unknown, or when
    another post, or part of one, is recorded at that address.
    """
    post, target = _held(target)
    account = target.integration
    rules = registry.PLATFORMS[account.platform]
    # The sandbox network has addresses of its own.
    if not account.workspace.is_sandbox and (wrong := rules.wrong_address(url)):
        raise refuse("invalid_value", f"url must be {wrong}.", field="/url")
    now, remote_id = clock.now(), rules.id_in(url, account=account.remote_id)[:512]
    delivery = _sent(target)
    if other := _at(target, delivery, remote_id=remote_id):
        raise _taken(url, other.post_id)
    if delivery and delivery.key not in remote_id and _later(delivery).exists():
        raise _elsewhere(delivery)
    try:
        with transaction.atomic():
            _make_live(post, target, delivery, Published(remote_id, url), now)
    except IntegrityError as error:
        other = _at(target, delivery, remote_id=remote_id)
        if other is None:
            raise
        raise _taken(url, other.post_id) from error
    message = f"It was found to be live: {url}"
    telling.write(post, EventKind.RESOLVED_LIVE, message, by=by, target_id=target.id)
    _record(target, post, live=url)
    hints.after_commit([target.integration_id])
    return post


def _make_live(post: Post, target: PostTarget, delivery: Delivery | None, there: Published, now: datetime) -> None:
    if delivery is None:
        lifecycle.resolve_live(post, target.id, remote_id=there.remote_id, urls=[there.url], published_at=now, now=now)
        return
    ledger.make_live(delivery, replace(there, rest=_riders(delivery, there)), now=now)
    urls = ledger.places(target.id)
    if ledger.is_whole(target.id):
        first, since = Delivery.objects.get(target=target, part=0), delivery.sent_at or now
        lifecycle.resolve_live(post, target.id, remote_id=first.remote_id, urls=urls, published_at=since, now=now)
    else:
        approval.require(post)
        lifecycle.resolve_part(post, target.id, urls=urls, failure=_GOES_ON, now=now)


def _riders(delivery: Delivery, there: Published) -> tuple[Published, ...]:
    """The parts that the same call sent: on a platform that knows our keys, they differ by those alone."""
    return tuple(
        Published(there.remote_id.replace(delivery.key, one.key), there.url.replace(delivery.key, one.key))
        for one in _later(delivery)
    )


def _later(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(target_id=delivery.target_id, part__gt=delivery.part, payload={}).order_by("part")


@transaction.atomic
def absent(*, target: PostTarget, by: str = "") -> Post:
    """This will record that the target did not go out: it is sent again at once, under the same key.

    Should the person be mistaken, the key, where the platform knows it, or its refusal of a duplicate keeps it from
    being there twice, unless its words are changed before it is sent.
    Raises a 409 when its outcome is not unknown, or when the platform's own answer has come since.
    """
    post, target = _held(target)
    approval.require(post)
    now = clock.now()
    if delivery := _sent(target):
        if delivery.remote_id:
            raise _live_after_all(delivery)
        ledger.take_back(delivery)
    if target.live_parts:
        lifecycle.resolve_part(post, target.id, urls=target.live_parts, failure=_GOES_ON, now=now)
    else:
        lifecycle.resolve_absent(post, target.id, now=now)
    message = "It was found not to be live, and is sent again."
    telling.write(post, EventKind.RESOLVED_ABSENT, message, by=by, target_id=target.id)
    _record(target, post, live=None)
    hints.after_commit([target.integration_id])
    return post


def _record(target: PostTarget, post: Post, *, live: str | None) -> None:
    said = {"target": str(target.id), "live_at": live}
    audit.record(AuditAction.POST_RESOLVED, post, workspace=post.workspace_id, after=said)


def _held(target: PostTarget) -> tuple[Post, PostTarget]:
    """This will hold the post, and read the target again under its lock."""
    post = lifecycle.lock(target.post_id)
    require_publisher(post)
    target = PostTarget.objects.get(id=target.id)
    if not is_unknown(target):
        raise refuse(
            "nothing_to_resolve",
            f"This target is {target.status}; only a failed one with the error {UNKNOWN} can be resolved.",
            status=409,
            status_now=target.status,
        )
    return post, target


def _sent(target: PostTarget) -> Delivery | None:
    return Delivery.objects.filter(target=target, state=DeliveryState.SENDING).order_by("part").first()


def _at(target: PostTarget, delivery: Delivery | None, *, remote_id: str) -> PostTarget | None:
    """This will find the account's target that is already recorded there; of a thread, each part is somewhere."""
    there = PostTarget.objects.filter(integration=target.integration_id, platform_post_id=remote_id)
    parts = Delivery.objects.filter(target__integration=target.integration_id, remote_id=remote_id)
    others = parts.exclude(id=delivery.id) if delivery else parts
    part = others.select_related("target").first()
    return there.exclude(id=target.id).first() or (part.target if part else None)


def _live_after_all(delivery: Delivery) -> ApiError:
    """The answer reached a worker that had lost its lease, after we had given up: no word outweighs it."""
    return refuse(
        "live_after_all",
        f"The platform has answered since: it is live at {delivery.url}. Resolve it as published, or publish it again: "
        "then it is recorded, and nothing is sent.",
        field="/published",
        status=409,
        url=delivery.url,
    )


def _elsewhere(delivery: Delivery) -> ApiError:
    """One call sent the whole thread, under keys of ours: from another address nobody can tell where its parts are."""
    return refuse(
        "invalid_value",
        f"The thread cannot be there: the address of its first part ends in {delivery.key}. If that is not there, it "
        "did not go out.",
        field="/url",
    )


def _taken(url: str, post_id: uuid.UUID) -> ApiError:
    return refuse(
        "already_recorded",
        f"The post {post_id} is recorded as live there; give the address of this one.",
        field="/url",
        status=409,
        post_id=str(post_id),
    )
