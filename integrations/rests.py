"""Leaving an account, or a whole platform, alone for a while: the platform asked for it, or money ran out there.

What rests costs no worker anything: the dispatcher passes it by, and it goes on by itself.
"""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from openpost.written_once import WrittenOnce

from . import audit
from .models import AuditAction, Integration, PlatformRest
from .platforms import registry
from .platforms.errors import NotNow

_LASTING = WrittenOnce(
    lambda platform, now: PlatformRest.objects.lasting(now=now).filter(platform=platform),
    "platform",
    datetime(2000, 1, 1, tzinfo=UTC),
)


def rest_account(integration: Integration, *, until: datetime) -> None:
    """This will leave the account alone until then, or longer if that was asked for already."""
    shorter = Q(resting_until=None) | Q(resting_until__lt=until)
    Integration.objects.filter(shorter, id=integration.id).update(resting_until=until)


def rest_platform(integration: Integration, *, until: datetime, code: str, reason: str, now: datetime) -> None:
    """This will leave the account's whole platform alone until then: what is wrong concerns our app there.

    A sandbox account says nothing of the real platform.
    """
    if integration.workspace.is_sandbox:
        return
    # One that is over is another story: its beginning is not this one's.
    PlatformRest.objects.filter(platform=integration.platform, until__lte=now).delete()
    PlatformRest.objects.update_or_create(
        platform=integration.platform,
        defaults={"until": until, "code": code, "reason": reason[:1000]},
        create_defaults={"until": until, "code": code, "reason": reason[:1000], "since": now},
    )


@transaction.atomic
def go_on(platform: str) -> bool:
    """This will end a platform's rest before its time: whoever runs the service has put its cause right.

    False when it does not rest any more. Should the cause still be there, the next post makes it rest again.
    """
    rest = PlatformRest.objects.select_for_update().filter(platform=platform).first()
    if rest is None:
        return False
    audit.record(
        AuditAction.PLATFORM_WENT_ON, rest, workspace=None, before=audit.state(rest, "until", "code", "reason", "since")
    )
    rest.delete()
    return True


def require_awake(integration: Integration, *, now: datetime) -> None:
    """This will raise NotNow while the account or its platform rests: it only stands in line."""
    if integration.resting_until and integration.resting_until > now:
        raise _resting(
            "account_resting",
            f"{integration} is resting, as the platform asked; it goes on by itself.",
            integration.resting_until - now,
        )
    for resting in () if integration.workspace.is_sandbox else _LASTING(integration.platform, now):
        label = registry.PLATFORMS[integration.platform].label
        raise _resting("platform_resting", f"{label} is resting: {resting.reason}", resting.until - now)


def _resting(code: str, message: str, wait: timedelta) -> NotNow:
    return NotNow(message, code=code, retry_after=wait, waiting=True)
