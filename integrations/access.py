"""How long we may speak for an account, as far as that can be known beforehand."""

from datetime import datetime

from . import refresh_claim
from .models import Integration
from .platforms import registry
from .platforms.base import Problem


def access_ending(integration: Integration, *, at: datetime) -> Problem | None:
    """This will warn when our access to the account may have ended at `at`; None when nothing speaks for that."""
    ends = _ends(integration)
    if ends is None or at < ends:
        return None
    return Problem(
        code="access_may_end",
        message=f"Our access to {integration.username} may end on {ends:%Y-%m-%d} and the post is due later. "
        "Connect the account again before, or it may not go out.",
        field="/schedule_at",
        details={"platform": integration.platform},
    )


def _ends(integration: Integration) -> datetime | None:
    """When our access ends unless it is renewed; None when it does not end, or nobody knows when."""
    if integration.token_expires_at is None:
        return None
    if refresh_claim.may_be_spent(integration):
        return integration.token_expires_at
    lasts = registry.PLATFORMS[integration.platform].access_lasts
    renewed = max(integration.connected_at, integration.refreshed_at or integration.connected_at)
    return renewed + lasts if lasts else None
