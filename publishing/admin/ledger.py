"""The ledger, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from integrations.admin import (
    IntegrationPlatformFilter,
    PlatformFilter,
    ReadOnlyTenantAdmin,
    account_link,
    side_of_code,
)
from openpost.admin import (
    NOTHING,
    Tone,
    away,
    badge_of,
    column,
    link,
    pretty,
    verbatim,
    when,
)
from posts import admin as posts_admin
from publishing.models import Attempt, Delivery, DeliveryState, Outcome, Step, Upload

DELIVERY_TONES: dict[str, Tone] = {
    DeliveryState.PREPARED: "quiet",
    DeliveryState.SENDING: "busy",
    DeliveryState.LIVE: "good",
}
OUTCOME_TONES: dict[str, Tone] = {
    Outcome.LIVE: "good",
    Outcome.REJECTED: "bad",
    Outcome.NOT_NOW: "waiting",
    Outcome.DISCONNECTED: "bad",
    Outcome.UNCONFIRMED: "busy",
    Outcome.MISSED: "bad",
    Outcome.WORKER_LOST: "quiet",
}
delivery_badge = badge_of("state", DELIVERY_TONES)
outcome_badge = badge_of("outcome", OUTCOME_TONES)


Evidence = Attempt | Delivery | Step


class TargetPlatformFilter(PlatformFilter):
    field = "target__integration__platform"


class LedgerAdmin(ReadOnlyTenantAdmin):
    """Evidence is written by the machine, once."""

    workspace_path = "target__post__workspace"

    asked_by = ("target__post", "target__post__id__exact", "target__id__exact")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Not joined: PostgreSQL would join the whole table before it sorts out the page that is shown.
        targets = posts_admin.bare_targets().select_related("post")
        return super().get_queryset(request).prefetch_related(Prefetch("target", targets))

    @admin.display(description=gettext_lazy("account"), ordering="target__integration__username")
    def account(self, obj: Evidence) -> str:
        return account_link(obj.target.integration)

    @admin.display(description=gettext_lazy("post"))
    def post(self, obj: Evidence) -> str:
        return link(obj.target.post)

    @admin.display(description=gettext_lazy("target"))
    def target_link(self, obj: Evidence) -> str:
        return link(obj.target, obj.target.get_status_display())


@admin.register(Delivery)
class DeliveryAdmin(LedgerAdmin):
    list_display = ("said", "account", delivery_badge, "part", when("sent_at"), "looks", "opened")
    empty_words = gettext_lazy(
        "What is sent to a platform is written down here first: that is how nothing is sent twice."
    )
    list_filter = ("state", TargetPlatformFilter, "sent_at")
    search_fields = ("key__exact", "remote_id__exact", "target__id__exact", "target__post__id__exact")
    ordering = ("-sent_at", "id")
    fieldsets = (
        (None, {"fields": ("post", "account", "target_link", "part")}),
        (
            gettext_lazy("State"),
            {
                "fields": (
                    delivery_badge,
                    when("sent_at"),
                    when("resent_at"),
                    when("live_at"),
                    "calls",
                    "looks",
                    "absences",
                    "remote_id",
                    "page",
                )
            },
        ),
        (gettext_lazy("What is sent"), {"fields": ("key", pretty("payload"), pretty("draft"), "fingerprint")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Delivery | None = None) -> list[Any]:
        return [field for _, options in self.fieldsets for field in options["fields"]]

    @admin.display(description=gettext_lazy("post"))
    def said(self, obj: Delivery) -> str:
        return str(obj.target.post)

    @admin.display(description=gettext_lazy("page"))
    def opened(self, obj: Delivery) -> str:
        return away(obj.url)

    @admin.display(description=gettext_lazy("address"))
    def page(self, obj: Delivery) -> str:
        return format_html('<a href="{0}" rel="noopener noreferrer">{0}</a>', obj.url) if obj.url else NOTHING


@column(gettext_lazy("took"))
def took(attempt: Attempt) -> str:
    seconds = (attempt.ended_at - attempt.started_at).total_seconds()
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


@admin.register(Attempt)
class AttemptAdmin(LedgerAdmin):
    list_display = (when("started_at"), outcome_badge, "account", "said", "post", took)
    empty_words = gettext_lazy(
        "Each time a worker takes up a post for an account is listed here, with what came of it."
    )
    list_display_links = (outcome_badge,)
    list_filter = ("outcome", TargetPlatformFilter, "started_at")
    search_fields = ("code__exact", "worker", "target__id__exact", "target__post__id__exact")
    ordering = ("-id",)
    fields = (
        *("post", "account", "target_link", "number", outcome_badge, "said", "code", verbatim("detail")),
        *(when("started_at"), when("ended_at"), took, "worker"),
    )
    readonly_fields = fields

    @admin.display(description=gettext_lazy("message"), ordering="code")
    def said(self, obj: Attempt) -> str:
        return format_html("{} {}", side_of_code(obj.code), obj.message or NOTHING)


@admin.register(Step)
class StepAdmin(LedgerAdmin):
    list_display = (when("at"), "message", "account", "post", "number")
    list_display_links = ("message",)
    list_filter = (TargetPlatformFilter, "at")
    search_fields = ("target__id__exact", "target__post__id__exact")
    ordering = ("-id",)
    fields = ("post", "account", "target_link", "number", when("at"), "message")
    readonly_fields = fields


@admin.register(Upload)
class UploadAdmin(ReadOnlyTenantAdmin):
    """What platforms gave for files, so that nothing is sent twice."""

    workspace_path = "integration__workspace"

    list_display = ("media", "form", "integration", "ready", when("good_until"), when("updated_at"))
    list_filter = ("ready", IntegrationPlatformFilter, "updated_at")
    search_fields = ("media__id__exact", "integration__username")
    ordering = ("-updated_at",)
    fields = ("media", "form", "integration", "ready", when("good_until"), when("updated_at"), pretty("reference"))
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("media", "integration").defer("integration__credentials")
