"""Platforms that are left alone as a whole, and the way to end that."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations import rests
from integrations.models import PlatformRest
from openpost.admin import OpenPostAdmin, when

from .recording import ServerAdmin
from .shared import label_of, side_of_code


@admin.register(PlatformRest)
class PlatformRestAdmin(ServerAdmin, OpenPostAdmin):
    """Written by the machine; a person can only end one."""

    list_display = ("label", "why", when("until"), when("since"))
    ordering = ("platform",)
    search_fields = ("platform", "reason")
    actions = ("go_on",)
    on_page = ("go_on",)
    fields = ("label", "why", "code", when("since"), when("until"), "meaning")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PlatformRest | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PlatformRest | None = None) -> bool:
        return False

    def has_go_on_permission(self, request: HttpRequest) -> bool:
        return super().has_delete_permission(request)

    @admin.action(description=gettext_lazy("Go on now"), permissions=["go_on"])
    def go_on(self, request: HttpRequest, queryset: QuerySet[PlatformRest]) -> HttpResponse:
        names = ", ".join(label_of(rest.platform) for rest in list(queryset) if rests.go_on(rest.platform))
        if names:
            text = _("What is due goes out again within seconds: %(platforms)s.") % {"platforms": names}
            self.message_user(request, text, messages.SUCCESS)
        return redirect("admin:integrations_platformrest_changelist")

    @admin.display(description=gettext_lazy("platform"), ordering="platform")
    def label(self, obj: PlatformRest) -> str:
        return label_of(obj.platform)

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, obj: PlatformRest) -> str:
        return format_html("{} {}", side_of_code(obj.code), obj.reason)

    @admin.display(description=gettext_lazy("what this means"))
    def meaning(self, obj: Any) -> str:
        return _(
            "Until then nothing is sent to %(platform)s from live workspaces: what is due waits and says so, and "
            "nothing is lost. It goes on by itself. When you have put the cause right, “Go on now” ends the wait at "
            "once; if the cause is still there, the next post makes the platform rest again."
        ) % {"platform": label_of(obj.platform)}
