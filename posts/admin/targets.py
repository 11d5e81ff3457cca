"""How far a post got on one account. Only ever looked at; publishing/admin/ adds what the machine did."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin import (
    IntegrationPlatformFilter,
    ReadOnlyTenantAdmin,
    account_link,
    side_of_code,
)
from integrations.models import Integration
from integrations.platforms.codes import NEED_A_PERSON
from openpost.admin import (
    NOTHING,
    Tone,
    away,
    badge_of,
    column,
    link,
    moment,
    when,
)
from posts.models import PostTarget, TargetStatus
from posts.waiting import UNKNOWN, Present, Reason, is_unknown, reason

TARGET_TONES: dict[str, Tone] = {
    TargetStatus.PENDING: "waiting",
    TargetStatus.PUBLISHING: "busy",
    TargetStatus.PUBLISHED: "good",
    TargetStatus.FAILED: "bad",
}
target_badge = badge_of("status", TARGET_TONES)


@column(gettext_lazy("account"), ordering="integration__username")
def account(target: PostTarget) -> str:
    return account_link(target.integration)


@column(gettext_lazy("address"))
def page(target: PostTarget) -> str:
    if not target.platform_post_url:
        return NOTHING
    return format_html('<a href="{0}" rel="noopener noreferrer">{0}</a>', target.platform_post_url)


@column(gettext_lazy("page"))
def opened(target: PostTarget) -> str:
    return away(target.platform_post_url)


@column(gettext_lazy("why it is not live"), ordering="error_code")
def trouble(target: PostTarget) -> str:
    return format_html("{} {}", why_not_live(target), _resolving(target))


def why_not_live(target: PostTarget) -> str:
    """Why it is not live, in words; for what is a link itself, without any in it."""
    found = _reason(target)
    if found is None:
        return NOTHING
    shape = '{} {} <span class="op-quiet-text">({})</span>'
    return format_html(shape, side_of_code(found.code), found.message, found.code)


def _resolving(target: PostTarget) -> str:
    """The way to where a person says what only they can find out (publishing/admin/live.py)."""
    if not is_unknown(target):
        return ""
    address = reverse("admin:posts_post_change", args=[target.post_id])
    return format_html('<a class="op-link" href="{}">{}</a>', address, _("Say on the post’s page what you found"))


@column(gettext_lazy("next attempt"), ordering="due_at")
def next_attempt(target: PostTarget) -> str:
    if target.in_hand and target.due_at and target.due_at > timezone.now():
        return _("in a worker’s hands")
    found = _reason(target)
    return moment(found.next_attempt_at if found else target.due_at)


def _reason(target: PostTarget) -> Reason | None:
    return reason(target, getattr(target, "present", None) or Present())


def at_one_moment(targets: Iterable[PostTarget]) -> None:
    """This will let the targets of one page share what is read of the present, so that it is read once."""
    present = Present()
    for target in targets:
        target.present = present  # type: ignore[attr-defined]


def bare_targets() -> QuerySet[PostTarget]:
    """Targets with their accounts, but not the accounts' credentials."""
    return PostTarget.objects.select_related("integration").defer("integration__credentials")


class AffairsFilter(admin.SimpleListFilter):
    """The questions somebody has on a bad day."""

    title = gettext_lazy("state of affairs")
    parameter_name = "affairs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("overdue", _("Overdue by a minute")),
            ("retrying", _("Tried, trying again")),
            ("asking", _("Sent, outcome being asked for")),
            ("person", _("Stands until somebody acts")),
            ("unknown", _("… and that is to find out whether it is live")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PostTarget]) -> QuerySet[PostTarget]:
        match self.value():
            case "overdue":
                return queryset.filter(due_at__lt=timezone.now() - timedelta(minutes=1))
            case "retrying":
                return queryset.filter(~Q(error_code=""), status=TargetStatus.PENDING)
            case "asking":
                return queryset.filter(~Q(error_code=""), status=TargetStatus.PUBLISHING)
            case "person":
                return queryset.filter(error_code__in=NEED_A_PERSON)
            case "unknown":
                return queryset.filter(error_code=UNKNOWN, status=TargetStatus.FAILED)
        return queryset


class PostTargetAdmin(ReadOnlyTenantAdmin):
    workspace_path = "post__workspace"
    list_display = ("said", account, target_badge, trouble, next_attempt, when("published_at", told="relative"), opened)
    empty_words = gettext_lazy("A post has one target per account that it goes to. How far each got is listed here.")
    list_filter = ("status", AffairsFilter, IntegrationPlatformFilter)
    search_fields = ("id__exact", "post__id__exact", "integration__username", "error_code__exact")
    ordering = ("-created_at", "id")
    fieldsets = (
        (None, {"fields": ("post_link", account, "id")}),
        (gettext_lazy("How far it got"), {"fields": (target_badge, page, "platform_post_id", when("published_at"))}),
        (
            gettext_lazy("What the machine does"),
            {"fields": (next_attempt, "attempts", "failures", trouble, "error_retryable", when("updated_at"))},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Not joined: PostgreSQL would join the whole table before it sorts out the page that is shown.
        accounts = Prefetch("integration", Integration.objects.select_related("workspace").defer("credentials"))
        return super().get_queryset(request).prefetch_related("post", accounts)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        at_one_moment(changes.result_list)
        return changes

    def get_readonly_fields(self, request: HttpRequest, obj: PostTarget | None = None) -> list[Any]:
        return [field for _, options in self.get_fieldsets(request, obj) for field in options["fields"]]

    @admin.display(description=gettext_lazy("target"))
    def said(self, obj: PostTarget) -> str:
        return str(obj.post)

    @admin.display(description=gettext_lazy("post"))
    def post_link(self, obj: PostTarget) -> str:
        return link(obj.post)
