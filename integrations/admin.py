"""Workspaces, their people, keys and accounts, and what the sandbox network received. Secrets go in, never out."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from openpost.admin import (
    NOTHING,
    OpenPostAdmin,
    OpenPostInline,
    ReadOnlyAdmin,
    Tone,
    badge,
    badge_of,
    link,
    pretty,
    verbatim,
    when,
)

from .connect import create_key, create_workspace, reconnect_sandbox, revoke_key
from .models import ApiKey, Integration, IntegrationStatus, Membership, Mode, SandboxFault, SandboxPost, Workspace
from .platforms import registry

MODE_TONES: dict[str, Tone] = {Mode.LIVE: "good", Mode.SANDBOX: "quiet"}
INTEGRATION_TONES: dict[str, Tone] = {
    IntegrationStatus.ACTIVE: "good",
    IntegrationStatus.NEEDS_REFRESH: "bad",
    IntegrationStatus.DISCONNECTED: "quiet",
}

integration_badge = badge_of("status", INTEGRATION_TONES)


def label_of(platform: str) -> str:
    """This will give a platform's name for people."""
    rules = registry.by_name(platform)
    return rules.label if rules else platform


def account_link(integration: Integration) -> str:
    return link(integration, f"{label_of(integration.platform)} · {integration.username}")


class PlatformFilter(admin.SimpleListFilter):
    """By platform: the names come from the registry, not from a pass over the table."""

    title = "platform"
    parameter_name = "platform"
    field = "platform"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, rules.label) for name, rules in registry.PLATFORMS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.field: self.value()}) if self.value() else queryset


class WorkspaceFilter(admin.SimpleListFilter):
    """By workspace: the first of them by name. Others are found by searching."""

    title = "workspace"
    parameter_name = "workspace"
    field = "workspace"
    most = 50

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (str(id_), name) for id_, name in Workspace.objects.order_by("name").values_list("id", "name")[: self.most]
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        try:
            return queryset.filter(**{self.field: uuid.UUID(self.value())})
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error


class IntegrationWorkspaceFilter(WorkspaceFilter):
    field = "integration__workspace"


class IntegrationPlatformFilter(PlatformFilter):
    field = "integration__platform"


# Workspaces ---------------------------------------------------------------------------------------------------------


def _count(model: type[Model], condition: Q | None = None) -> Coalesce:
    """How many rows of `model` a workspace has: a subquery each, since joins would multiply one another."""
    rows = model._default_manager.filter(condition or Q(), workspace=OuterRef("pk")).order_by()
    return Coalesce(Subquery(rows.values("workspace").annotate(n=Count("*")).values("n")), Value(0))


class MembershipInline(OpenPostInline):
    model = Membership
    fields = ("user", "role")
    autocomplete_fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user", "workspace")


@admin.register(Workspace)
class WorkspaceAdmin(OpenPostAdmin):
    """A sandbox workspace comes with its accounts. None is deleted here: that would take posts along that are live."""

    list_display = ("name", badge_of("mode", MODE_TONES), "timezone", "accounts", "keys", "members", when("created_at"))
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
                member_count=_count(Membership),
            )
        )
        return annotated

    def get_fields(self, request: HttpRequest, obj: Workspace | None = None) -> list[Any]:
        added = ["name", "mode", "timezone"]
        return [*added, "late_limit", *self.readonly_fields] if obj else added

    def get_readonly_fields(self, request: HttpRequest, obj: Workspace | None = None) -> tuple[Any, ...]:
        # What was written for the sandbox must never find itself on a real platform.
        return (*self.readonly_fields, "mode") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        if change:
            if form.changed_data:
                obj.save(update_fields=form.changed_data)
            return
        made = create_workspace(name=obj.name, mode=Mode(obj.mode), timezone=str(obj.timezone), now=timezone.now())
        obj.pk = made.pk
        obj.refresh_from_db()

    @admin.display(description="accounts", ordering="account_count")
    def accounts(self, obj: Any) -> str:
        if not obj.lost_count:
            return str(obj.account_count)
        return format_html("{} {}", obj.account_count, badge(f"{obj.lost_count} to reconnect", "bad"))

    @admin.display(description="keys", ordering="key_count")
    def keys(self, obj: Any) -> str:
        return str(obj.key_count)

    @admin.display(description="members", ordering="member_count")
    def members(self, obj: Any) -> str:
        return str(obj.member_count)


