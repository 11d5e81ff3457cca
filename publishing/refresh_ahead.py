"""Tokens that end within the hour are refreshed ahead of the posts that will need them.

So a post that is due goes out at once, and whoever has to connect an account again learns it before the post is due.
It is a convenience: what is not refreshed ahead is refreshed when it is used.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from integrations import tokens
from integrations.models import Integration, Mode
from integrations.models.integration import IntegrationQuerySet
from integrations.platforms.errors import Disconnected, NotNow
from openpost import clock
from openpost.celery import hint
from posts.hints import queue_of
from posts.models import PostTarget

from .redact import redact, story

log = logging.getLogger(__name__)

REFRESH_TASK = "publishing.refresh"
#: How far ahead, for tokens and for posts.
AHEAD = timedelta(hours=1)
#: A platform whose tokens live less than AHEAD is not asked for new ones every minute.
PAUSE = timedelta(minutes=30)
#: How many accounts one tick sends to the workers: they share the queues with the posts that are due.
MOST = 500


def refresh_ahead(*, now: datetime) -> int:
    """This will send a message for every account whose token ends before its posts are out; gives their number.

    When the broker is away the rest is not even tried: the next minute does the same.
    """
    sent = 0
    for integration_id, platform in wanted(now=now).values_list("id", "platform")[:MOST]:
        if not hint(REFRESH_TASK, str(integration_id), queue=queue_of(platform)):
            break
        sent += 1
    return sent


def wanted(*, now: datetime) -> IntegrationQuerySet:
    """The accounts in use of live workspaces whose token ends soon and that have something to send soon."""
    soon = now + AHEAD
    return Integration.objects.active().filter(
        Q(refreshed_at=None) | Q(refreshed_at__lt=now - PAUSE),
        Exists(PostTarget.objects.filter(integration=OuterRef("pk"), due_at__lt=soon)),
        workspace__mode=Mode.LIVE,
        token_expires_at__lt=soon,
    )


def refresh(*, integration_id: uuid.UUID) -> None:
    """This will refresh the account's token if that is still wanted. What fails is tried again in the next minute.

    An account that the platform no longer lets us speak for is marked, with the reason.
    """
    integration = wanted(now=clock.now()).filter(id=integration_id).first()
    if integration is None:
        return
    try:
        tokens.account_of(integration, now=clock.now(), margin=AHEAD)
    except Disconnected as error:
        reason = redact(error.message, integration.credentials)
        tokens.disconnect(integration, reason=reason)
        log.warning("%s has to be connected again: %s", integration, reason)
    except NotNow as error:
        log.info("%s is not refreshed yet: %s", integration, redact(error.message, integration.credentials))
    except Exception as error:  # noqa: BLE001  # the worker's edge: its log would quote the stack, secrets and all
        told = story(error, integration.credentials)
        log.error("Refreshing %s broke:\n%s", integration, told)  # noqa: TRY400  # told without secrets
