"""The audit log: each verb that a person or key may call puts on record what it changed, in its own transaction.

Who acted, and from where, is known from the request (openpost/acting.py). Written by the verbs and not by signals or
a library of them: our verbs are conditional UPDATEs, for which Django sends none. What the machine writes to do its
work (attempts, leases, tokens) is evidence in the ledger, and no change to put on record here.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.models import Count

from openpost import acting

from .models import AuditAction, AuditEntry, Workspace

#: A row as the audit log says it: names of fields and JSON values, never a secret.
State = Mapping[str, Any]

#: What nobody forgets (0020_the_audit_log_is_pruned_openly.py).
KEPT_AT_LEAST = timedelta(days=90)

_encoder = DjangoJSONEncoder()


def record(
    action: AuditAction,
    subject: models.Model | None,
    *,
    workspace: Workspace | uuid.UUID | None,
    before: State | None = None,
    after: State | None = None,
    called: str = "",
) -> None:
    """This will put a change on record, if the caller's transaction is committed. Only what differs is kept.

    `called` names the subject; without it, its own words do.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{action} must be put on record in the transaction of what it tells of")
    was, is_ = _differing(before or {}, after or {})
    who = acting.current()
    AuditEntry.objects.create(
        workspace_id=workspace.id if isinstance(workspace, Workspace) else workspace,
        actor_kind=who.kind,
        actor_id=who.id,
        actor_name=who.name[:255],
        address=who.address or None,
        action=action,
        subject_type=(subject._meta.model_name or "") if subject else "",
        subject_id=str(subject.pk) if subject else "",
        subject=(called or str(subject or ""))[:255],
        before=was,
        after=is_,
    )


def change(
    action: AuditAction, subject: models.Model, *, workspace: Workspace | uuid.UUID, before: State, after: State
) -> None:
    """This will put a change on record, if it is one."""
    if _differing(before, after) != ({}, {}):
        record(action, subject, workspace=workspace, before=before, after=after)


@transaction.atomic
def prune(*, before: datetime) -> int:
    """This will forget what is older than `before`, say so in the log of each workspace, and give the number.

    PostgreSQL refuses it to whoever does not say so, and for the last ninety days in any case.
    """
    old = AuditEntry.objects.filter(at__lt=before)
    numbers = old.order_by("workspace_id").values_list("workspace_id").annotate(number=Count("id"))
    for workspace_id, number in list(numbers):
        record(AuditAction.AUDIT_PRUNED, None, workspace=workspace_id, after={"before": before, "entries": number})
    removed: int = old.delete()[0]
    return removed


def state(row: models.Model, *fields: str) -> dict[str, Any]:
    """These fields of a row, as JSON has them."""
    return {name: _plain(getattr(row, name)) for name in fields}


def _differing(before: State, after: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of both, what is not the same in the other."""
    old, new = ({name: _plain(value) for name, value in one.items()} for one in (before, after))
    return (
        {name: value for name, value in old.items() if name not in new or new[name] != value},
        {name: value for name, value in new.items() if name not in old or old[name] != value},
    )


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    try:
        return _encoder.default(value)
    except TypeError:
        return str(value)
