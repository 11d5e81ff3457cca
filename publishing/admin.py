"""The ledger, to look at. It adds to the pages of posts and targets what was tried: posts may not import this room."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from integrations.admin import PlatformFilter, WorkspaceFilter, account_link, label_of
from openpost.admin import (
    NOTHING,
    ReadOnlyAdmin,
    ReadOnlyInline,
    Tone,
    badge_of,
    column,
    link,
    moment,
    pretty,
    verbatim,
    when,
)
from posts import admin as posts_admin
from posts.models import Post, PostTarget

from .models import Attempt, Delivery, DeliveryState, Outcome

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
    Outcome.WORKER_LOST: "quiet",
}
delivery_badge = badge_of("state", DELIVERY_TONES)
outcome_badge = badge_of("outcome", OUTCOME_TONES)


class TargetPlatformFilter(PlatformFilter):
    field = "target__integration__platform"


class TargetWorkspaceFilter(WorkspaceFilter):
    field = "target__post__workspace"


class LedgerAdmin(ReadOnlyAdmin):
    """Evidence is written by the machine, once."""

    #: What its links from a post's and a target's page ask for.
    asked_by = ("target__post", "target__post__id__exact", "target__id__exact")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Not joined: PostgreSQL would join the whole table before it sorts out the page that is shown.
        targets = posts_admin.bare_targets().select_related("post")
        return super().get_queryset(request).prefetch_related(Prefetch("target", targets))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in self.asked_by or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    @admin.display(description="account", ordering="target__integration__username")
    def account(self, obj: Attempt | Delivery) -> str:
        return account_link(obj.target.integration)

    @admin.display(description="post")
    def post(self, obj: Attempt | Delivery) -> str:
        return link(obj.target.post)

    @admin.display(description="target")
    def target_link(self, obj: Attempt | Delivery) -> str:
        return link(obj.target, obj.target.get_status_display())


@admin.register(Delivery)
class DeliveryAdmin(LedgerAdmin):
    list_display = (
        "key",
        "part",
        delivery_badge,
        "account",
        "post",
        when("sent_at"),
        when("resent_at"),
        "looks",
        "page",
    )
    list_filter = ("state", TargetPlatformFilter, "sent_at", TargetWorkspaceFilter)
    search_fields = ("key__exact", "remote_id__exact", "target__id__exact", "target__post__id__exact")
    ordering = ("-sent_at", "id")
    fieldsets = (
        (None, {"fields": ("post", "account", "target_link", "part")}),
        ("State", {"fields": (delivery_badge, when("sent_at"), when("resent_at"), "looks", "remote_id", "page")}),
        ("What is sent", {"fields": ("key", pretty("payload"), "fingerprint")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Delivery | None = None) -> list[Any]:
        return [field for _, options in self.fieldsets for field in options["fields"]]

    @admin.display(description="address")
    def page(self, obj: Delivery) -> str:
        return format_html('<a href="{0}" rel="noopener noreferrer">{0}</a>', obj.url) if obj.url else NOTHING


@column("took")
def took(attempt: Attempt) -> str:
    seconds = (attempt.ended_at - attempt.started_at).total_seconds()
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


@admin.register(Attempt)
class AttemptAdmin(LedgerAdmin):
    list_display = (when("started_at"), outcome_badge, "number", "account", "post", "message", "code", took, "worker")
    list_display_links = (outcome_badge,)
    list_filter = ("outcome", TargetPlatformFilter, "started_at", TargetWorkspaceFilter)
    search_fields = ("code__exact", "worker", "target__id__exact", "target__post__id__exact")
    ordering = ("-id",)
    fields = (
        *("post", "account", "target_link", "number", outcome_badge, "message", "code", verbatim("detail")),
        *(when("started_at"), when("ended_at"), took, "worker"),
    )
    readonly_fields = fields


# What the pages of posts and targets show of it ----------------------------------------------------------------------

#: A post's page shows the newest; the rest is a click away.
NEWEST = 50


def timeline(attempts: QuerySet[Attempt], *, all_of: str) -> str:
    """This will list the newest attempts, oldest first, so that it reads as what happened."""
    related = attempts.select_related("target__integration").defer("target__integration__credentials")
    rows = list(related.order_by("-id")[: NEWEST + 1])
    shown = [
        {
            "row": row,
            "when": moment(row.started_at),
            "badge": outcome_badge(row),
            "platform": label_of(row.target.integration.platform),
            "took": took(row),
        }
        for row in reversed(rows[:NEWEST])
    ]
    more = len(rows) > NEWEST
    all_url = f"{reverse('admin:publishing_attempt_changelist')}?{all_of}" if more else ""
    return render_to_string("admin/publishing/timeline.html", {"attempts": shown, "all_url": all_url})


class DeliveryInline(ReadOnlyInline):
    model = Delivery
    fields = ("part", delivery_badge, "key", when("sent_at"), when("resent_at"), "looks")
    readonly_fields = fields
    ordering = ("part",)
    show_change_link = True


admin.site.unregister([Post, PostTarget])


@admin.register(Post)
class PostAdmin(posts_admin.PostAdmin):
    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, ("What happened", {"fields": ("attempts",)})] if obj else fieldsets

    @admin.display(description="attempts")
    def attempts(self, obj: Post) -> str:
        return timeline(Attempt.objects.filter(target__post=obj), all_of=f"target__post__id__exact={obj.pk}")


@admin.register(PostTarget)
class PostTargetAdmin(posts_admin.PostTargetAdmin):
    inlines = (DeliveryInline,)

    def get_fieldsets(self, request: HttpRequest, obj: PostTarget | None = None) -> list[Any]:
        return [*super().get_fieldsets(request, obj), ("What happened", {"fields": ("tries",)})]

    @admin.display(description="attempts")
    def tries(self, obj: PostTarget) -> str:
        return timeline(Attempt.objects.filter(target=obj), all_of=f"target__id__exact={obj.pk}")
