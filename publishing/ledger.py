"""Every write of the ledger: deliveries move `prepared → sending → live`.

The moves a worker makes here carry its claim, like its moves of the target: one that lost its lease writes nothing.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from integrations.platforms.client import Published
from integrations.platforms.errors import Unconfirmed, Unknowable
from openpost import rows
from openpost.persistence import persistently
from posts import lifecycle
from posts.lifecycle import Claim
from posts.models import PostTarget

from . import evidence
from .evidence import Try
from .leases import hold
from .models import Delivery, DeliveryState, Outcome

_AS_PREPARED = ["key", "draft", "payload", "fingerprint", "calls", "looks", "absences", "remote_id", "url"]
_TAKEN_BACK = ["state", "sent_at", "resent_at", "looks", "absences"]
_FOUND = "The earlier call had arrived: it was found there, and nothing was sent again."


@dataclass(frozen=True, slots=True)
class Prepared:
    """One part that is about to be sent: empty `payload` where the call of an earlier part sends this one too."""

    part: int
    key: str
    draft: Mapping[str, Any]
    payload: Mapping[str, Any]


def parts(claim: Claim) -> list[Delivery]:
    """This will give all parts of the target, in order, as far as they were ever prepared."""
    return list(Delivery.objects.filter(target_id=claim.target_id).order_by("part"))


def before(delivery: Delivery) -> Published | None:
    """This will give the live part that this one follows; None for the first."""
    if delivery.part == 0:
        return None
    earlier = Delivery.objects.filter(target_id=delivery.target_id, part__lt=delivery.part).order_by("-part").first()
    return Published(earlier.remote_id, earlier.url) if earlier else None


def prepare(claim: Claim, said: Sequence[Prepared], *, before: Sequence[Delivery] = ()) -> list[Delivery]:
    """This will keep what is about to be sent, and give it. What was prepared `before` and never sent is replaced."""
    unsent = {one.part: one for one in before if one.state == DeliveryState.PREPARED}
    # A row stays that part's for good: an answer that comes late knows it by its id.
    deliveries = [unsent.get(one.part) or Delivery(target_id=claim.target_id, part=one.part) for one in said]
    for delivery, one in zip(deliveries, said, strict=True):
        delivery.key, delivery.draft, delivery.payload = one.key, one.draft, one.payload
        delivery.fingerprint = fingerprint(one.payload)
        delivery.calls = delivery.looks = delivery.absences = 0
        delivery.remote_id = delivery.url = ""
    with transaction.atomic():
        hold(claim)
        for delivery in deliveries:
            _keep(delivery, anew=delivery.part not in unsent)
        if gone := unsent.keys() - {one.part for one in said}:
            Delivery.objects.filter(id__in=[unsent[part].id for part in gone]).delete()
    return deliveries


def sending(claim: Claim, delivery: Delivery, *, now: datetime) -> None:
    """This will commit that the call is about to be made: from here on, silence means "unknown".

    `sent_at` stays that of the first call whose outcome was in doubt, so that a look reaches back far enough.
    """
    _require_those_before(delivery)
    with transaction.atomic():
        hold(claim)
        delivery.state = DeliveryState.SENDING
        delivery.sent_at = delivery.sent_at or now
        delivery.resent_at, delivery.looks, delivery.absences = now, 0, 0
        delivery.calls += 1
        _write_unanswered(delivery, "state", "sent_at", "resent_at", "calls", "looks", "absences")


def not_sent(claim: Claim, delivery: Delivery) -> None:
    """This will record the proof that nothing went out: the part may be prepared anew."""
    with transaction.atomic():
        hold(claim)
        _take_back(delivery)
        _write_unanswered(delivery, *_TAKEN_BACK)


def take_back(delivery: Delivery) -> None:
    """This will make it as if no call had been made. The caller holds the post."""
    _take_back(delivery)
    delivery.save(update_fields=_TAKEN_BACK)


def _take_back(delivery: Delivery) -> None:
    delivery.state, delivery.sent_at, delivery.resent_at = DeliveryState.PREPARED, None, None
    delivery.looks = delivery.absences = 0


def make_live(delivery: Delivery, published: Published, *, now: datetime) -> None:
    """This will keep where it is live, and where the parts are that its call sent too. The caller holds the post."""
    sent = {"sent_at": delivery.sent_at or now, "resent_at": delivery.resent_at or now, "live_at": now}
    for part, one in enumerate((published, *published.rest), delivery.part):
        there = {"target_id": delivery.target_id, "part": part}
        rows.update(Delivery, there, state=DeliveryState.LIVE, **sent, **_there(one))


def answered(delivery: Delivery) -> Published | None:
    """This will give where it is live, by an answer that came to a worker without a lease (record_late)."""
    if not delivery.remote_id:
        return None
    later = Delivery.objects.filter(target_id=delivery.target_id, part__gt=delivery.part).exclude(remote_id="")
    rest = tuple(Published(one.remote_id, one.url) for one in later.order_by("part"))
    return Published(delivery.remote_id, delivery.url, rest)


def places(target_id: uuid.UUID) -> list[str]:
    """This will give the addresses of the target's live parts, in order."""
    live = Delivery.objects.filter(target_id=target_id, state=DeliveryState.LIVE).order_by("part")
    return list(live.values_list("url", flat=True))


