"""An account's tokens: good when they are used, refreshed by one process at a time on any number of hosts.

Some platforms' refresh tokens work once, and a replay ends the account's access. So whoever refreshes claims it, says
in the row that the token is being sent (the fence), sends it, and stores the new pair before anybody uses it
(refresh_claim.py). Whoever loses comes back a moment later and finds the new pair. No lock and no transaction is held
while the network is asked.

What an error says of an account holds for the account as it was used: `distrust` and `disconnect` take the object
that `account_of` was given, and do nothing when the row has moved on since.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from openpost import clock
from openpost.crypto import Unreadable
from openpost.failpoints import reach

from . import audit, outbox, refresh_claim
from .models import AuditAction, Integration, IntegrationStatus
from .models.integration import IntegrationQuerySet
from .platforms import registry
from .platforms.client import Account
from .platforms.connecting import Tokens
from .platforms.errors import Disconnected, NotNow, PublishError
from .refresh_claim import Claim

log = logging.getLogger(__name__)

#: A token this close to its end is refreshed before it is used.
MARGIN = timedelta(minutes=2)
#: How soon the losers of the claim come back.
COME_BACK = timedelta(seconds=1)


def account_of(
    integration: Integration, *, now: datetime, margin: timedelta = MARGIN, just_read: bool = False
) -> Account:
    """This will give the account with tokens that are good for `margin` from now, refreshing them if need be.

    `just_read`: what `integration` says is believed as long as its tokens are good; else its row is read again.

    Raises Disconnected when the platform no longer accepts the refresh token, or when that token works once and may be
    spent; NotNow when the platform could not be asked or another process is refreshing.
    """
    if not just_read:
        integration.refresh_from_db()
    if account := _good(integration, now=now, margin=margin):
        return account
    claim = refresh_claim.take(integration, now=now)
    if claim is None:
        integration.refresh_from_db()
        raise _cut_off(integration) if refresh_claim.is_cut_off(integration, now=now) else _others_turn()
    reach("refreshing", integration.id)
    # Read again under the claim: the pair may have been rotated since we looked.
    integration.refresh_from_db()
    if account := _good(integration, now=now, margin=margin):
        refresh_claim.give_back(claim)
        return account
    _refresh(integration, claim)
    return _account(integration)


def distrust(integration: Integration, *, now: datetime) -> None:
    """This will have the token refreshed before its next use: the platform did not accept it.

    Nothing happens when the account has another token by now than `integration` says.
    """
    _as_used(integration).filter(Q(token_expires_at=integration.token_expires_at), token_expires_at__gt=now).update(
        token_expires_at=now
    )


def disconnect(integration: Integration, *, reason: str) -> None:
    """This will mark the account as needing a person: the platform no longer lets us speak for it.

    Nothing happens when a person has connected it again since `integration` was read.
    """
    now, lost = timezone.now(), {"status": IntegrationStatus.NEEDS_REFRESH, "status_reason": reason[:500]}
    with transaction.atomic():
        if _as_used(integration).active().update(**lost, updated_at=now):
            outbox.disconnected(integration, reason=reason, now=now)
            audit.record(AuditAction.ACCOUNT_DISCONNECTED, integration, workspace=integration.workspace_id, after=lost)


def _refresh(integration: Integration, claim: Claim) -> None:
    refresh = import_string(registry.PLATFORMS[integration.platform].connect.replace(":", "."))
    now = clock.now()
    fenced = refresh_claim.fence(claim, now=now)
    if fenced is None:
        raise _others_turn()
    reach("refresh_sent", integration.id)
    # ---- nothing but this call between the fence and its outcome ----
    try:
        fresh: Tokens = refresh(_account(integration), now=now)
    except Exception as error:
        _failed(fenced, error)
        raise
    reach("refreshed", integration.id)
    if not refresh_claim.store(fenced, fresh, now=now):
        log.warning("A new token of %s came too late and was dropped: the account has moved on", integration)
        raise _others_turn()
    integration.refresh_from_db()


def _failed(claim: Claim, error: Exception) -> None:
    """This will end the claim of a call that gave no tokens, and raise what follows if it is not the error itself."""
    if isinstance(error, NotNow):
        refresh_claim.give_back(claim)
    elif isinstance(error, Disconnected):
        if not refresh_claim.give_back(claim):
            # That was about the old tokens: somebody has put new ones in their place, or is about to.
            raise _others_turn() from error
    else:
        refresh_claim.give_back(claim, unanswered=True)
        if isinstance(error, PublishError):
            # No post is in doubt, only a token: it is sent again when the access token is of no more use.
            raise NotNow(error.message, code="answer_lost", detail=error.detail) from error


def _account(integration: Integration) -> Account:
    if integration.status == IntegrationStatus.DISCONNECTED:
        # Between a worker's look at the account and its use, perhaps.
        raise Disconnected(f"{integration} was disconnected here. Connect it again, then publish once more.")
    return Account(
        integration_id=integration.id,
        platform=integration.platform,
        remote_id=integration.remote_id,
        username=integration.username,
        credentials=integration.credentials,
    )


def _good(integration: Integration, *, now: datetime, margin: timedelta) -> Account | None:
    """The account, if its token is good for a while; None when it must be refreshed."""
    if isinstance(integration.credentials, Unreadable):
        raise NotNow(
            f"The credentials of {integration} cannot be read: the key they were encrypted with is missing from "
            "CREDENTIAL_KEYS. Put it back, or connect the account again.",
            code="credentials_unreadable",
        )
    if refresh_claim.may_be_spent(integration):
        # To send that token again may end this access, so it is used as long as it lasts.
        margin = timedelta(0)
    if integration.token_expires_at is None or now < integration.token_expires_at - margin:
        return _account(integration)
    return None


def _others_turn() -> NotNow:
    return NotNow(
        "Another worker is renewing this account's access; it goes on in a moment.",
        code="token_refreshing",
        retry_after=COME_BACK,
        waiting=True,
    )


def _cut_off(integration: Integration) -> Disconnected:
    label = registry.PLATFORMS[integration.platform].label
    return Disconnected(
        f"Renewing the access to {integration.username} at {label} was cut off half-way: {label} may have taken the "
        "one-time token, and the new one never reached us. Connect the account again."
    )


def _as_used(integration: Integration) -> IntegrationQuerySet:
    """The row, unless a person has connected the account again since."""
    return Integration.objects.filter(id=integration.id, connected_at=integration.connected_at)
