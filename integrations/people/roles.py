"""What each role may do in a workspace: the one table, and the questions that every screen asks of it.

Django's own permissions play no part. A superuser may do everything everywhere; who is in no workspace, nothing.
What somebody may not look at does not exist for them.
"""

import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from integrations.models import Membership, Role, Workspace

M = TypeVar("M", bound=Model)


class Permission(StrEnum):
    """One thing that a role may do, or not; its value is how docs/people.md says it."""

    VIEW = "look at posts, media and accounts"
    WRITE = "write drafts, and add media"
    PUBLISH = "schedule, publish, cancel, retry and resolve"
    APPROVE = "approve what waits for approval, and publish without"
    ACCOUNTS = "connect, reconnect and disconnect accounts"
    KEYS = "see, make and end API keys and webhooks"
    MEMBERS = "add and remove people, and change their roles"
    WORKSPACE = "change the workspace's settings"
    AUDIT = "read the audit log"


_VIEWER = frozenset({Permission.VIEW})
_EDITOR = _VIEWER | {Permission.WRITE, Permission.PUBLISH}

#: An owner may no more than an admin, but that only owners make owners, of whom one always stays (members.py), and
#: delete the workspace (closing.py).
ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.EDITOR: _EDITOR,
    Role.ADMIN: frozenset(Permission),
    Role.OWNER: frozenset(Permission),
}


def role_of(user: Any, workspace: Workspace | uuid.UUID) -> Role | None:
    """The person's role in a workspace; None without one. A superuser may everything and still need have no role."""
    return _roles(user).get(_id_of(workspace))


def may(user: Any, workspace: Workspace | uuid.UUID, permission: Permission) -> bool:
    """Whether this person may do this in this workspace."""
    if _is_operator(user):
        return True
    role = role_of(user, workspace)
    return role is not None and permission in ALLOWED[role]


def may_somewhere(user: Any, permission: Permission) -> bool:
    """Whether this person may do this in any workspace: what decides if a page is offered at all."""
    return _is_operator(user) or bool(_ids_where(user, permission))


def workspaces_of(user: Any, permission: Permission = Permission.VIEW) -> QuerySet[Workspace]:
    """The workspaces in which this person may do this, by name; a superuser's are all."""
    return within(user, Workspace.objects.order_by("name", "id"), "id", permission)


def within(
    user: Any, rows: QuerySet[M], path: str = "workspace", permission: Permission = Permission.VIEW
) -> QuerySet[M]:
    """This will keep of `rows` those of workspaces in which the person may do this; `path` leads to the workspace.

    By the ids themselves, so that PostgreSQL sees how few they are, and one workspace's list uses its index.
    """
    if _is_operator(user):
        return rows
    return rows.filter(**{f"{path}__in": _ids_where(user, permission)})


def _is_operator(user: Any) -> bool:
    return bool(user.is_active and user.is_superuser)


def _ids_where(user: Any, permission: Permission) -> list[uuid.UUID]:
    return [workspace_id for workspace_id, role in _roles(user).items() if permission in ALLOWED[role]]


def _roles(user: Any) -> dict[uuid.UUID, Role]:
    """Read once per request, as Django does its permissions: a request loads its own `user`."""
    if not user.is_active:  # anonymous people are not, either
        return {}
    if not hasattr(user, "_roles"):
        joined = Membership.objects.filter(user=user, joined_at__isnull=False).order_by("workspace_id")
        user._roles = {workspace_id: Role(role) for workspace_id, role in joined.values_list("workspace_id", "role")}
    roles: dict[uuid.UUID, Role] = user._roles
    return roles


def _id_of(workspace: Workspace | uuid.UUID) -> uuid.UUID:
    return workspace.id if isinstance(workspace, Workspace) else workspace
