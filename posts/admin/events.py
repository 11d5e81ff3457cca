"""What people and programs did with posts, to look at: who cancelled what, and when."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from integrations.admin import ReadOnlyTenantAdmin
from openpost.admin import NOTHING, Tone, badge_of, link, when
from posts.models import Event, EventKind

EVENT_TONES: dict[str, Tone] = {
    EventKind.CREATED: "quiet",
    EventKind.EDITED: "quiet",
    EventKind.SCHEDULED: "waiting",
    EventKind.CANCELLED: "quiet",
    EventKind.PUBLISH_NOW: "busy",
    EventKind.RETRIED: "busy",
    EventKind.RESOLVED_LIVE: "good",
    EventKind.RESOLVED_ABSENT: "busy",
    EventKind.APPROVAL_REQUESTED: "waiting",
    EventKind.APPROVED: "good",
    EventKind.DECLINED: "bad",
}
event_badge = badge_of("kind", EVENT_TONES)


@admin.register(Event)
class EventAdmin(ReadOnlyTenantAdmin):
    workspace_path = "post__workspace"
    list_display = (when("at"), event_badge, "message", "post_link", "actor")
    list_display_links = (event_badge,)
    empty_words = gettext_lazy(
        "What people and programs do with posts is listed here: written, scheduled, cancelled, tried again."
    )
    list_filter = ("kind",)
    asked_by = ("post__id__exact",)
    search_fields = ("actor", "post__id__exact")
    ordering = ("-id",)
    fields = (when("at"), event_badge, "message", "actor", "post_link", "target_link")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Not joined: PostgreSQL would join the whole table before it sorts out the page that is shown.
        return super().get_queryset(request).prefetch_related("post")

    @admin.display(description=gettext_lazy("post"))
    def post_link(self, obj: Event) -> str:
        return link(obj.post)

    @admin.display(description=gettext_lazy("target"))
    def target_link(self, obj: Event) -> str:
        return link(obj.target, obj.target.get_status_display()) if obj.target else NOTHING