def is_whole(target_id: uuid.UUID) -> bool:
    """Whether every part of the target is live."""
    return not Delivery.objects.filter(target_id=target_id).exclude(state=DeliveryState.LIVE).exists()


def absent(claim: Claim, delivery: Delivery) -> int:
    """This will count one more look that did not find it, and give the count since the latest call."""
    with transaction.atomic():
        hold(claim)
        delivery.absences += 1
        delivery.save(update_fields=["absences"])
    return delivery.absences


def looked(delivery: Delivery) -> int:
    """This will count one more look, and give the count."""
    delivery.looks += 1
    delivery.save(update_fields=["looks"])
    return delivery.looks


def stop_looking(delivery: Delivery) -> None:
    """This will leave the question to a person; if they ask us to try again, all begins anew."""
    Delivery.objects.filter(id=delivery.id).update(calls=0, looks=0)


def live(
    attempt: Try, delivery: Delivery, published: Published, *, thread: Sequence[Delivery], found: bool, now: datetime
) -> bool:
    """This will record, in one transaction, that the part is live, and with the last part the target. False for a
    lost lease.

    The platform said so itself, or it was `found` there by a look. `thread`: all parts as this claim knows them;
    nobody but who holds it changes which are live.
    """
    claim = attempt.claim
    new = dict(enumerate((published, *published.rest), delivery.part))
    there = [
        new.get(one.part) or Published(one.remote_id, one.url)
        for one in thread
        if one.part in new or one.state == DeliveryState.LIVE
    ]
    urls, whole = [one.url for one in there], len(there) == len(thread)

    @transaction.atomic
    def write() -> bool:
        if there and whole and lifecycle.live(claim, remote_id=there[0].remote_id, urls=urls, now=now):
            evidence.record(attempt, Outcome.LIVE, now=now, message=_FOUND if found else "")
        elif not whole and lifecycle.part_live(claim, urls=urls, now=now):
            evidence.tell(claim, f"Part {len(there)} of {len(thread)} is live: {urls[-1]}", now=now)
        else:
            # Perhaps since an earlier try succeeded, and the connection broke before it could say so.
            return Delivery.objects.filter(id=delivery.id, state=DeliveryState.LIVE, **_there(published)).exists()
        make_live(delivery, published, now=now)
        return True

    try:
        written = persistently(write)
    except IntegrityError as error:
        said = f"{published.url} is recorded for another post of this account: which of the two it is cannot be told."
        # What a look found and another has taken meanwhile was not ours. What the platform itself told us was.
        raise (Unconfirmed if found else Unknowable)(said, detail=published.remote_id) from error
    for one in thread:
        if written and one.part in new:
            one.state, one.remote_id, one.url = DeliveryState.LIVE, new[one.part].remote_id, new[one.part].url
    return written


