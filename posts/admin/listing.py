"""The list of posts: what is said, how far it got and when, at a glance; and verbs for many, asked about first."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin import TenantAdmin
from integrations.marks import lone_face
from integrations.people.current import current
from openpost.admin import NOTHING, Tone, badge_of, link, moment
from openpost.api.errors import ApiError
from openpost.ids import id_in
from posts import actions
from posts.models import Post, PostStatus
from posts.models.search import saying
from posts.status import EDITABLE

from .filters import AccountFilter, PostPlatformFilter, StatusFilter, TagFilter, WhenFilter
from .targets import bare_targets, target_badge

POST_TONES: dict[str, Tone] = {
    PostStatus.DRAFT: "quiet",
    PostStatus.SCHEDULED: "waiting",
    PostStatus.PUBLISHING: "busy",
    PostStatus.PUBLISHED: "good",
    PostStatus.FAILED: "bad",
}
post_badge = badge_of("status", POST_TONES)
#: Posts that the question before a verb names; of the others it says how many there are.
NAMED = 20
#: For which posts a verb makes sense. The verb decides, in any case.
FITTING: dict[str, tuple[PostStatus, ...]] = {
    "publish_now": (*EDITABLE, PostStatus.FAILED),
    "cancel": (PostStatus.SCHEDULED,),
    "duplicate": tuple(PostStatus),
}


class ListingAdmin(TenantAdmin):
    list_filter = (StatusFilter, PostPlatformFilter, AccountFilter, TagFilter, WhenFilter)
    list_display_links = ("said",)
    search_fields = ("content",)
    search_help_text = gettext_lazy("Part of a text, or the id of a post or a group.")
    add_words = gettext_lazy("Write a post")
    empty_words = gettext_lazy(
        "Write a post and choose its accounts: it goes out to each of them once, now or when you say."
    )
    delete_words = gettext_lazy("What OpenPost knows of it goes along. What is live on a platform stays there.")
    # Newest first. A date hierarchy would read the whole table twice for every page.
    ordering = ("-created_at", "-id")
    actions = ("publish_now", "cancel", "duplicate", "delete_selected")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        where = [] if current(request) else ["workspace_link"]
        return ["said", post_badge, "accounts", "goes", *where]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("workspace", Prefetch("targets", bare_targets()))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the index that `q` of the API uses; an id is looked up as one."""
        piece = search_term.strip()
        if not piece:
            return queryset, False
        if wanted := id_in(piece):
            return queryset.filter(Q(id=wanted) | Q(group_id=wanted)), False
        return saying(queryset, piece), False  # type: ignore[arg-type]  # Post's own kind of QuerySet

    # What a row shows ------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("post"), ordering="content")
    def said(self, obj: Post) -> str:
        tags = format_html_join(" ", '<span class="op-tag">{}</span>', ((tag,) for tag in obj.tags))
        more = len(obj.thread)
        thread = format_html(' <span class="op-quiet-text">+{}</span>', more) if more else ""
        return format_html("{}{} {}", next(iter(str(obj).splitlines()), NOTHING), thread, tags)

    @admin.display(description=gettext_lazy("accounts"))
    def accounts(self, obj: Post) -> str:
        """The faces of the accounts; where they differ in how far they got, with the status of each."""
        targets = sorted(obj.targets.all(), key=lambda target: (target.status, target.position))
        groups = [list(found) for _status, found in groupby(targets, key=lambda target: target.status)]
        lines = [
            (
                target_badge(group[0]) if len(groups) > 1 else "",
                format_html_join("", "{}", ((lone_face(target.integration),) for target in group)),
            )
            for group in groups
        ]
        return format_html_join("", '<div class="op-marks">{} {}</div>', lines) or NOTHING

    @admin.display(description=gettext_lazy("when"), ordering="scheduled_at")
    def goes(self, obj: Post) -> str:
        at = obj.published_at or obj.scheduled_at
        return moment(at, told="relative") if at else NOTHING

    @admin.display(description=gettext_lazy("workspace"), ordering="workspace__name")
    def workspace_link(self, obj: Post) -> str:
        return link(obj.workspace)

    # The verbs -------------------------------------------------------------------------------------------------------

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "publish")

    @admin.action(description=gettext_lazy("Publish now, or try again"), permissions=["publish"])
    def publish_now(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        if asked := self._asked(request, queryset, "publish_now", _("Publish now")):
            return asked
        self._each(request, queryset, actions.publish_now, "On their way")
        return None

    @admin.action(description=gettext_lazy("Cancel"), permissions=["publish"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        if asked := self._asked(request, queryset, "cancel", _("Cancel these posts")):
            return asked
        # The verb would also take drafts back whose author waits for a yes, of which the page has said nothing.
        self._each(request, self._fitting(queryset, "cancel"), actions.cancel, "Cancelled, now drafts")
        return None

    @admin.action(description=gettext_lazy("Duplicate"), permissions=["add"])
    def duplicate(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        copies = self._each(request, queryset, actions.duplicate, "Copied to new drafts")
        return redirect("admin:posts_post_change", copies[0].pk) if len(copies) == 1 else None

    def _asked(self, request: HttpRequest, posts: QuerySet[Post], action: str, label: str) -> HttpResponse | None:
        """A page that shows what a verb will do with what was chosen in the list; None when that was said yes to."""
        if "sure" in request.POST:
            return None
        fitting = self._fitting(posts, action)
        number, chosen = fitting.count(), posts.count()
        context = {
            **self.admin_site.each_context(request),
            "title": label,
            "action": action,
            "label": label,
            "ids": posts.values_list("pk", flat=True)[: self.list_per_page],
            "across": request.POST.get("select_across", "0"),
            "posts": [
                {"post": post, "badge": post_badge(post), "accounts": self.accounts(post), "when": self.goes(post)}
                for post in fitting[:NAMED]
            ],
            "number": number,
            "more": max(0, number - NAMED),
            "left": chosen - number,
        }
        return TemplateResponse(request, "admin/posts/post/sure.html", context)

    def _fitting(self, posts: QuerySet[Post], action: str) -> QuerySet[Post]:
        """What a verb is for: the rest is left alone, as the page before said."""
        return posts.filter(status__in=FITTING[action])

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Post], verb: Callable[..., Post], summary: str
    ) -> list[Post]:
        """This will apply a verb to each post by itself: what is refused keeps no other back."""
        done = []
        for post in queryset.order_by("created_at", "id"):
            try:
                done.append(verb(post=post, by=request.user.get_username()))
            except ApiError as error:
                self.message_user(request, f"“{post}”: {error}", messages.ERROR)
            except Post.DoesNotExist:
                self.message_user(
                    request, _("“%(post)s” has been deleted in the meantime.") % {"post": post}, messages.ERROR
                )
        if done:
            self.message_user(request, f"{summary}: {len(done)}.", messages.SUCCESS)
        return done
