"""`Authorization: Bearer <key>`: which workspace a request speaks for."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from .models import ApiKey, Workspace
from .models.api_key import digest

_BEARER = re.compile(r"Bearer +(op_(?:live|test)_[A-Za-z0-9_-]{32})\Z", re.IGNORECASE)
#: `last_used_at` is written at most this often.
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """The program behind a request: a key of one workspace, which it never leaves."""

    key: ApiKey
    is_authenticated: bool = True

    @property
    def workspace(self) -> Workspace:
        return self.key.workspace

    @property
    def name(self) -> str:
        """What a post's timeline says of who did something: the key's name and hint, never the key."""
        return f"API key “{self.key.name}” ({self.key.hint})"


class ApiKeyAuthentication(BaseAuthentication):
    """One indexed query by the key's hash; nothing that compares the secret itself."""

    def authenticate(self, request: Request) -> tuple[Caller, ApiKey]:
        match = _BEARER.match(request.headers.get("Authorization", "").strip())
        if not match:
            raise AuthenticationFailed
        now = timezone.now()
        key = ApiKey.objects.usable(now=now).select_related("workspace").filter(key_hash=digest(match[1])).first()
        if key is None:
            raise AuthenticationFailed
        _used(key, now=now)
        return Caller(key), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _used(key: ApiKey, *, now: datetime) -> None:
    if key.last_used_at is None or key.last_used_at < now - _USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _USED_EVERY)
        ApiKey.objects.filter(stale, id=key.id).update(last_used_at=now)
