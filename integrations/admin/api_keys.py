"""API keys: shown once, in the answer to the request that makes them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from integrations.connect import create_key, revoke_key
from integrations.models import (
    ApiKey,
)
from openpost.admin import (
    OpenPostAdmin,
    badge,
    when,
)

from .shared import (
    WorkspaceFilter,
)


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