def forget(claim: Claim, delivery: Delivery, *, key: str) -> None:
    """This will drop a key under which something else stands: ours is not there, and the next try takes this one."""
    with transaction.atomic():
        hold(claim)
        delivery.key = key
        delivery.save(update_fields=["key"])
        take_back(delivery)


def same_in_the_air(claim: Claim, delivery: Delivery, *, integration_id: uuid.UUID, now: datetime) -> bool:
    """Whether the very same thing is being sent for another target of the account: a look could take one for the other.

    Platforms that know our keys have them in the payload, so there no two are the same.
    """
    others = Delivery.objects.filter(target__integration=integration_id).exclude(target_id=claim.target_id)
    in_hand = others.filter(target__in_hand=True, target__due_at__gt=now)
    # Of two that are only looked for, one goes first.
    before_us = Q(looks=0) | Q(id__lt=delivery.id)
    return in_hand.filter(before_us, state=DeliveryState.SENDING, fingerprint=delivery.fingerprint).exists()


def in_doubt(thread: Sequence[Delivery]) -> Delivery | None:
    """This will give the part whose call was made and whose outcome nobody knows, if there is one."""
    return next((one for one in thread if one.state == DeliveryState.SENDING), None)


def is_another(claim: Claim, delivery: Delivery, remote_id: str, *, integration_id: uuid.UUID) -> bool:
    """Whether what stands there under this id is known to be another post of ours, or another part of this one."""
    deliveries = Delivery.objects.filter(target__integration=integration_id, remote_id=remote_id)
    targets = PostTarget.objects.filter(integration=integration_id, platform_post_id=remote_id)
    return deliveries.exclude(id=delivery.id).exists() or targets.exclude(id=claim.target_id).exists()


def record_late(attempt: Try, delivery: Delivery, published: Published, *, now: datetime) -> None:
    """This will keep what a platform answered after our lease had gone: whoever looks next finds it here.

    Nothing is kept when the post has gone, too.
    """
    late = Unconfirmed("The platform's answer came after another worker had taken over.", code="lease_lost")
    with transaction.atomic():
        if lifecycle.is_there(attempt.claim):
            sent = Delivery.objects.filter(id=delivery.id, key=delivery.key, state=DeliveryState.SENDING)
            if sent.update(**_there(published)):
                for part, one in enumerate(published.rest, delivery.part + 1):
                    Delivery.objects.filter(target_id=delivery.target_id, part=part).update(**_there(one))
            evidence.record(
                attempt, Outcome.UNCONFIRMED, now=now, error=late, detail=f"{published.remote_id} {published.url}"
            )


def _keep(delivery: Delivery, *, anew: bool) -> None:
    columns = {name: getattr(delivery, name) for name in _AS_PREPARED}
    if anew:
        place = {"target_id": delivery.target_id, "part": delivery.part, "state": delivery.state}
        rows.insert(Delivery, id=delivery.id, **place, **columns)
    else:
        rows.update(Delivery, {"id": delivery.id}, **columns)


def fingerprint(payload: Mapping[str, Any]) -> str:
    """SHA-256, hex, of the payload as canonical JSON."""
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _write_unanswered(delivery: Delivery, *fields: str) -> None:
    """This will write these fields; raises Unconfirmed when the answer to an earlier call has come meanwhile
    (record_late): it is there.
    """
    written = {field: getattr(delivery, field) for field in fields}
    if not rows.update(Delivery, {"id": delivery.id, "remote_id": ""}, **written):
        raise Unconfirmed("The answer to an earlier call has come meanwhile.", code="lease_lost")


def _require_those_before(delivery: Delivery) -> None:
    """This will refuse to send a part of a thread while an earlier one is not live."""
    earlier = Delivery.objects.filter(target_id=delivery.target_id, part__lt=delivery.part)
    if delivery.part and earlier.exclude(state=DeliveryState.LIVE).exists():
        raise RuntimeError(f"part {delivery.part} of {delivery.target_id} is not next")


def _there(published: Published) -> dict[str, str]:
    return {"remote_id": published.remote_id[:512], "url": published.url[:1000]}
