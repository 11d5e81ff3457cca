"""API keys: made, changed, rotated, revoked. The verbs that API, admin and commands share."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Least
from django.utils import timezone

from openpost.api.errors import refuse

from . import audit
from .models import ApiKey, AuditAction, Scope, Workspace
from .models.api_key import ORDINARY, digest

#: The longest time for which an old key may go on beside the one that takes its place.
LONGEST_OVERLAP = timedelta(days=30)
#: How long it goes on when nobody says otherwise.
OVERLAP = timedelta(days=1)
#: The longest life that a key hands on: a date need not be one that can be reached.
LONGEST_LIFE = timedelta(days=365 * 1000)
#: Keys of a workspace that are good at the same time.
MOST = 200


class CannotRotate(Exception):
    """The key has been rotated before, or its life is over."""

    def __init__(self) -> None:
        super().__init__(
            "This key cannot be rotated: it was rotated already, or it has expired or been revoked. Make a new key."
        )


#: What the audit log says of a key: all but what would help somebody to find it.
_ON_RECORD = ("name", "hint", "scopes", "expires_at", "rotated_at", "revoked_at")


@transaction.atomic
def create_key(
    *, workspace: Workspace, name: str, scopes: Collection[str] = ORDINARY, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """This will make a key and give it beside its row: the only moment at which it can be seen.

    Raises a 409 when the workspace has MOST that are good, whoever asks.
    """
    _require_room(workspace)
    key = ApiKey.generate(workspace)
    row = ApiKey.objects.create(
        workspace=workspace,
        name=name,
        hint=f"{key[:12]}…{key[-4:]}",
        key_hash=digest(key),
        scopes=_in_order(scopes),
        expires_at=expires_at,
    )
    audit.record(AuditAction.KEY_CREATED, row, workspace=workspace, after=audit.state(row, *_ON_RECORD))
    return row, key


@transaction.atomic
def change_key(*, api_key: ApiKey, name: str | None = None, scopes: Collection[str] | None = None) -> None:
    """This will give a key another name or other scopes; both hold from the next request on."""
    changes = {"name": name, "scopes": None if scopes is None else _in_order(scopes)}
    changes = {field: value for field, value in changes.items() if value is not None}
    if changes:
        with _on_record(AuditAction.KEY_CHANGED, api_key):
            ApiKey.objects.filter(id=api_key.id).update(**changes)


@transaction.atomic
def rotate_key(*, api_key: ApiKey, overlap: timedelta, now: datetime) -> tuple[ApiKey, str]:
    """This will make a key to take the place of another, which goes on until `overlap` has passed.

    The new one may do what the old one may, and lives as long as that was meant to. Raises CannotRotate, and a 409
    when both would be good and there is no room for one more.
    """
    lifetime = min(api_key.expires_at - api_key.created_at, LONGEST_LIFE) if api_key.expires_at else None
    _hold(api_key.workspace)  # before the key, as whoever closes a workspace does
    ends = Least("expires_at", Value(now + overlap))  # PostgreSQL's LEAST passes over NULL
    rotated = ApiKey.objects.usable(now=now).filter(id=api_key.id, rotated_at=None)
    with _on_record(AuditAction.KEY_ROTATED, api_key):
        if not rotated.update(rotated_at=now, expires_at=ends):
            raise CannotRotate
    api_key.refresh_from_db()
    return create_key(
        workspace=api_key.workspace,
        name=api_key.name,
        scopes=api_key.scopes,
        expires_at=now + lifetime if lifetime else None,
    )


@transaction.atomic
def revoke_key(*, api_key: ApiKey, now: datetime) -> None:
    """This will end a key at once; a key already revoked keeps its time."""
    with _on_record(AuditAction.KEY_REVOKED, api_key):
        ApiKey.objects.filter(id=api_key.id, revoked_at=None).update(revoked_at=now)


def _hold(workspace: Workspace) -> None:
    """This will let nobody else make a key here until the transaction ends: the last place is not taken twice."""
    Workspace.objects.select_for_update(no_key=True).get(id=workspace.id)


def _require_room(workspace: Workspace) -> None:
    _hold(workspace)
    if ApiKey.objects.usable(now=timezone.now()).filter(workspace=workspace).count() >= MOST:
        raise refuse(
            "too_many_keys", f"A workspace has at most {MOST} keys that are good; revoke one first.", status=409
        )


@contextmanager
def _on_record(action: AuditAction, api_key: ApiKey) -> Iterator[None]:
    """This will put on record what the block changes of a key, which nobody else changes meanwhile."""
    row = ApiKey.objects.select_for_update(no_key=True).get(id=api_key.id)
    before = audit.state(row, *_ON_RECORD)
    yield
    row.refresh_from_db()
    audit.change(action, row, workspace=row.workspace_id, before=before, after=audit.state(row, *_ON_RECORD))


def _in_order(scopes: Collection[str]) -> list[str]:
    """Each once, in the order people read them."""
    return [scope for scope in Scope.values if scope in scopes]