# Keys ---------------------------------------------------------------------------------------------------------------


class KeyStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("usable", "Usable"), ("expired", "Expired"), ("revoked", "Revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        now = timezone.now()
        match self.value():
            case "usable":
                return queryset.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)
            case "expired":
                return queryset.filter(expires_at__lte=now, revoked_at=None)
            case "revoked":
                return queryset.exclude(revoked_at=None)
        return queryset


@admin.register(ApiKey)
class ApiKeyAdmin(OpenPostAdmin):
    """A key is made, shown once, and revoked. Its row stays: it says what used the key, and until when."""

    list_display = ("name", "hint", "workspace", "state", when("last_used_at"), when("expires_at"), when("created_at"))
    list_filter = (KeyStateFilter, WorkspaceFilter)
    list_select_related = ("workspace",)
    search_fields = ("name", "hint", "workspace__name")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("workspace",)
    actions = ("revoke",)
    on_page = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[Any]:
        if obj is None:
            return ["workspace", "name", "expires_at"]
        times = [when(name) for name in ("last_used_at", "expires_at", "revoked_at", "created_at")]
        return ["workspace", "name", "hint", "state", *times]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[Any]:
        return self.get_fields(request, obj) if obj else []

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Revoking is the only change there is, so it is what the right to change allows."""
        return super().has_change_permission(request)

    def offers(self, obj: ApiKey, action: str) -> bool:
        return obj.revoked_at is None

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**only_save, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: ApiKey | None = None, change: bool = False, **kwargs: Any) -> Any:
        hint = {"expires_at": "UTC. Without a time it does not expire."}
        return super().get_form(request, obj, change, help_texts=hint, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        row, key = create_key(workspace=obj.workspace, name=obj.name, expires_at=obj.expires_at)
        obj.pk = row.pk
        obj.refresh_from_db()
        # For response_add alone: the answer to this request is the only place the key ever appears.
        obj._shown_once = key  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """The key is in this very answer, without a redirect: in no cookie, no session, and gone on the next page."""
        context = {
            **self.admin_site.each_context(request),
            "title": "The key has been made",
            "opts": self.opts,
            "api_key": obj,
            "key": obj._shown_once,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "admin/integrations/apikey/created.html", context)

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        now = timezone.now()
        keys = list(queryset.filter(revoked_at=None))
        for key in keys:
            revoke_key(api_key=key, now=now)
            self.log_change(request, key, "Revoked.")
        self.message_user(request, f"Keys revoked: {len(keys)}. They stopped working at once.", messages.SUCCESS)

    @admin.display(description="state")
    def state(self, obj: ApiKey) -> str:
        if obj.revoked_at:
            return badge("Revoked", "bad")
        if obj.expires_at and obj.expires_at <= timezone.now():
            return badge("Expired", "quiet")
        return badge("Usable", "good")


# Accounts -----------------------------------------------------------------------------------------------------------


@admin.register(Integration)
class IntegrationAdmin(OpenPostAdmin):
    """Accounts are connected by signing in there, so nothing is typed here. Credentials are not even read."""

    list_display = (
        "account",
        "workspace",
        integration_badge,
        "status_reason",
        when("resting_until"),
        when("connected_at"),
    )
    list_filter = ("status", PlatformFilter, "workspace__mode", WorkspaceFilter)
    search_fields = ("username", "display_name", "remote_id", "workspace__name", "id__exact")
    ordering = ("-created_at", "id")
    actions = ("reconnect_sandbox",)
    on_page = ("reconnect_sandbox",)
    fieldsets = (
        (None, {"fields": ("workspace", "platform_label", "username", "display_name", "remote_id", "id")}),
        ("State", {"fields": (integration_badge, "status_reason", when("resting_until"))}),
        ("Access", {"fields": ("credentials_kept", when("token_expires_at", "token expires"), when("connected_at"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Deferred, they are not decrypted: a list costs less, and a lost key breaks no page.
        return super().get_queryset(request).select_related("workspace").defer("credentials")

    def get_readonly_fields(self, request: HttpRequest, obj: Integration | None = None) -> list[Any]:
        return [field for _, options in self.fieldsets for field in options["fields"]]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        return False

    def has_reconnect_permission(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def offers(self, obj: Integration, action: str) -> bool:
        return obj.workspace.is_sandbox and obj.status != IntegrationStatus.ACTIVE

    @admin.action(description="Reconnect sandbox account", permissions=["reconnect"])
    def reconnect_sandbox(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        now = timezone.now()
        chosen = list(queryset)
        done = [account for account in chosen if reconnect_sandbox(integration=account, now=now)]
        for account in done:
            self.log_change(request, account, "Reconnected.")
        if done:
            self.message_user(request, f"Accounts reconnected: {len(done)}.", messages.SUCCESS)
        if left := len(chosen) - len(done):
            text = f"Left alone: {left}. A real account is reconnected by signing in at its platform."
            self.message_user(request, text, messages.WARNING)

    @admin.display(description="account", ordering="username")
    def account(self, obj: Integration) -> str:
        return f"{label_of(obj.platform)} · {obj.username}"

    @admin.display(description="platform")
    def platform_label(self, obj: Integration) -> str:
        return label_of(obj.platform)

    @admin.display(description="credentials")
    def credentials_kept(self, obj: Integration) -> str:
        return "Kept encrypted, never shown. To replace them, connect the account again."


# The sandbox network ------------------------------------------------------------------------------------------------


class SandboxAdmin(ReadOnlyAdmin):
    """What a remote network knows is not ours to change."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        related = super().get_queryset(request).select_related("integration__workspace")
        return related.defer("integration__credentials")

    @admin.display(description="account", ordering="integration__username")
    def account(self, obj: SandboxPost | SandboxFault) -> str:
        return account_link(obj.integration)

    @admin.display(description="workspace", ordering="integration__workspace__name")
    def workspace(self, obj: SandboxPost | SandboxFault) -> str:
        return link(obj.integration.workspace)


@admin.register(SandboxPost)
class SandboxPostAdmin(SandboxAdmin):
    list_display = ("excerpt", "account", "workspace", "key", when("received_at"), "page")
    list_filter = (IntegrationPlatformFilter, "received_at", IntegrationWorkspaceFilter)
    search_fields = ("text", "key__exact", "integration__workspace__name")
    fields = ("account", "workspace", verbatim("text"), pretty("settings"), "key", when("received_at"), "page")
    readonly_fields = fields

    @admin.display(description="text", ordering="text")
    def excerpt(self, obj: SandboxPost) -> str:
        return obj.text[:80] or NOTHING

    @admin.display(description="page")
    def page(self, obj: SandboxPost) -> str:
        return format_html('<a href="{}">As the network shows it</a>', reverse("sandbox-post", args=[obj.pk]))


@admin.register(SandboxFault)
class SandboxFaultAdmin(SandboxAdmin):
    list_display = ("word", "times", "key", "account", "workspace")
    list_filter = ("word", IntegrationWorkspaceFilter)
    search_fields = ("key__exact", "integration__workspace__name")
    ordering = ("-id",)
    fields = ("word", "times", "key", "account", "workspace")
    readonly_fields = fields
