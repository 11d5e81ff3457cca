"""Connected accounts. Their credentials are never shown."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connect import mark_premium, reconnect_sandbox
from integrations.marks import face
from integrations.models import Integration, IntegrationStatus
from integrations.people.roles import Permission
from openpost.admin import Tone, badge_of

from .connecting import ConnectingAdmin
from .shared import PlatformFilter, label_of

INTEGRATION_TONES: dict[str, Tone] = {
    IntegrationStatus.ACTIVE: "good",
    IntegrationStatus.NEEDS_REFRESH: "bad",
    IntegrationStatus.DISCONNECTED: "quiet",
}

integration_badge = badge_of("status", INTEGRATION_TONES)


class IntegrationAdmin(ConnectingAdmin):
    """Accounts are connected by signing in there; all that is typed here is what we cannot see. Credentials are not
    even read. What their posts say of them, and so what is listed and shown, is added in posts/admin/accounts.py.
    """

    rights = {"change": Permission.ACCOUNTS, "reconnect": Permission.ACCOUNTS}
    list_filter = ("status", PlatformFilter, "workspace__mode")
    search_fields = ("username", "display_name", "remote_id", "workspace__name", "id__exact")
    ordering = ("-created_at", "id")
    add_words = gettext_lazy("Connect an account")
    empty_words = gettext_lazy(
        "Connect an account, and posts can go out to it. It stays connected until you let it go."
    )
    actions = ("reconnect_sandbox",)
    on_page = ("reconnect_sandbox",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Deferred, they are not decrypted: a list costs less, and a lost key breaks no page.
        return super().get_queryset(request).select_related("workspace").defer("credentials")

    def get_readonly_fields(self, request: HttpRequest, obj: Integration | None = None) -> list[Any]:
        return [field for field in flatten_fieldsets(self.get_fieldsets(request, obj)) if field != "premium"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        return False

    def has_reconnect_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "reconnect")

    def save_model(self, request: HttpRequest, obj: Integration, form: Any, change: bool) -> None:
        # Nothing else, since a worker may be changing the row.
        mark_premium(integration=obj, premium=obj.premium)

    def offers(self, obj: Integration, action: str) -> bool:
        return obj.workspace.is_sandbox and obj.status != IntegrationStatus.ACTIVE

    @admin.action(description=gettext_lazy("Reconnect sandbox account"), permissions=["reconnect"])
    def reconnect_sandbox(self, request: HttpRequest, queryset: QuerySet[Integration]) -> None:
        now = timezone.now()
        chosen = list(queryset)
        done = [account for account in chosen if reconnect_sandbox(integration=account, now=now)]
        if done:
            self.message_user(request, _("Accounts reconnected: %(n)s.") % {"n": len(done)}, messages.SUCCESS)
        if left := len(chosen) - len(done):
            text = _("Left alone: %(n)s. A real account is reconnected by signing in at its platform.") % {"n": left}
            self.message_user(request, text, messages.WARNING)

    @admin.display(description=gettext_lazy("account"), ordering="username")
    def account(self, obj: Integration) -> str:
        return format_html('<span class="op-account">{} {}</span>', face(obj), obj.username)

    @admin.display(description=gettext_lazy("platform"))
    def platform_label(self, obj: Integration) -> str:
        return label_of(obj.platform)

    @admin.display(description=gettext_lazy("credentials"))
    def credentials_kept(self, obj: Integration) -> str:
        return _("Kept encrypted, never shown. To replace them, connect the account again.")
