"""Who may enter admin at all (Django's `is_staff`): whoever is in a workspace. Superusers are not touched.

It comes with the first workspace that somebody joins, and goes with the last one that they leave: it opens nothing
by itself, and who comes back gets it back. Whoever calls holds the workspace's lock; people's rows are locked after it,
in the order of their ids, so that somebody who joins one workspace and leaves another at once has what is true of both.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model

from integrations import audit
from integrations.models import AuditAction, Membership, Workspace


def let_in(user: Any, *, workspace: Workspace) -> None:
    """This will let a person enter who has joined a workspace. Call it in the transaction of that."""
    for person in _held([user.pk]):
        if not person.is_staff:
            _change(person, True, AuditAction.ADMITTED, workspace)


def shut_out(users: Collection[int], *, workspace: Workspace) -> None:
    """This will let those enter no longer who have left their last workspace. Call it in the transaction of that."""
    held = _held(users)
    # Asked after they are locked: what somebody else was just doing to them has been done.
    joined = set(Membership.objects.filter(user__in=held, joined_at__isnull=False).values_list("user_id", flat=True))
    for person in held:
        if person.is_staff and person.pk not in joined:
            _change(person, False, AuditAction.SHUT_OUT, workspace)


def _held(users: Collection[int]) -> list[Any]:
    people = get_user_model()._default_manager.filter(pk__in=users, is_superuser=False)
    return list(people.select_for_update(no_key=True).order_by("pk"))


def _change(person: Any, is_staff: bool, action: AuditAction, workspace: Workspace) -> None:
    get_user_model()._default_manager.filter(pk=person.pk).update(is_staff=is_staff)
    before, after = {"is_staff": not is_staff}, {"is_staff": is_staff}
    audit.record(action, person, workspace=workspace, before=before, after=after, called=person.get_username())
