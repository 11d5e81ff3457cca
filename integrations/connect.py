"""Connecting accounts, letting go of them, and making workspaces: the verbs that API, admin and commands share."""

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from openpost.celery import hint

from . import asking, audit, outbox
from .avatars import kept
from .models import AuditAction, Integration, IntegrationStatus, Mode, Workspace
from .platforms import registry
from .platforms.base import Rules
from .platforms.client import Account
from .platforms.connecting import Connection
from .platforms.errors import PublishError

log = logging.getLogger(__name__)

AVATAR_TASK = "integrations.avatar"
#: What the audit log says of an account: never its credentials.
ON_RECORD = ("platform", "username", "status", "status_reason", "premium")


class CannotConnect(Exception):
    """No account of this platform can be connected to this workspace: `code` and sentence say why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def require_connectable(rules: Rules) -> None:
    """This will raise CannotConnect for a platform whose accounts exist in sandbox workspaces only."""
    if not rules.client:
        raise CannotConnect(
            "platform_not_available",
            f"{rules.label} cannot be connected yet: nothing here speaks to it. "
            "A sandbox workspace has an account of it.",
        )


def require_live(workspace: Workspace) -> None:
    """This will raise CannotConnect for a workspace that reaches no real platform."""
    if workspace.is_sandbox:
        raise CannotConnect(
            "sandbox_workspace",
            f"{workspace} is a sandbox workspace: it comes with its accounts; real ones belong in a live workspace.",
        )


@transaction.atomic
def connect(*, workspace: Workspace, platform: str, connection: Connection, now: datetime) -> Integration:
    """This will connect a verified account, or connect it again: its id, its posts and its history stay.

    What the platform left out of its answer stays as it was, too. Raises CannotConnect.
    """
    require_connectable(registry.PLATFORMS[platform])
    require_live(workspace)
    account = {"workspace": workspace, "platform": platform, "remote_id": connection.remote_id}
    fresh: dict[str, Any] = {
        "username": connection.username,
        "status": IntegrationStatus.ACTIVE,
        "status_reason": "",
        "token_expires_at": connection.tokens.expires_at,
        "refresh_lease_until": None,
        "refresh_sent": False,
        "resting_until": None,
        "avatar_due_at": now,
        "connected_at": now,
    }
    # The row is there and ours from here on, whoever else connects the same account at this moment.
    integration, made = Integration.objects.select_for_update().get_or_create(**account, defaults=fresh)
    was = {} if made else audit.state(integration, *ON_RECORD)
    said = {name: value for name, value in connection.tokens.credentials.items() if value}
    fresh["credentials"] = {**integration.credentials, **said}
    fresh["display_name"] = connection.display_name or integration.display_name
    for field, value in fresh.items():
        setattr(integration, field, value)
    integration.save(update_fields=[*fresh, "updated_at"])
    outbox.connected(integration, now=now)
    now_is = audit.state(integration, *ON_RECORD)
    audit.record(AuditAction.ACCOUNT_CONNECTED, integration, workspace=workspace, before=was, after=now_is)
    # A worker looks for the account's picture. Robust: whatever the broker says, the account is connected.
    transaction.on_commit(lambda: hint(AVATAR_TASK, str(integration.id), queue="celery"), robust=True)
    return integration


def disconnect(*, integration: Integration, by: str, now: datetime) -> bool | None:
    """This will let go of an account: its credentials and its picture are forgotten, its posts stay, and it can be
    connected again.

    Gives whether the platform has ended our access too: None when it was not asked.
    """
    with transaction.atomic():
        row = Integration.objects.filter(id=integration.id)
        held = row.select_related("workspace").select_for_update(of=("self",)).get()
        if held.status == IntegrationStatus.DISCONNECTED:
            return None
        reason = f"Disconnected by {by}."[:500]
        row.update(
            status=IntegrationStatus.DISCONNECTED,
            status_reason=reason,
            credentials={},
            token_expires_at=None,
            # An empty lease takes the right to store a new pair from whoever is refreshing.
            refresh_lease_until=None,
            refresh_sent=False,
            resting_until=None,
            avatar="",
            avatar_due_at=None,
            updated_at=now,
        )
        # One that cannot be removed now is found by `sweep_media`.
        transaction.on_commit(lambda: kept.remove(held.avatar), robust=True)
        outbox.disconnected(held, reason=reason, now=now)
        _disconnected(held)
    return _revoke(held)


def _disconnected(held: Integration) -> None:
    was = audit.state(held, *ON_RECORD)
    now_is = audit.state(Integration.objects.defer("credentials").get(id=held.id), *ON_RECORD)
    audit.record(AuditAction.ACCOUNT_DISCONNECTED, held, workspace=held.workspace_id, before=was, after=now_is)


def _revoke(integration: Integration) -> bool | None:
    """This will ask the platform to end our access; ours is over whatever it says."""
    revoke = registry.PLATFORMS[integration.platform].revoke
    if not revoke or not integration.credentials or integration.workspace.is_sandbox:
        return None
    account = Account(
        integration_id=integration.id,
        platform=integration.platform,
        remote_id=integration.remote_id,
        username=integration.username,
        credentials=integration.credentials,
    )
    try:
        with asking.place(integration.workspace_id):
            import_string(revoke.replace(":", "."))(account)
    except PublishError as error:
        log.warning("Our access to %s could not be ended at the platform: %s", integration, error.message)
        return False
    return True


@transaction.atomic
def reconnect_sandbox(*, integration: Integration, now: datetime) -> bool:
    """This will make a sandbox account active again after `#sandbox-revoked`. False for a live account."""
    back = Integration.objects.filter(id=integration.id, workspace__mode=Mode.SANDBOX).update(
        status=IntegrationStatus.ACTIVE,
        status_reason="",
        refresh_lease_until=None,
        refresh_sent=False,
        resting_until=None,
        connected_at=now,
        updated_at=now,
    )
    if back:
        outbox.connected(integration, now=now)
        audit.record(AuditAction.ACCOUNT_CONNECTED, integration, workspace=integration.workspace_id)
    return bool(back)


@transaction.atomic
def mark_premium(*, integration: Integration, premium: bool) -> None:
    """This will say whether the account pays its platform for more: what we cannot see ourselves."""
    row = Integration.objects.filter(id=integration.id)
    if row.exclude(premium=premium).update(premium=premium, updated_at=timezone.now()):
        audit.record(
            AuditAction.ACCOUNT_CHANGED,
            integration,
            workspace=integration.workspace_id,
            before={"premium": not premium},
            after={"premium": premium},
        )


#: What may be changed of a workspace: never its mode, since what was written for the sandbox must stay there.
_SETTINGS = ("name", "timezone", "late_limit", "needs_approval")


@transaction.atomic
def change_workspace(*, workspace: Workspace, changes: Mapping[str, Any]) -> None:
    """This will change a workspace's settings; `changes` are some of its name, timezone, late_limit, needs_approval."""
    held = Workspace.objects.select_for_update(no_key=True).get(id=workspace.id)
    before = audit.state(held, *_SETTINGS)
    for name in _SETTINGS:
        if name in changes:
            setattr(held, name, changes[name])
    held.save(update_fields=_SETTINGS)
    audit.change(
        AuditAction.WORKSPACE_CHANGED, held, workspace=held, before=before, after=audit.state(held, *_SETTINGS)
    )


@transaction.atomic
def create_workspace(*, name: str, mode: Mode, timezone: str = "UTC", now: datetime) -> Workspace:
    """This will make a workspace; a sandbox one comes with one account per platform."""
    workspace = Workspace.objects.create(name=name, mode=mode, timezone=timezone)
    made = audit.state(workspace, *_SETTINGS, "mode")
    audit.record(AuditAction.WORKSPACE_CREATED, workspace, workspace=workspace, after=made)
    if mode == Mode.SANDBOX:
        Integration.objects.bulk_create(
            Integration(
                workspace=workspace,
                platform=platform,
                remote_id=f"sandbox-{uuid.uuid4().hex[:12]}",
                username="sandbox",
                display_name=f"Sandbox {rules.label}",
                avatar_due_at=None,
                connected_at=now,
            )
            for platform, rules in registry.PLATFORMS.items()
        )
    return workspace
