"""After a backup was restored: what may have gone out since it was made is not sent again.

Our ledger says what we sent, and its newest part is lost. So of everything whose time had come, and that is not known
to be live, nobody can say whether it went out; it is left to a person (resolve.py), who looks at the platform. One case
needs none: a post of one part whose call stands in the ledger is looked up by the engine, as after any lost answer.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from integrations.platforms.errors import Unknowable
from posts import lifecycle
from posts.lifecycle import Failure
from posts.models import PostTarget, TargetStatus

from . import evidence, ledger
from .models import Delivery, DeliveryState

_SAID = (
    "The service was set back to a backup, and this may have gone out before that. Look there: only then say whether "
    "all of it is live, or take away what is there of it and say that it is not. It is not sent until then."
)


class Restored(Unknowable):
    """Our data does not know what became of it, nor what to look for: it is sent on a person's word alone."""

    default_code = "restored"

    def __init__(self) -> None:
        super().__init__(_SAID)


def suspects(*, stopped_at: datetime, ahead: bool = False) -> QuerySet[PostTarget]:
    """This will give the targets that may have gone out until `stopped_at` and are not known to have.

    `ahead`: those whose time was still to come as well, since somebody may have published them early.
    """
    had_come = Q() if ahead else Q(status=TargetStatus.PUBLISHING) | Q(wanted_at__lte=stopped_at)
    return PostTarget.objects.filter(had_come, due_at__isnull=False).exclude(id__in=_looked_up())


def suspect(targets: QuerySet[PostTarget], *, now: datetime) -> Iterator[PostTarget]:
    """This will leave these targets to a person, post after post, and give each: it may be ended and begun again."""
    for post_id in targets.order_by("post_id").values_list("post_id", flat=True).distinct():
        yield from _suspect(post_id, targets, now=now)


@transaction.atomic
def _suspect(post_id: uuid.UUID, targets: QuerySet[PostTarget], *, now: datetime) -> list[PostTarget]:
    post = lifecycle.lock(post_id)
    ids = list(targets.filter(post=post).values_list("id", flat=True))
    for delivery in Delivery.objects.filter(target__in=ids, state=DeliveryState.SENDING):
        # Of a thread: what followed this part may have gone out as well, so a look at this part alone decides nothing.
        ledger.take_back(delivery)
    moved = lifecycle.suspect(post, ids, failure=Failure("outcome_unknown", _SAID), now=now)
    for target in moved:
        evidence.record_restored(target, number=target.attempts + 1, error=Restored(), now=now)
    return moved


def _looked_up() -> QuerySet[Delivery, uuid.UUID]:
    """The targets of which the platform is asked by the engine: their only part is in doubt."""
    more = Delivery.objects.filter(part__gt=0).values("target")
    only = Delivery.objects.filter(state=DeliveryState.SENDING).exclude(target__in=more)
    return only.values_list("target_id", flat=True)
