"""Connecting accounts and making workspaces: the verbs that API, admin and commands share."""

import uuid
from datetime import datetime

from django.db import transaction

from .models import Integration, IntegrationStatus, Mode, Workspace
from .platforms import registry
from .platforms.connecting import Connection


class CannotConnect(Exception):
    """Nothing here speaks to the platform yet: its accounts exist in sandbox workspaces only."""

    def __init__(self, platform: str) -> None:
        super().__init__(
            f"{platform} cannot be connected yet: nothing here speaks to it. A sandbox workspace has an account of it."
        )


@transaction.atomic
def connect(*, workspace: Workspace, platform: str, connection: Connection, now: datetime) -> Integration:
    """This will connect a verified account, or connect it again: its id, its posts and its history stay.

    Raises CannotConnect for a platform without a client.
    """
    rules = registry.PLATFORMS[platform]
    if not rules.client:
        raise CannotConnect(rules.label)
    integration, _ = Integration.objects.update_or_create(
        workspace=workspace,
        platform=platform,
        remote_id=connection.remote_id,
        defaults={
            "username": connection.username,
            "display_name": connection.display_name,
            "status": IntegrationStatus.ACTIVE,
            "status_reason": "",
            "credentials": dict(connection.tokens.credentials),
            "token_expires_at": connection.tokens.expires_at,
            "refresh_lease_until": None,
            "refresh_sent": False,
            "resting_until": None,
            "connected_at": now,
        },
    )
    return integration


def reconnect_sandbox(*, integration: Integration, now: datetime) -> bool:
    """This will make a sandbox account active again after `#sandbox-revoked`. False for a live account."""
    return bool(
        Integration.objects.filter(id=integration.id, workspace__mode=Mode.SANDBOX).update(
            status=IntegrationStatus.ACTIVE,
            status_reason="",
            refresh_lease_until=None,
            refresh_sent=False,
            resting_until=None,
            connected_at=now,
            updated_at=now,
        )
    )


@transaction.atomic
def create_workspace(*, name: str, mode: Mode, timezone: str = "UTC", now: datetime) -> Workspace:
    """This will make a workspace; a sandbox one comes with one account per platform."""
    workspace = Workspace.objects.create(name=name, mode=mode, timezone=timezone)
    if mode == Mode.SANDBOX:
        Integration.objects.bulk_create(
            Integration(
                workspace=workspace,
                platform=platform,
                remote_id=f"sandbox-{uuid.uuid4().hex[:12]}",
                username="sandbox",
                display_name=f"Sandbox {rules.label}",
                connected_at=now,
            )
            for platform, rules in registry.PLATFORMS.items()
        )
    return workspace
