"""Looking at an account's picture where the account is, and keeping a small copy of it. Loaded by workers.

It is worth a face beside a name, so nothing waits for it and nothing is risked for it: an account is looked at when it
was connected and every week from then on, while its token is good anyway. A look that fails leaves everything as it
was; the next one comes after a day.
"""

import logging
import uuid
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from integrations import tokens
from integrations.models import Integration, Mode
from integrations.models.integration import IntegrationQuerySet
from integrations.platforms import images, registry
from integrations.platforms.errors import PublishError
from openpost import clock
from openpost.fetching import Unfetchable, fetch

from . import kept

log = logging.getLogger(__name__)

#: For how long one run of the periodic task begins looks, and at how many accounts at most. It has one thread.
WITHIN = timedelta(seconds=20)
MOST = 100
#: When an account is looked at again.
AFTER_A_LOOK = timedelta(days=7)
AFTER_TROUBLE = timedelta(days=1)
#: A look may be so early: who has just connected an account has another clock than PostgreSQL's.
EARLY = timedelta(minutes=1)
#: Seconds, and bytes, for the picture itself. Bluesky allows 1 MB; what X names has some kilobytes.
FETCH_WITHIN = 8.0
MOST_BYTES = 5_000_000
#: Pixels of a side: twice what the largest place on a screen has, for fine displays.
SIDE = 96


def look_at_due() -> None:
    """This will look at the accounts whose turn it is, one after the other; what is left waits for the next minute."""
    ends = monotonic() + WITHIN.total_seconds()
    for integration_id in due(now=clock.now()).order_by("avatar_due_at").values_list("id", flat=True)[:MOST]:
        if monotonic() > ends:
            return
        look(integration_id=integration_id)


def due(*, now: datetime) -> IntegrationQuerySet:
    """The accounts whose turn it is, by the index integration_avatar_due: no token is renewed for a picture."""
    return Integration.objects.active().filter(
        Q(token_expires_at=None) | Q(token_expires_at__gt=now + tokens.MARGIN),
        Q(resting_until=None) | Q(resting_until__lte=now),
        platform__in=[name for name, rules in registry.PLATFORMS.items() if rules.picture],
        workspace__mode=Mode.LIVE,
        avatar_due_at__lte=now + EARLY,
    )


def look(*, integration_id: uuid.UUID) -> None:
    """This will keep the picture that the account has by now, if it is its turn. What fails is only logged."""
    now = clock.now()
    integration = due(now=now).filter(id=integration_id).first()
    if integration is None:
        return
    # Whoever moves the time on looks; and what comes of it holds while the time stands as it was moved to.
    mine = now + AFTER_TROUBLE
    if not _row(integration, integration.avatar_due_at).update(avatar_due_at=mine):
        return
    try:
        _keep(integration, _picture(integration, now=now), mine=mine)
    except (PublishError, Unfetchable, images.Unusable) as error:
        log.info("The picture of %s could not be had: %s", integration, error)
    except Exception:
        log.exception("Looking at the picture of %s broke", integration)


def _picture(integration: Integration, *, now: datetime) -> bytes | None:
    """The account's picture, small; None when it has none."""
    account = tokens.account_of(integration, now=now, margin=timedelta(0))
    address: str = import_string(registry.PLATFORMS[integration.platform].picture.replace(":", "."))(account, now=now)
    if not address:
        return None
    schemes = ("https", "http") if settings.FETCH_FROM_LOOPBACK else ("https",)
    with fetch(address, most_bytes=MOST_BYTES, within=FETCH_WITHIN, schemes=schemes, accept="image/*") as answer:
        if answer.status != 200:
            raise Unfetchable("unreachable", f"Its address answers with HTTP {answer.status}.")
        return images.square(answer.read(), side=SIDE)


def _keep(integration: Integration, picture: bytes | None, *, mine: datetime) -> None:
    """This will put the new picture in the old one's place. What nobody wants any more by then is left to the sweep."""
    name = kept.put(picture, of=integration.id) if picture else ""
    taken = _row(integration, mine).update(avatar=name, avatar_due_at=clock.now() + AFTER_A_LOOK)
    if taken and integration.avatar != name:
        kept.remove(integration.avatar)


def _row(integration: Integration, due_at: datetime | None) -> IntegrationQuerySet:
    """The row, unless it was looked at, connected or disconnected since."""
    return Integration.objects.filter(id=integration.id, avatar_due_at=due_at)
