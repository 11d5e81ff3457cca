"""Who may send an account's refresh token: two columns of its row say it, and conditional UPDATEs alone change them.

| refresh_lease_until | refresh_sent | What it says                                                                    |
| ------------------- | ------------ | ------------------------------------------------------------------------------- |
| empty               | no           | Nobody refreshes.                                                               |
| ahead               | no           | A process has claimed the refresh and has not sent the token yet.               |
| passed              | no           | That process died, or stands still before its fence: the refresh is free again. |
| ahead               | yes          | The token is on its way.                                                        |
| passed              | yes          | Cut off: no word came back. A token that works once is never sent again. Only   |
|                     |              | who sent it, and was merely slow, may still store its pair. Others are free.    |
| empty               | yes          | The call is over and was not answered: the token may be spent. It is sent again |
|                     |              | when nothing can be lost by that: when the access token has come to its end.    |

The lease is what proves a claim: whoever finds another one in the row has lost it. A person who connects the account
anew empties both columns, and so ends every claim.
"""

import dataclasses
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from openpost.persistence import persistently

from . import audit, outbox
from .models import AuditAction, Integration, IntegrationStatus, Mode
from .models.integration import IntegrationQuerySet
from .platforms import registry
from .platforms.connecting import Tokens

#: From the claim to the fence: a library may have to be loaded in between.
CLAIM_LEASE = timedelta(seconds=15)
#: From the fence to the answer: longer than any `connect.refresh` can take.
SENT_LEASE = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to refresh one account, as it was connected at that time, while `lease` stands in its row."""

    integration_id: uuid.UUID
    connected_at: datetime
    lease: datetime


def take(integration: Integration, *, now: datetime) -> Claim | None:
    """This will claim the refresh; None when it is another's, or nobody's any more."""
    lapsed = Q(refresh_lease_until__lt=now)
    if _works_once(integration):
        lapsed &= Q(refresh_sent=False)
    claim = Claim(integration.id, integration.connected_at, now + CLAIM_LEASE)
    free = _row(claim).filter(Q(refresh_lease_until=None) | lapsed)
    return claim if free.update(refresh_lease_until=claim.lease, refresh_sent=False) else None


def fence(claim: Claim, *, now: datetime) -> Claim | None:
    """This will say in the row that the token is being sent. Call it right before. None: the claim is lost."""
    sent = dataclasses.replace(claim, lease=now + SENT_LEASE)
    # When the database's answer was lost, the first try may have set it.
    ours = _row(claim).filter(refresh_lease_until__in=[claim.lease, sent.lease])
    return sent if persistently(lambda: ours.update(refresh_lease_until=sent.lease, refresh_sent=True)) else None


def give_back(claim: Claim, *, unanswered: bool = False) -> bool:
    """This will end the claim. `unanswered`: the token may be spent all the same. False: the claim was lost before."""
    return bool(persistently(lambda: _held(claim).update(refresh_lease_until=None, refresh_sent=unanswered)))


def store(claim: Claim, tokens: Tokens, *, now: datetime) -> bool:
    """This will keep the new pair and end the claim. False: the account has moved on, and nothing is kept.

    An account that was given up meanwhile, since no word came, is active again; one that a person disconnected is not.
    """
    return persistently(lambda: _store(claim, tokens, now=now))


@transaction.atomic
def _store(claim: Claim, tokens: Tokens, *, now: datetime) -> bool:
    held = _held(claim).defer("credentials").select_for_update(no_key=True).first()
    if held is None:
        return False
    given_up = held.status == IntegrationStatus.NEEDS_REFRESH
    _held(claim).update(
        credentials=dict(tokens.credentials),
        token_expires_at=tokens.expires_at,
        refresh_lease_until=None,
        refresh_sent=False,
        refreshed_at=now,
        updated_at=now,
        **({"status": IntegrationStatus.ACTIVE, "status_reason": ""} if given_up else {}),
    )
    if given_up:
        outbox.connected(held, now=now)
        audit.record(AuditAction.ACCOUNT_CONNECTED, held, workspace=held.workspace_id)
    return True


def doubt_all(*, now: datetime) -> int:
    """This will hold every token that works once for one that may be spent: ours may be older than the platform's."""
    once = [name for name, rules in registry.PLATFORMS.items() if rules.refresh_works_once]
    doubted = Integration.objects.active().filter(platform__in=once, workspace__mode=Mode.LIVE)
    return doubted.update(refresh_lease_until=None, refresh_sent=True, updated_at=now)


def may_be_spent(integration: Integration) -> bool:
    """Whether a token that works once was sent and no word has come back, as far as this object knows its row."""
    return integration.refresh_sent and _works_once(integration)


def is_cut_off(integration: Integration, *, now: datetime) -> bool:
    """Whether there is no hope of a word any more, and the token must not be sent again."""
    lease = integration.refresh_lease_until
    return may_be_spent(integration) and lease is not None and lease < now


def _works_once(integration: Integration) -> bool:
    return registry.PLATFORMS[integration.platform].refresh_works_once


def _row(claim: Claim) -> IntegrationQuerySet:
    """The row, unless a person has connected the account again since."""
    return Integration.objects.filter(id=claim.integration_id, connected_at=claim.connected_at)


def _held(claim: Claim) -> IntegrationQuerySet:
    return _row(claim).filter(refresh_lease_until=claim.lease)
