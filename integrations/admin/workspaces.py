"""Workspaces and their people."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from integrations.connect import change_workspace, create_workspace
from integrations.models import (
    ApiKey,
    Integration,
    IntegrationStatus,
    Membership,
    Mode,
    Workspace,
)
from integrations.people.roles import Permission
from openpost.admin import Tone, badge, badge_of, when

from . import switching
from .closing import ClosingAdmin
from .tenancy import ReadOnlyTenantInline, TenantAdmin

MODE_TONES: dict[str, Tone] = {Mode.LIVE: "good", Mode.SANDBOX: "quiet"}


def _count(model: type[Model], condition: Q | None = None) -> Coalesce:
    """How many rows of `model` a workspace has: a subquery each, since joins would multiply one another."""
    rows = model._default_manager.filter(condition or Q(), workspace=OuterRef("pk")).order_by()
    return Coalesce(Subquery(rows.values("workspace").annotate(n=Count("*")).values("n")), Value(0))


class LateLimitSelect(UnfoldAdminSelectWidget):  # type: ignore[misc]  # the theme has no types
    """The usual limits in words, and beside them whatever else the workspace has."""

    USUAL = (
        ("00:15:00", gettext_lazy("15 minutes")),
        ("01:00:00", gettext_lazy("An hour")),
        ("02:00:00", gettext_lazy("Two hours")),
        ("06:00:00", gettext_lazy("Six hours")),
        ("1 00:00:00", gettext_lazy("A day")),
        ("3 00:00:00", gettext_lazy("Three days")),
        ("7 00:00:00", gettext_lazy("A week")),
    )

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        other = [(one, one) for one in value if one not in dict(self.USUAL)]
        self.choices = [*self.USUAL, *other]
        return super().optgroups(name, value, attrs)


class MembershipInline(ReadOnlyTenantInline):
    model = Membership
    fields = ("user", "role")
    readonly_fields = fields
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(joined_at__isnull=False).select_related("user", "workspace")


@admin.register(Workspace)
class WorkspaceAdmin(ClosingAdmin):
    """A sandbox workspace comes with its accounts. None goes by a click: it is closed first (closing.py)."""

    workspace_path = "id"
    rights = {"change": Permission.WORKSPACE}
    list_display = (
        "name",
        badge_of("mode", MODE_TONES),
        "timezone",
        "accounts",
        "keys",
        "members",
        when("created_at", told="relative"),
    )
    add_words = gettext_lazy("Make a workspace")
    list_filter = ("mode",)
    search_fields = ("name", "id__exact")
    ordering = ("name", "id")
    inlines = (MembershipInline,)
    readonly_fields = ("id", when("created_at"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        annotated: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                account_count=_count(Integration),
                lost_count=_count(Integration, ~Q(status=IntegrationStatus.ACTIVE)),
                key_count=_count(ApiKey, Q(revoked_at=None)),
                member_count=_count(Membership, Q(joined_at__isnull=False)),
            )
        )
        return annotated

    def get_urls(self) -> list[URLPattern]:
        return [*switching.urls(self.admin_site), *super().get_urls()]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "late_limit":
            field.widget = LateLimitSelect()
        return field

    def get_fields(self, request: HttpRequest, obj: Workspace | None = None) -> list[Any]:
        added = ["name", "mode", "timezone"]
        return [*added, "late_limit", "needs_approval", *self.readonly_fields] if obj else added

    def get_readonly_fields(self, request: HttpRequest, obj: Workspace | None = None) -> tuple[Any, ...]:
        # What was written for the sandbox must never find itself on a real platform.
        return (*self.readonly_fields, "mode") if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever runs the service makes a tenant."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        return False

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self.list_filter

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """All of the person's, whichever is current."""
        return super(TenantAdmin, self).get_changelist(request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            change_workspace(workspace=obj, changes=changes)
            return
        made = create_workspace(name=obj.name, mode=Mode(obj.mode), timezone=str(obj.timezone), now=timezone.now())
        obj.pk = made.pk
        obj.refresh_from_db()

    @admin.display(description=gettext_lazy("accounts"), ordering="account_count")
    def accounts(self, obj: Any) -> str:
        if not obj.lost_count:
            return str(obj.account_count)
        return format_html("{} {}", obj.account_count, badge(_("%(n)s to reconnect") % {"n": obj.lost_count}, "bad"))

    @admin.display(description=gettext_lazy("keys"), ordering="key_count")
    def keys(self, obj: Any) -> str:
        return str(obj.key_count)

    @admin.display(description=gettext_lazy("members"), ordering="member_count")
    def members(self, obj: Any) -> str:
        return str(obj.member_count)
