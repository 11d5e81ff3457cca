"""Whose rows a person sees in admin, and what they may do with each: the base class of every admin of a workspace's.

Here and nowhere else roles are applied to Django's admin: to lists, pages, searches, choices of related rows,
autocompletion, histories, actions and buttons. A row of a workspace in which somebody has no role does not exist for
them: its address answers as one that never was. What has no workspace (OpenPostAdmin) is for superusers.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from integrations.models import Workspace
from integrations.people.current import current, shown
from integrations.people.roles import Permission, may, may_somewhere, within, workspaces_of
from openpost.admin import OpenPostAdmin, ReadOnlyAdmin, ReadOnlyInline

from .recording import AuditedAdmin
from .shared import WorkspaceFilter

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList


class CurrentChangeList(ChangeList):
    """A list of the workspace that its address names, or in which the person works at present."""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request, *args, **kwargs)
        workspace = shown(request)
        return rows.filter(**{self.model_admin.workspace_path: workspace.id}) if workspace else rows  # type: ignore[attr-defined]


class TenantAdmin(AuditedAdmin, OpenPostAdmin):
    """Rows of workspaces: each is there for those with a role in its workspace, for what that role allows."""

    #: From a row to its workspace, as a lookup.
    workspace_path = "workspace"
    #: What Django's four rights take, and those that actions name beside them (`permissions=[…]`).
    rights: Mapping[str, Permission] = {}

    _RIGHTS = {
        "view": Permission.VIEW,
        "add": Permission.WRITE,
        "change": Permission.WRITE,
        "delete": Permission.WRITE,
    }

    def takes(self, right: str) -> Permission:
        """What somebody must be allowed in a row's workspace to have this right."""
        return {**self._RIGHTS, **self.rights}[right]

    def allows(self, request: HttpRequest, right: str, obj: Any = None) -> bool:
        """Whether the person has this right for `obj`; without one, for any row there could be."""
        if obj is None:
            return may_somewhere(request.user, self.takes(right))
        return may(request.user, self._workspace_of(obj), self.takes(right))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, "view", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, "delete", obj)

    def may_read_history(self, request: HttpRequest, obj: Any) -> bool:
        return may(request.user, self._workspace_of(obj), Permission.AUDIT)

    # Which rows ------------------------------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> Any:
        """Without the workspace, where all rows are of one."""
        columns = super().get_list_display(request)
        return [column for column in columns if column != "workspace"] if shown(request) else columns

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_filter(request), WorkspaceFilter]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return within(request.user, super().get_queryset(request), self.workspace_path, self.takes("view"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CurrentChangeList

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        workspace = current(request)
        begun = {"workspace": workspace.id} if workspace else {}
        return {**begun, **super().get_changeform_initial_data(request)}

    def formfield_for_foreignkey(self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Only what the person may add to, or see, is there to choose; anything else is no valid choice."""
        related = db_field.related_model
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None:
            field.queryset = self._choices(request, related)
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without the buttons beside a choice that lead to pages of what is chosen from."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def _choices(self, request: HttpRequest, model: Any) -> QuerySet[Any]:
        if model is Workspace:
            return workspaces_of(request.user, self.takes("add"))
        admin = self.admin_site.get_model_admin(model)
        rows: QuerySet[Any] = admin.get_queryset(request)
        return rows if isinstance(admin, TenantAdmin) or admin.has_view_permission(request) else rows.none()

    def _workspace_of(self, obj: Model) -> uuid.UUID:
        *steps, last = self.workspace_path.split("__")
        found: Any = obj
        for step in steps:
            found = getattr(found, step)
        if isinstance(found, Workspace):
            return found.id
        workspace_id: uuid.UUID = getattr(found, f"{last}_id")
        return workspace_id

    # What is done with them ------------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Each acts on those rows alone for which the person has the rights it names."""
        known: dict[str, Any] = super().get_actions(request)
        return {name: (self._limited(action), name, label) for name, (action, _, label) in known.items()}

    def permits(self, request: HttpRequest, obj: Model, action: str) -> bool:
        known: dict[str, Any] = super().get_actions(request)
        return all(self.allows(request, right, obj) for right in _rights_of(known[action][0]))

    def _limited(self, action: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(action)
        def perform(_: Any, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
            theirs = queryset
            for right in _rights_of(action):
                theirs = within(request.user, theirs, self.workspace_path, self.takes(right))
            if left := queryset.count() - theirs.count():
                text = gettext("Left alone: %(n)s, of workspaces in which your role does not allow it.") % {"n": left}
                self.message_user(request, text, messages.WARNING)
            return action(self, request, theirs)

        return perform


class ReadOnlyTenantAdmin(ReadOnlyAdmin, TenantAdmin):
    """What only the machine writes, for those who may look at it."""


class ReadOnlyTenantInline(ReadOnlyInline):
    """Rows of what the person looks at: who may see the whole may see its parts."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


def _rights_of(action: Any) -> Iterable[str]:
    """What an action's decorator names; one that names nothing is a mistake that the contract test finds."""
    rights: Iterable[str] = action.allowed_permissions
    return rights
