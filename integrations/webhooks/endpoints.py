"""Endpoints of other programs: made, changed, given a new secret, disabled, removed."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from integrations import audit, outbox
from integrations.models import AuditAction, EventType, WebhookDeliveryStatus, WebhookEndpoint, Workspace
from openpost.api.errors import refuse
from openpost.fetching import Unfetchable, require_fetchable

from .signing import new_secret

#: How many a workspace may have.
MOST = 20
#: For how long the secret before the last is good when nobody says otherwise, and at most.
OVERLAP = timedelta(days=1)
LONGEST_OVERLAP = timedelta(days=30)
#: An endpoint is disabled when nothing has reached it for this long (publishing/webhooks/outcome.py).
GIVEN_UP_AFTER = timedelta(days=3)
#: Secrets that are good at one time: what is sent is signed with each.
MOST_SECRETS = 5

#: What the audit log says of an endpoint: never its secrets.
_ON_RECORD = ("url", "description", "events", "disabled_at")
#: How an endpoint goes, when nothing is known of it.
_UNTRIED: dict[str, Any] = {"quick": False, "failures": 0, "failing_since": None, "resting_until": None}


def schemes() -> tuple[str, ...]:
    """What an address may begin with."""
    return ("https", "http") if settings.WEBHOOKS_TO_LOOPBACK else ("https",)


@transaction.atomic
def create(
    *, workspace: Workspace, url: str, events: Collection[str] = (), description: str = ""
) -> tuple[WebhookEndpoint, str]:
    """This will make an endpoint and give its secret beside it: the only moment at which that can be seen."""
    _require_address(url)
    # Two at once must not both find the last place free.
    Workspace.objects.select_for_update(no_key=True).get(id=workspace.id)
    if workspace.webhooks.count() >= MOST:
        raise refuse("too_many_webhooks", f"A workspace has at most {MOST} webhooks; delete one first.", status=409)
    secret = new_secret()
    endpoint = workspace.webhooks.create(url=url, events=_in_order(events), description=description, secrets=[secret])
    audit.record(AuditAction.WEBHOOK_CREATED, endpoint, workspace=workspace, after=audit.state(endpoint, *_ON_RECORD))
    return endpoint, secret


@transaction.atomic
def change(
    *,
    endpoint: WebhookEndpoint,
    url: str | None = None,
    events: Collection[str] | None = None,
    description: str | None = None,
    enabled: bool | None = None,
    now: datetime,
) -> WebhookEndpoint:
    """This will change what is not None. A new address, or being enabled again, makes what was known of it void."""
    endpoint = lock(endpoint.id)
    before = audit.state(endpoint, *_ON_RECORD)
    changes: dict[str, Any] = {}
    if url is not None and url != endpoint.url:
        _require_address(url)
        changes |= {"url": url, **_UNTRIED}
    if events is not None and _in_order(events) != endpoint.events:
        changes["events"] = _in_order(events)
    if description is not None and description != endpoint.description:
        changes["description"] = description
    if enabled and endpoint.disabled_at:
        changes |= {"disabled_at": None, "disabled_reason": "", **_UNTRIED}
    if changes:
        WebhookEndpoint.objects.filter(id=endpoint.id).update(**changes, updated_at=now)
    if enabled is False:
        disable(endpoint, reason="It was switched off.", now=now)
    endpoint.refresh_from_db()
    after = audit.state(endpoint, *_ON_RECORD)
    audit.change(AuditAction.WEBHOOK_CHANGED, endpoint, workspace=endpoint.workspace_id, before=before, after=after)
    return endpoint


@transaction.atomic
def rotate_secret(
    *, endpoint: WebhookEndpoint, overlap: timedelta = OVERLAP, now: datetime
) -> tuple[WebhookEndpoint, str]:
    """This will give a new secret. What is sent until `overlap` is over is signed with the one before it, too.

    Those before that stay as long as they were to, but no longer than this one: whoever lost an answer can ask again,
    and an overlap of nothing ends them all.
    """
    endpoint = lock(endpoint.id)
    ends, secret = now + overlap, new_secret()
    lives = [(old, min(until or ends, ends)) for old, until in _secrets(endpoint)]
    kept = [(old, until) for old, until in lives if now < until]
    if len(kept) == MOST_SECRETS:
        raise refuse(
            "too_many_secrets",
            f"{MOST_SECRETS} secrets of this webhook are good already; an overlap_seconds of 0 ends them.",
            field="/overlap_seconds",
            status=409,
        )
    endpoint.secrets = [secret, *(old for old, _ in kept)]
    endpoint.previous_secret_until = ends
    endpoint.older_secrets_until = [until for _, until in kept[1:]]
    endpoint.save(update_fields=["secrets", "previous_secret_until", "older_secrets_until", "updated_at"])
    until = audit.state(endpoint, "previous_secret_until")
    audit.record(AuditAction.WEBHOOK_SECRET_ROTATED, endpoint, workspace=endpoint.workspace_id, after=until)
    return endpoint, secret


@transaction.atomic
def delete(*, endpoint: WebhookEndpoint) -> None:
    """This will remove an endpoint and its log. What is being sent to it at this moment may still arrive."""
    # Before its deliveries are touched: a worker locks in the same order.
    held = WebhookEndpoint.objects.select_for_update().get(id=endpoint.id)
    was = audit.state(held, *_ON_RECORD)
    audit.record(AuditAction.WEBHOOK_DELETED, held, workspace=held.workspace_id, before=was)
    held.delete()


def disable(endpoint: WebhookEndpoint, *, reason: str, now: datetime) -> bool:
    """This will send nothing more to a locked endpoint and tell the others. False when it was disabled already.

    What it was still to get has failed, and can be sent again once it is enabled.
    """
    enabled = WebhookEndpoint.objects.filter(id=endpoint.id, disabled_at=None)
    if not enabled.update(disabled_at=now, disabled_reason=reason, updated_at=now):
        return False
    endpoint.deliveries.filter(status=WebhookDeliveryStatus.PENDING).update(
        status=WebhookDeliveryStatus.FAILED,
        due_at=None,
        in_hand=False,
        error_code="webhook_disabled",
        error_message="The webhook was disabled before this could be delivered.",
    )
    why = {"disabled_reason": reason}
    audit.record(AuditAction.WEBHOOK_DISABLED, endpoint, workspace=endpoint.workspace_id, after=why)
    data = {"webhook_id": str(endpoint.id), "url": endpoint.url, "reason": reason}
    outbox.emit(EventType.WEBHOOK_DISABLED, data, workspace_id=endpoint.workspace_id, subject=endpoint.id, now=now)
    return True


def good_secrets(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """The secrets to sign with now, the newest first; none when no key of ours opens them."""
    return [secret for secret, until in _secrets(endpoint) if until is None or now < until]


def _secrets(endpoint: WebhookEndpoint) -> list[tuple[str, datetime | None]]:
    """Each secret with the time at which it ends, the newest first, which does not."""
    until = [None, endpoint.previous_secret_until, *endpoint.older_secrets_until]
    return list(zip(endpoint.secrets, until, strict=False))


def lock(endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """This will hold an endpoint, and with it all its deliveries' outcomes, until the transaction ends."""
    return WebhookEndpoint.objects.select_for_update(no_key=True).get(id=endpoint_id)


def _in_order(events: Collection[str]) -> list[str]:
    """Each once, in the order of the documentation."""
    return [name for name in EventType.values if name in events]


def _require_address(url: str) -> None:
    """This will refuse what can be seen to be no address to call; what a name stands for is looked at in each call."""
    if any(char.isspace() or not char.isprintable() for char in url):
        raise refuse("invalid_address", "url must be an address without spaces.", field="/url")
    try:
        require_fetchable(url, schemes(), loopback=settings.WEBHOOKS_TO_LOOPBACK)
    except Unfetchable as error:
        raise refuse(error.code, error.sentence, field="/url") from error
