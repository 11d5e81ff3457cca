"""Webhooks: who is told what, how that goes, and what of it can be done again. Their secrets are not even read."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from integrations.models import EventType, WebhookDelivery, WebhookEndpoint
from integrations.models.webhook import LONGEST_URL
from integrations.people.roles import Permission
from integrations.webhooks import deliveries, endpoints
from openpost.admin import NOTHING, badge, link, moment, when
from openpost.api.errors import ApiError

from .tenancy import ReadOnlyTenantAdmin
from .verbs import ShowsOnceAdmin, VerbForm
from .webhook_deliveries import RIGHTS, delivery_badge, said

#: How many deliveries an endpoint's page shows, and how far back "send again" reaches.
SHOWN = 20
BACK = endpoints.GIVEN_UP_AFTER


class HealthFilter(admin.SimpleListFilter):
    title = gettext_lazy("health")
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failing", _("Failing")), ("disabled", _("Disabled")), ("well", _("Neither"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> QuerySet[WebhookEndpoint]:
        match self.value():
            case "failing":
                return queryset.filter(disabled_at=None, failing_since__isnull=False)
            case "disabled":
                return queryset.filter(disabled_at__isnull=False)
            case "well":
                return queryset.filter(disabled_at=None, failing_since=None)
        return queryset


class EndpointForm(VerbForm):
    """A new endpoint."""

    url = forms.CharField(
        max_length=LONGEST_URL, label=gettext_lazy("Address"), help_text=gettext_lazy("https:// and a public host.")
    )
    events = forms.MultipleChoiceField(
        choices=[(kind, kind) for kind in EventType if kind != EventType.WEBHOOK_TEST],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("None chosen: all of them."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("workspace", "url", "events", "description")

    def perform(self) -> None:
        try:
            self.instance, self.shown_once = endpoints.create(**self.cleaned_data)
        except ApiError as error:
            self.add_error("url" if error.faults[0].field == "/url" else None, str(error))


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ShowsOnceAdmin, ReadOnlyTenantAdmin):
    """Made here or by API, the secret being shown once; then they are looked after."""

    rights = {**RIGHTS, "add": Permission.KEYS}

    list_display = (
        *("url", "workspace", "health", "waiting"),
        *(when(field, told="relative") for field in ("delivered_at", "failed_at")),
    )
    add_words = gettext_lazy("Add a webhook")
    empty_words = gettext_lazy(
        "A webhook tells a program of yours, within a second, what became of a post or an account."
    )
    list_filter = (HealthFilter,)
    search_fields = ("url", "description", "workspace__name", "id__exact")
    ordering = ("-created_at", "id")
    actions = ("send_test", "send_again", "disable", "enable")
    on_page = actions
    fieldsets = (
        (None, {"fields": ("url", "workspace", "description", "wants", "id", when("created_at"))}),
        (
            gettext_lazy("Health"),
            {"fields": ("health", "disabled_reason", when("failing_since"), when("resting_until"))},
        ),
        (
            gettext_lazy("Access"),
            {"fields": ("secret_kept", when("previous_secret_until", gettext_lazy("previous secret good until")))},
        ),
        (gettext_lazy("Deliveries"), {"fields": ("waiting", when("delivered_at"), when("failed_at"), "latest")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        waiting = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), due_at__isnull=False).order_by()
        number = Subquery(waiting.values("endpoint").annotate(n=Count("*")).values("n"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(waiting_count=Coalesce(number, Value(0)))
        return rows.select_related("workspace").defer("secrets")

    def get_fieldsets(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> Any:
        return self.fieldsets if obj else [(None, {"fields": EndpointForm.Meta.fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> list[Any]:
        return flatten_fieldsets(self.fieldsets) if obj else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "add")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            return super().get_form(request, obj, change, **{**kwargs, "form": EndpointForm})
        hints = {"delivered_at": _("When it last took one."), "failed_at": _("When it last did not.")}
        return super().get_form(request, obj, change, **{**kwargs, "help_texts": hints})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        made = {"endpoint": obj, "secret": self.shown_once(obj)}
        return self.page(request, "created", _("The webhook has been made"), **made)

    def has_look_after_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "look_after")

    def offers(self, obj: WebhookEndpoint, action: str) -> bool:
        return (action == "enable") == (obj.disabled_at is not None)

    @admin.action(description=gettext_lazy("Send a test"), permissions=["look_after"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        self._each(request, queryset, _("Test sent"), lambda one: deliveries.test(endpoint=one, now=timezone.now()))

    @admin.action(
        description=format_lazy(gettext_lazy("Send what it did not get in the last {days} days"), days=BACK.days),
        permissions=["look_after"],
    )
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        now = timezone.now()
        self._each(
            request,
            queryset,
            _("What it did not get is sent"),
            lambda one: deliveries.replay_since(endpoint=one, since=now - BACK, now=now),
        )

    @admin.action(description=gettext_lazy("Disable"), permissions=["look_after"])
    def disable(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        self._each(
            request,
            queryset,
            _("Disabled"),
            lambda one: endpoints.change(endpoint=one, enabled=False, now=timezone.now()),
        )

    @admin.action(description=gettext_lazy("Enable"), permissions=["look_after"])
    def enable(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        self._each(
            request,
            queryset,
            _("Enabled"),
            lambda one: endpoints.change(endpoint=one, enabled=True, now=timezone.now()),
        )

    def _each(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint], done: str, verb: Any) -> None:
        for one in queryset:
            try:
                verb(one)
            except ApiError as error:
                self.message_user(request, f"{one.url}: {error}", messages.WARNING)
            else:
                self.message_user(request, f"{done}: {one.url}", messages.SUCCESS)

    @admin.display(description=gettext_lazy("health"))
    def health(self, obj: WebhookEndpoint) -> str:
        if obj.disabled_at:
            return badge(_("Disabled"), "bad")
        if obj.failing_since:
            return badge(_("Failing"), "waiting")
        return badge(_("Delivered"), "good") if obj.delivered_at else badge(_("Nothing sent yet"), "quiet")

    @admin.display(description=gettext_lazy("waiting"), ordering="waiting_count")
    def waiting(self, obj: Any) -> str:
        return str(obj.waiting_count)

    @admin.display(description=gettext_lazy("wants"))
    def wants(self, obj: WebhookEndpoint) -> str:
        return ", ".join(obj.events) or _("all events")

    @admin.display(description=gettext_lazy("secret"))
    def secret_kept(self, obj: WebhookEndpoint) -> str:
        return _("Kept encrypted, never shown. A new one is made by API (rotate-secret), and shown once there.")

    @admin.display(description=gettext_lazy("the latest"))
    def latest(self, obj: WebhookEndpoint) -> str:
        rows = obj.deliveries.select_related("event").order_by("-created_at", "-id")[:SHOWN]
        table = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (link(row, row.event.type), delivery_badge(row), moment(row.tried_at), row.attempts, said(row))
                for row in rows
            ),
        )
        every = reverse("admin:integrations_webhookdelivery_changelist") + f"?endpoint__id__exact={obj.pk}"
        heads = format_html_join("", '<th scope="col">{}</th>', ((head,) for head in _HEADS))
        return format_html(_TABLE, heads, table, every, _("All deliveries")) if table else NOTHING


_HEADS = [
    gettext_lazy("Event"),
    gettext_lazy("Status"),
    gettext_lazy("Last try"),
    gettext_lazy("Tries"),
    gettext_lazy("Answer"),
]
_TABLE = """
<table class="op-table"><tr>{}</tr>{}</table>
<p><a href="{}">{}</a></p>
"""
