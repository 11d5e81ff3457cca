"""The audit log, to look at: each workspace's for its owners and admins; what is of no workspace, for superusers."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.models import AuditAction, AuditEntry
from integrations.people.roles import Permission
from openpost.acting import Kind
from openpost.admin import NOTHING, column, pretty, when

from .tenancy import ReadOnlyTenantAdmin

#: Changed fields that the list names.
NAMED = 4


class ActionFilter(admin.SimpleListFilter):
    title = gettext_lazy("what was done")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(action.value, str(action.label)) for action in AuditAction]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@column(gettext_lazy("what was done"))
def action(entry: AuditEntry) -> str:
    return str(AuditAction(entry.action).label)


@column(gettext_lazy("who"))
def who(entry: AuditEntry) -> str:
    return _("The machine") if entry.actor_kind == Kind.MACHINE else entry.actor_name or NOTHING


@column(gettext_lazy("from"))
def address(entry: AuditEntry) -> str:
    return entry.address or NOTHING


@column(gettext_lazy("what changed"))
def changed(entry: AuditEntry) -> str:
    """Of what is new everything is; its page shows that."""
    if not entry.before:
        return NOTHING
    names = list(dict.fromkeys([*entry.before, *entry.after]))
    more = f" +{len(names) - NAMED}" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyTenantAdmin):
    rights = {"view": Permission.AUDIT}
    list_display = (when("at", gettext_lazy("when")), action, who, "subject", changed, address, "workspace")
    list_display_links = (action,)
    list_filter = (ActionFilter, "actor_kind", "at")
    asked_by = ("actor_id__exact", "subject_id__exact", "subject_type__exact")
    list_select_related = ("workspace",)
    search_fields = ("actor_name__exact", "subject_id__exact")
    search_help_text = gettext_lazy("Somebody’s name, or the id of what was changed.")
    empty_words = gettext_lazy(
        "Every change is listed here from now on: who did it, what was there before, and from where."
    )
    fieldsets = (
        (None, {"fields": (when("at", gettext_lazy("when")), action, who, "actor_id", address, "workspace")}),
        (
            gettext_lazy("What"),
            {"fields": ("subject", "subject_type", "subject_id", pretty("before"), pretty("after"))},
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: AuditEntry | None = None) -> list[Any]:
        return flatten_fieldsets(self.fieldsets)
