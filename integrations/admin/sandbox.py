"""What the sandbox network has received: read-only, since what a remote network knows is not ours to change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from integrations.models import SandboxFault, SandboxPost
from openpost.admin import NOTHING, away, link, pretty, verbatim, when

from .shared import IntegrationPlatformFilter, account_link
from .tenancy import ReadOnlyTenantAdmin


class SandboxAdmin(ReadOnlyTenantAdmin):
    """What a remote network knows is not ours to change."""

    workspace_path = "integration__workspace"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        related = super().get_queryset(request).select_related("integration__workspace")
        return related.defer("integration__credentials")

    @admin.display(description=gettext_lazy("account"), ordering="integration__username")
    def account(self, obj: SandboxPost | SandboxFault) -> str:
        return account_link(obj.integration)

    @admin.display(description=gettext_lazy("workspace"), ordering="integration__workspace__name")
    def workspace(self, obj: SandboxPost | SandboxFault) -> str:
        return link(obj.integration.workspace)


@admin.register(SandboxPost)
class SandboxPostAdmin(SandboxAdmin):
    list_display = ("excerpt", "account", "workspace", when("received_at", told="relative"), "page")
    empty_words = gettext_lazy(
        "The sandbox network plays every platform. What is published in a sandbox workspace arrives here."
    )
    list_filter = (IntegrationPlatformFilter, "received_at")
    search_fields = ("text", "key__exact", "integration__workspace__name")
    fields = ("account", "workspace", verbatim("text"), pretty("settings"), "key", when("received_at"), "page")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("text"), ordering="text")
    def excerpt(self, obj: SandboxPost) -> str:
        return obj.text[:80] or NOTHING

    @admin.display(description=gettext_lazy("page"))
    def page(self, obj: SandboxPost) -> str:
        return away(reverse("sandbox-post", args=[obj.pk]))


@admin.register(SandboxFault)
class SandboxFaultAdmin(SandboxAdmin):
    list_display = ("word", "times", "key", "account", "workspace")
    list_filter = ("word",)
    search_fields = ("key__exact", "integration__workspace__name")
    ordering = ("-id",)
    fields = ("word", "times", "key", "account", "workspace")
    readonly_fields = fields
