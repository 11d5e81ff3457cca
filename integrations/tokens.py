"""An account's tokens: refreshed by one process at a time on any number of hosts, stored before they are used.

Some platforms' refresh tokens work once, and a replay kills the whole family. So a refresh is claimed by a
conditional UPDATE (`refresh_lease_until`) first; whoever loses comes back a moment later and finds the new pair.
No lock and no transaction is held while the network is asked.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from openpost.crypto import Unreadable

from .models import Integration, IntegrationStatus
from .platforms import registry
from .platforms.client import Account
from .platforms.connecting import Tokens
from .platforms.errors import Disconnected, NotNow

log = logging.getLogger(__name__)

#: A token this close to its end is refreshed before it is used.
MARGIN = timedelta(minutes=2)
#: Longer than a refresh can take: timeouts included.
REFRESH_LEASE = timedelta(seconds=90)
#: How soon the losers of the claim come back.
COME_BACK = timedelta(seconds=1)


def account_of(integration: Integration, *, now: datetime) -> Account:
    """This will give the account with tokens that are good now, refreshing them if need be.

    Raises Disconnected when the platform no longer accepts the refresh token, NotNow when it could not be asked or
    another process is refreshing.
    """
    integration.refresh_from_db()
    if isinstance(integration.credentials, Unreadable):
        raise NotNow(
            f"The credentials of {integration} cannot be read: the key they were encrypted with is missing from "
            "CREDENTIAL_KEYS. Put it back, or connect the account again.",
            code="credentials_unreadable",
        )
    if integration.token_expires_at is None or now < integration.token_expires_at - MARGIN:
        return _account(integration)
    if not _claim_refresh(integration.id, now=now):
        raise NotNow(
            "Another worker is renewing this account's access; it goes on in a moment.",
            code="token_refreshing",
            retry_after=COME_BACK,
            waiting=True,
        )
    # Read again under the claim: the pair may have been rotated since we looked.
    integration.refresh_from_db()
    if integration.token_expires_at is None or now < integration.token_expires_at - MARGIN:
        _release(integration.id)
        return _account(integration)
    refresh = import_string(registry.PLATFORMS[integration.platform].connect.replace(":", "."))
    try:
        tokens: Tokens = refresh(_account(integration), now=now)
    except (Disconnected, NotNow):
        _release(integration.id)
        raise
    store(integration, tokens)
    return _account(integration)


def store(integration: Integration, tokens: Tokens) -> None:
    """This will keep a new pair, before anybody uses it."""
    integration.credentials = dict(tokens.credentials)
    integration.token_expires_at = tokens.expires_at
    integration.refresh_lease_until = None
    integration.save(update_fields=["credentials", "token_expires_at", "refresh_lease_until", "updated_at"])


def distrust(integration: Integration, *, now: datetime) -> None:
    """This will have the token refreshed before its next use: the platform did not accept it."""
    Integration.objects.filter(id=integration.id, token_expires_at__gt=now).update(token_expires_at=now)


def rest(integration: Integration, *, until: datetime) -> None:
    """This will leave the account alone until then: the platform asked for it."""
    Integration.objects.filter(Q(resting_until=None) | Q(resting_until__lt=until), id=integration.id).update(
        resting_until=until
    )


def disconnect(integration: Integration, *, reason: str) -> None:
    """This will mark the account as needing a person: the platform no longer lets us speak for it."""
    Integration.objects.filter(id=integration.id, status=IntegrationStatus.ACTIVE).update(
        status=IntegrationStatus.NEEDS_REFRESH, status_reason=reason[:500], updated_at=timezone.now()
    )


def _account(integration: Integration) -> Account:
    return Account(
        integration_id=integration.id,
        platform=integration.platform,
        remote_id=integration.remote_id,
        username=integration.username,
        credentials=integration.credentials,
    )


def _claim_refresh(integration_id: uuid.UUID, *, now: datetime) -> bool:
    free = Q(refresh_lease_until=None) | Q(refresh_lease_until__lt=now)
    return bool(Integration.objects.filter(free, id=integration_id).update(refresh_lease_until=now + REFRESH_LEASE))


def _release(integration_id: uuid.UUID) -> None:
    Integration.objects.filter(id=integration_id).update(refresh_lease_until=None)
