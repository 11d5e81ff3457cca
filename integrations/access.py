"""Whether we may speak for an account, and how long, as far as that is known without asking its platform."""

from datetime import datetime

from openpost.crypto import Unreadable

from . import refresh_claim, rests
from .models import Integration, IntegrationStatus
from .platforms import registry
from .platforms.base import Problem
from .platforms.errors import NotNow


def access_ending(integration: Integration, *, at: datetime) -> Problem | None:
    """This will warn when our access to the account may have ended at `at`; None when nothing speaks for that."""
    ends = access_ends(integration)
    if ends is None or at < ends:
        return None
    return Problem(
        code="access_may_end",
        message=f"Our access to {integration.username} may end on {ends:%Y-%m-%d} and the post is due later. "
        "Connect the account again before, or it may not go out.",
        field="/schedule_at",
        details={"platform": integration.platform},
    )


def obstacle(integration: Integration, *, now: datetime) -> Problem | None:
    """What keeps us from publishing to the account now; None when nothing that we know of does."""
    if integration.status != IntegrationStatus.ACTIVE:
        why = integration.status_reason or f"{integration} is not connected any more; connect it again."
        return Problem("account_disconnected", why)
    if isinstance(integration.credentials, Unreadable):
        return Problem("credentials_unreadable", "The account's credentials cannot be read. Connect the account again.")
    try:
        rests.require_awake(integration, now=now)
    except NotNow as resting:
        return Problem(resting.code, resting.message)
    return None


def access_ends(integration: Integration) -> datetime | None:
    """When our access ends unless it is renewed; None when it does not end, or nobody knows when."""
    if integration.token_expires_at is None:
        return None
    if refresh_claim.may_be_spent(integration):
        return integration.token_expires_at
    lasts = registry.PLATFORMS[integration.platform].access_lasts
    renewed = max(integration.connected_at, integration.refreshed_at or integration.connected_at)
    return renewed + lasts if lasts else None
