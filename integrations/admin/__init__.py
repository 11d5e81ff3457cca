"""Admin of this room, one file per subject. Django finds the registrations here."""

from . import accounts, api_keys, audit, members, rests, sandbox, users, webhooks, workspaces
from .recording import ServerAdmin
from .shared import IntegrationPlatformFilter, PlatformFilter, account_link, label_of, side_of_code
from .tenancy import ReadOnlyTenantAdmin, ReadOnlyTenantInline, TenantAdmin

__all__ = [
    "IntegrationPlatformFilter",
    "PlatformFilter",
    "ReadOnlyTenantAdmin",
    "ReadOnlyTenantInline",
    "ServerAdmin",
    "TenantAdmin",
    "account_link",
    "accounts",
    "api_keys",
    "audit",
    "label_of",
    "members",
    "rests",
    "sandbox",
    "side_of_code",
    "users",
    "webhooks",
    "workspaces",
]
