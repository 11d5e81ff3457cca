"""Admin of this room, one file per subject. Django finds the registrations here."""

from . import accounts, api_keys, sandbox, workspaces
from .shared import PlatformFilter, WorkspaceFilter, account_link, label_of

__all__ = [
    "PlatformFilter",
    "WorkspaceFilter",
    "account_link",
    "accounts",
    "api_keys",
    "label_of",
    "sandbox",
    "workspaces",
]
