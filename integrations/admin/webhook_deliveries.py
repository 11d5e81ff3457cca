"""What went to which webhook, and what there was to tell: the log of deliveries, and the outbox of events."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.models import OutboxEvent, WebhookDelivery, WebhookDeliveryStatus
from integrations.people.roles import Permission
from integrations.webhooks import deliveries
from openpost.admin import NOTHING, Tone, badge_of, link, pretty, verbatim, when
from openpost.api.errors import ApiError

from .tenancy import ReadOnlyTenantAdmin

TONES: dict[str, Tone] = {
    WebhookDeliveryStatus.PENDING: "waiting",
    WebhookDeliveryStatus.DELIVERED: "good",
    WebhookDeliveryStatus.FAILED: "bad",
}
delivery_badge = badge_of("status", TONES)
#: Where events go, and what they say, is for those who decide it.
RIGHTS = {"view": Permission.KEYS, "look_after": Permission.KEYS}


@admin.display(description=gettext_lazy("answer"))
def said(delivery: WebhookDelivery) -> str:
    return delivery.error_message or str(delivery.answer_status or NOTHING)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyTenantAdmin):
    workspace_path = "endpoint__workspace"
    rights = RIGHTS
    list_display = (
        "event_type",
        "webhook",
        delivery_badge,
        "attempts",
        when("tried_at", gettext_lazy("last try"), told="relative"),
        said,
        when("due_at", told="relative"),
    )
    list_filter = ("status", "event__type", "created_at")
    asked_by = ("endpoint__id__exact",)
    search_fields = ("id__exact", "event__public_id__exact", "subject__exact")
    ordering = ("-created_at", "-id")
    empty_words = gettext_lazy(
        "What is told to a webhook is listed here: each event with its tries, and what was answered."
    )
    actions = ("replay",)
    on_page = actions
    fieldsets = (
        (None, {"fields": ("event_type", "event_id", "webhook", delivery_badge, "id")}),
        (
            gettext_lazy("Tries"),
            {
                "fields": (
                    "attempts",
                    when("tried_at", gettext_lazy("last try")),
                    "took_ms",
                    when("due_at"),
                    when("delivered_at"),
                )
            },
        ),
        (gettext_lazy("Answer"), {"fields": ("answer_status", verbatim("answer_body"), "error_code", "error_message")}),
        (gettext_lazy("What is sent"), {"fields": ("data",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("event", "endpoint").defer("endpoint__secrets")

    def get_readonly_fields(self, request: HttpRequest, obj: WebhookDelivery | None = None) -> list[Any]:
        return flatten_fieldsets(self.fieldsets)

    def has_look_after_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "look_after")

    @admin.action(description=gettext_lazy("Send again"), permissions=["look_after"])
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        sent = 0
        for one in queryset:
            try:
                deliveries.replay(delivery=one, now=timezone.now())
            except ApiError as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                sent += 1
        if sent:
            self.message_user(request, _("Sent again within a second: %(n)s.") % {"n": sent}, messages.SUCCESS)

    @admin.display(description=gettext_lazy("event"), ordering="event__type")
    def event_type(self, obj: WebhookDelivery) -> str:
        return obj.event.type

    @admin.display(description=gettext_lazy("event id"))
    def event_id(self, obj: WebhookDelivery) -> str:
        return str(obj.event.public_id)

    @admin.display(description=gettext_lazy("webhook"))
    def webhook(self, obj: WebhookDelivery) -> str:
        return link(obj.endpoint)

    @admin.display(description=gettext_lazy("data"))
    def data(self, obj: WebhookDelivery) -> str:
        return str(pretty("data")(obj.event))


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyTenantAdmin):
    """What happened, whether anybody was told or not."""

    rights = RIGHTS

    list_display = ("type", "workspace", when("happened_at"), "position")
    list_filter = ("type", "happened_at")
    search_fields = ("public_id__exact", "subject__exact")
    ordering = ("-id",)
    list_select_related = ("workspace",)
    fields = ("type", "public_id", "workspace", when("happened_at"), "position", "subject", pretty("data"))
    readonly_fields = fields
