"""An account's tokens: refreshed by one process at a time on any number of hosts, stored before they are used.

Some platforms' refresh tokens work once, and a replay kills the whole family. So a refresh is claimed by a
conditional UPDATE (`refresh_lease_until`) first; whoever loses comes back a moment later and finds the new pair.
No lock and no transaction is held while the network is asked. The lease is the fence of what follows: whoever finds
another one, or none because a person connected the account anew, stores and says nothing.

What an error says of an account holds for the account as it was used: `distrust` and `disconnect` take the object
that `account_of` was given, and do nothing when the row has moved on since.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from openpost import clock
from openpost.crypto import Unreadable

from .models import Integration, IntegrationStatus
from .models.integration import IntegrationQuerySet
from .platforms import registry
from .platforms.client import Account
from .platforms.connecting import Tokens
from .platforms.errors import Disconnected, NotNow

log = logging.getLogger(__name__)

#: A token this close to its end is refreshed before it is used.
MARGIN = timedelta(minutes=2)
#: Longer than a refresh can take: timeouts included.
REFRESH_LEASE = timedelta(seconds=90)
#: A claim older than this is not used: what is left of its lease must outlast the refresh.
YOUNG = timedelta(seconds=10)
#: How soon the losers of the claim come back.
COME_BACK = timedelta(seconds=1)


def account_of(integration: Integration, *, now: datetime) -> Account:
    """This will give the account with tokens that are good now, refreshing them if need be.

    Raises Disconnected when the platform no longer accepts the refresh token, NotNow when it could not be asked or
    another process is refreshing.
    """
    integration.refresh_from_db()
    if account := _good(integration, now=now):
        return account
    lease = _claim_refresh(integration.id, now=now)
    if lease is None:
        raise _others_turn()
    # Read again under the claim: the pair may have been rotated since we looked.
    integration.refresh_from_db()
    if account := _good(integration, now=now):
        _release(integration.id, lease=lease)
        return account
    refresh = import_string(registry.PLATFORMS[integration.platform].connect.replace(":", "."))
    if integration.refresh_lease_until != lease or clock.now() > lease - REFRESH_LEASE + YOUNG:
        # This process stood still, or the claim is no longer ours: another may spend the refresh token any moment.
        _release(integration.id, lease=lease)
        raise _others_turn()
    try:
        tokens: Tokens = refresh(_account(integration), now=now)
    except (Disconnected, NotNow) as error:
        if not _release(integration.id, lease=lease) and isinstance(error, Disconnected):
            # That was about the old tokens: somebody has put new ones in their place, or is about to.
            raise _others_turn() from error
        raise
    store(integration, tokens, lease=lease)
    return _account(integration)


def store(integration: Integration, tokens: Tokens, *, lease: datetime) -> None:
    """This will keep a new pair, before anybody uses it. Raises NotNow when the claim `lease` is no longer ours."""
    credentials = dict(tokens.credentials)
    stored = _held(integration.id, lease=lease).update(
        credentials=credentials,
        token_expires_at=tokens.expires_at,
        refresh_lease_until=None,
        updated_at=timezone.now(),
    )
    if not stored:
        log.warning("A new token of %s came too late and was dropped: the account has moved on", integration)
        raise _others_turn()
    integration.credentials = credentials
    integration.token_expires_at = tokens.expires_at
    integration.refresh_lease_until = None


def distrust(integration: Integration, *, now: datetime) -> None:
    """This will have the token refreshed before its next use: the platform did not accept it.

    Nothing happens when the account has another token by now than `integration` says.
    """
    _as_used(integration).filter(Q(token_expires_at=integration.token_expires_at), token_expires_at__gt=now).update(
        token_expires_at=now
    )


def rest(integration: Integration, *, until: datetime) -> None:
    """This will leave the account alone until then: the platform asked for it."""
    Integration.objects.filter(Q(resting_until=None) | Q(resting_until__lt=until), id=integration.id).update(
        resting_until=until
    )


def disconnect(integration: Integration, *, reason: str) -> None:
    """This will mark the account as needing a person: the platform no longer lets us speak for it.

    Nothing happens when a person has connected it again since `integration` was read.
    """
    _as_used(integration).active().update(
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


def _good(integration: Integration, *, now: datetime) -> Account | None:
    """The account, if its token is good for a while; None when it must be refreshed."""
    if isinstance(integration.credentials, Unreadable):
        raise NotNow(
            f"The credentials of {integration} cannot be read: the key they were encrypted with is missing from "
            "CREDENTIAL_KEYS. Put it back, or connect the account again.",
            code="credentials_unreadable",
        )
    if integration.token_expires_at is None or now < integration.token_expires_at - MARGIN:
        return _account(integration)
    return None


def _others_turn() -> NotNow:
    return NotNow(
        "Another worker is renewing this account's access; it goes on in a moment.",
        code="token_refreshing",
        retry_after=COME_BACK,
        waiting=True,
    )


def _as_used(integration: Integration) -> IntegrationQuerySet:
    """The row, unless a person has connected the account again since."""
    return Integration.objects.filter(id=integration.id, connected_at=integration.connected_at)


def _held(integration_id: uuid.UUID, *, lease: datetime) -> IntegrationQuerySet:
    """The row, as long as that claim stands. Connecting an account ends every claim."""
    return Integration.objects.filter(id=integration_id, refresh_lease_until=lease)


def _claim_refresh(integration_id: uuid.UUID, *, now: datetime) -> datetime | None:
    """The lease, which is also what proves the claim; None when another process has one."""
    lease = now + REFRESH_LEASE
    free = Q(refresh_lease_until=None) | Q(refresh_lease_until__lt=now)
    claimed = Integration.objects.filter(free, id=integration_id).update(refresh_lease_until=lease)
    return lease if claimed else None


def _release(integration_id: uuid.UUID, *, lease: datetime) -> bool:
    return bool(_held(integration_id, lease=lease).update(refresh_lease_until=None))
