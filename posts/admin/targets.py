"""How far a post got on one account: the same on the post's page and on the target's own. Only ever looked at."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from integrations.admin import PlatformFilter, WorkspaceFilter, account_link
from integrations.models import Integration
from openpost.admin import (
    NOTHING,
    ReadOnlyAdmin,
    ReadOnlyInline,
    Tone,
    badge_of,
    column,
    link,
    moment,
    when,
)
from posts.models import PostTarget, TargetStatus

TARGET_TONES: dict[str, Tone] = {
    TargetStatus.PENDING: "waiting",
    TargetStatus.PUBLISHING: "busy",
    TargetStatus.PUBLISHED: "good",
    TargetStatus.FAILED: "bad",
}
target_badge = badge_of("status", TARGET_TONES)


@column("account", ordering="integration__username")
def account(target: PostTarget) -> str:
    return account_link(target.integration)


@column("address")
def page(target: PostTarget) -> str:
    if not target.platform_post_url:
        return NOTHING
    return format_html('<a href="{0}" rel="noopener noreferrer">{0}</a>', target.platform_post_url)


@column("what went wrong", ordering="error_code")
def trouble(target: PostTarget) -> str:
    if not target.error_code:
        return NOTHING
    return format_html('{} <span class="op-quiet-text">({})</span>', target.error_message, target.error_code)


@column("next attempt", ordering="due_at")
def next_attempt(target: PostTarget) -> str:
    return moment(target.due_at)


def bare_targets() -> QuerySet[PostTarget]:
    """Targets with their accounts, but not the accounts' credentials."""
    return PostTarget.objects.select_related("integration").defer("integration__credentials")


class TargetPlatformFilter(PlatformFilter):
    field = "integration__platform"


class TargetWorkspaceFilter(WorkspaceFilter):
    field = "post__workspace"


class AffairsFilter(admin.SimpleListFilter):
    """The questions somebody has on a bad day."""

    title = "state of affairs"
    parameter_name = "affairs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("overdue", "Overdue by a minute"),
            ("retrying", "Tried, trying again"),
            ("asking", "Sent, outcome being asked for"),
            ("unknown", "Needs a person: outcome unknown"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PostTarget]) -> QuerySet[PostTarget]:
        match self.value():
            case "overdue":
                return queryset.filter(due_at__lt=timezone.now() - timedelta(minutes=1))
            case "retrying":
                return queryset.filter(~Q(error_code=""), status=TargetStatus.PENDING)
            case "asking":
                return queryset.filter(~Q(error_code=""), status=TargetStatus.PUBLISHING)
            case "unknown":
                return queryset.filter(error_code="outcome_unknown", status=TargetStatus.FAILED)
        return queryset


@admin.register(PostTarget)
class PostTargetAdmin(ReadOnlyAdmin):
    list_display = ("said", account, target_badge, trouble, next_attempt, "attempts", page, when("published_at"))
    list_filter = ("status", AffairsFilter, TargetPlatformFilter, TargetWorkspaceFilter)
    search_fields = ("id__exact", "post__id__exact", "integration__username", "error_code__exact")
    ordering = ("-created_at", "id")
    fieldsets = (
        (None, {"fields": ("post_link", account, "id")}),
        ("How far it got", {"fields": (target_badge, page, "platform_post_id", when("published_at"))}),
        (
            "What the machine does",
            {"fields": (next_attempt, "attempts", "failures", trouble, "error_retryable", when("updated_at"))},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Not joined: PostgreSQL would join the whole table before it sorts out the page that is shown.
        accounts = Prefetch("integration", Integration.objects.defer("credentials"))
        return super().get_queryset(request).prefetch_related("post", accounts)

    def get_readonly_fields(self, request: HttpRequest, obj: PostTarget | None = None) -> list[Any]:
        return [field for _, options in self.get_fieldsets(request, obj) for field in options["fields"]]

    @admin.display(description="target")
    def said(self, obj: PostTarget) -> str:
        return str(obj.post)

    @admin.display(description="post")
    def post_link(self, obj: PostTarget) -> str:
        return link(obj.post)


class PostTargetInline(ReadOnlyInline):
    model = PostTarget
    fields = (account, target_badge, page, trouble, next_attempt, "attempts")
    readonly_fields = fields
    ordering = ("position", "id")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("integration").defer("integration__credentials")
