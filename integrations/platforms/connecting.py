"""How an account comes to us: the shape of every `connect.py`. Loaded by workers and connect commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Tokens:
    """Credentials as a platform gave them, ready to be encrypted; `expires_at` is None for those that never end."""

    credentials: Mapping[str, Any] = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Connection:
    """A verified account: who it is at the platform, and the tokens that let us speak for it."""

    remote_id: str
    username: str
    display_name: str
    tokens: Tokens
