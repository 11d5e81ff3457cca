"""`Authorization: Bearer <key>`: which workspace a request speaks for, and whether its key may do that."""

import hmac
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.db import connection
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from openpost import acting
from openpost.acting import Actor, Kind
from openpost.api.errors import refuse
from openpost.written_once import WrittenOnce

from .models import ApiKey, Scope, Workspace
from .models.api_key import digest

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which loads this module by its name in the settings

_USABLE = WrittenOnce(
    lambda now, key_hash: ApiKey.objects.usable(now=now).select_related("workspace").filter(key_hash=key_hash),
    datetime(2000, 1, 1, tzinfo=UTC),
    "hash",
)
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
    def tenant_id(self) -> uuid.UUID:
        """Whose the caller's things are, and with `key_id` all that the frame knows (openpost/api/caller.py)."""
        return self.key.workspace_id

    @property
    def key_id(self) -> uuid.UUID:
        return self.key.id

    @property
    def name(self) -> str:
        """What a post's timeline says of who did something: the key's name and hint, never the key."""
        return f"API key “{self.key.name}” ({self.key.hint})"


def caller(request: Request) -> Caller:
    """This will give the program behind the request: there is no other authentication under /v1."""
    return cast("Caller", request.user)


class ApiKeyAuthentication(BaseAuthentication):
    """One indexed query by the key's hash; how long that takes says nothing of the key."""

    def authenticate(self, request: Request) -> tuple[Caller, ApiKey]:
        match = _BEARER.match(request.headers.get("Authorization", "").strip())
        if not match:
            raise AuthenticationFailed
        now, wanted = timezone.now(), digest(match[1])
        key = next(iter(_USABLE(now, wanted)), None)
        if key is None or not hmac.compare_digest(key.key_hash, wanted):
            raise AuthenticationFailed
        _used(key, now=now)
        caller = Caller(key)
        acting.become(Actor(Kind.KEY, str(key.id), caller.name, acting.current().address))
        return caller, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """Whether the key may do what the request asks: `needs` of the view, else `read` to look and `write` for the rest.

    A view that `needs` None takes every key; `needs_too` is wanted beside that, whatever is asked.

    The one place where scopes are enforced.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.user, Caller):
            return False
        by_method = Scope.READ if request.method in SAFE_METHODS else Scope.WRITE
        wanted: list[Scope | None] = [getattr(view, "needs", by_method), getattr(view, "needs_too", None)]
        held = request.user.key.scopes
        needed = next((one for one in wanted if one is not None and one not in held), None)
        if needed is not None:
            refusal = refuse(
                "insufficient_scope",
                f"This takes a key with the scope “{needed}”; this one has {_listed(held)}.",
                status=403,
                required_scope=needed.value,
            )
            # https://www.rfc-editor.org/rfc/rfc6750#section-3.1
            refusal.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{needed}"'
            raise refusal
        return True


def _listed(scopes: list[str]) -> str:
    return " and ".join(f"“{scope}”" for scope in scopes)


def _used(key: ApiKey, *, now: datetime) -> None:
    """This will note the use. Another request that is just noting the same is not waited for, nor a verb on the key."""
    stale = now - _USED_EVERY
    if key.last_used_at is None or key.last_used_at < stale:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE_USE, {"id": key.id, "now": now, "stale": stale})


_NOTE_USE = """
    UPDATE integrations_apikey SET last_used_at = %(now)s WHERE id = (
        SELECT id FROM integrations_apikey
         WHERE id = %(id)s AND (last_used_at IS NULL OR last_used_at < %(stale)s)
           FOR NO KEY UPDATE SKIP LOCKED
    )
"""
