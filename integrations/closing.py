"""Closing a workspace for good: nobody and no program is in it from that moment; posts/removing.py removes the rest."""

from datetime import datetime

from django.db import transaction

from . import audit
from .models import ApiKey, AuditAction, Membership, Workspace
from .people import entering


class CannotClose(Exception):
    """Why it stays open, in a sentence."""


@transaction.atomic
def close(*, workspace: Workspace, typed: str, now: datetime) -> None:
    """This will shut a workspace for everybody in it; `typed` is its name, as whoever asks for it has written it.

    Raises CannotClose. There is no way back: its keys and its people's roles are gone.
    """
    held = Workspace.objects.select_for_update().get(id=workspace.id)
    if typed != held.name:
        raise CannotClose(f"Type the workspace's name, {held.name}, exactly as it stands here.")
    if held.closing_since:
        return
    Workspace.objects.filter(id=held.id).update(closing_since=now)
    keys, _ = ApiKey.objects.filter(workspace=held).delete()
    memberships = Membership.objects.filter(workspace=held)
    joined = list(memberships.filter(joined_at__isnull=False).values_list("user_id", flat=True))
    people, _ = memberships.delete()
    audit.record(AuditAction.WORKSPACE_CLOSED, held, workspace=held, before={"keys": keys, "people": people})
    entering.shut_out(joined, workspace=held)
