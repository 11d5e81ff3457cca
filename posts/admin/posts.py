"""Posts. Every change is one of the verbs in actions.py."""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from integrations.admin import PlatformFilter, WorkspaceFilter, label_of
from integrations.people.roles import Permission
from openpost.admin import (
    NOTHING,
    Tone,
    badge_of,
    link,
    moment,
    pretty,
    verbatim,
    when,
)
from openpost.api.errors import ApiError
from posts import actions
from posts.composer.admin import ComposingAdmin
from posts.composer.form import PostForm
from posts.models import Media, Post, PostStatus, PostTarget
from posts.status import EDITABLE

from .deleting import DeletingAdmin
from .importing import ImportingAdmin
from .media import picture
from .targets import PostTargetInline, bare_targets, target_badge

POST_TONES: dict[str, Tone] = {
    PostStatus.DRAFT: "quiet",
    PostStatus.SCHEDULED: "waiting",
    PostStatus.PUBLISHING: "busy",
    PostStatus.PUBLISHED: "good",
    PostStatus.FAILED: "bad",
}
post_badge = badge_of("status", POST_TONES)


class PostPlatformFilter(PlatformFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        if not self.value():
            return queryset
        targets = PostTarget.objects.filter(post=OuterRef("pk"), integration__platform=self.value())
        return queryset.filter(Exists(targets))


@admin.register(Post)
class PostAdmin(ComposingAdmin, ImportingAdmin, DeletingAdmin):
    rights = {"publish": Permission.PUBLISH}
    list_display = (
        "__str__",
        post_badge,
        "workspace_link",
        "targets",
        when("scheduled_at"),
        when("published_at"),
    )
    # A date hierarchy would read the whole table twice for every page.
    list_filter = ("status", PostPlatformFilter, "scheduled_at", "created_at", WorkspaceFilter)
    search_fields = ("content", "id__exact", "group_id__exact", "workspace__name")
    ordering = ("-created_at", "-id")
    inlines = (PostTargetInline,)
    actions = ("publish_now", "cancel", "duplicate", "delete_selected")
    on_page = ("publish_now", "cancel", "duplicate")

    # What a page shows -----------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        targets = Prefetch("targets", bare_targets())
        return super().get_queryset(request).prefetch_related("workspace", targets)

    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        if obj is None or self.has_change_permission(request, obj):
            return [(None, {"fields": list(PostForm.base_fields)})]
        platforms, order = ("platform_overrides", "platform_settings"), ("tags", "group_id")
        parts = (verbatim("content"), "files", "parts", "split")
        said = [(None, {"fields": (*parts, *(pretty(name) for name in platforms), *order)})]
        # What changes while somebody looks stands in the live part of the page (publishing/admin/live.py).
        state = ("workspace_link", "goes_out", "warned", when("created_at"), "id")
        return [*said, ("State", {"fields": state})]

    def get_readonly_fields(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        shown = [field for _, options in self.get_fieldsets(request, obj) for field in options["fields"]]
        return [field for field in shown if field not in PostForm.base_fields]

    def get_inlines(self, request: HttpRequest, obj: Post | None) -> Any:
        return () if obj is None or self.has_change_permission(request, obj) else self.inlines

    @admin.display(description="goes out at")
    def goes_out(self, obj: Post) -> str:
        """The time for the machine, and what its people's clock will show."""
        if obj.scheduled_at is None:
            return NOTHING
        if str(obj.workspace.timezone) == settings.TIME_ZONE:
            return moment(obj.scheduled_at)
        local = obj.scheduled_at.astimezone(obj.workspace.timezone).strftime("%Y-%m-%d %H:%M %Z")
        return format_html('{} <span class="op-quiet-text">({})</span>', moment(obj.scheduled_at), local)

    @admin.display(description="workspace", ordering="workspace__name")
    def workspace_link(self, obj: Post) -> str:
        return link(obj.workspace)

    @admin.display(description="media")
    def files(self, obj: Post) -> str:
        """The files beside the content."""
        return _pictures(obj.media_by_part().get(0, ())) or NOTHING

    @admin.display(description="thread")
    def parts(self, obj: Post) -> str:
        """The parts that follow the content, numbered as the timeline numbers them, each with its files."""
        files = obj.media_by_part()
        parts = ((number + 1, text, _pictures(files.get(number, ()))) for number, text in enumerate(obj.thread, 1))
        items = format_html_join("", '<li value="{}"><pre>{}</pre>{}</li>', parts)
        return format_html('<ol class="op-parts">{}</ol>', items) if items else NOTHING

    @admin.display(description="warnings")
    def warned(self, obj: Post) -> str:
        if not obj.warnings:
            return NOTHING
        items = format_html_join("", "<li>{}</li>", ((warning["message"],) for warning in obj.warnings))
        return format_html('<ul class="op-lines">{}</ul>', items)

    @admin.display(description="targets")
    def targets(self, obj: Post) -> str:
        """One line per status: the badge, and the platforms that stand there."""
        by_status = sorted(obj.targets.all(), key=lambda target: (target.status, target.position))
        lines = [
            (target_badge(group[0]), ", ".join(label_of(target.integration.platform) for target in group))
            for group in (list(found) for _, found in groupby(by_status, key=lambda target: target.status))
        ]
        return format_html_join(mark_safe("<br>"), "{} {}", lines) or NOTHING

    # What a person may do --------------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        """What is on its way, or out, is shown and cannot be typed over."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status in EDITABLE)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "publish")

    def offers(self, obj: Post, action: str) -> bool:
        fitting: dict[str, tuple[PostStatus, ...]] = {
            "publish_now": (*EDITABLE, PostStatus.FAILED),
            "cancel": (PostStatus.SCHEDULED,),
            "duplicate": tuple(PostStatus),
        }
        return obj.status in fitting[action]

    # The verbs -------------------------------------------------------------------------------------------------------

    @admin.action(description="Publish now", permissions=["publish"])
    def publish_now(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        self._each(request, queryset, actions.publish_now, "Published now.", "On their way")

    @admin.action(description="Cancel", permissions=["publish"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        self._each(request, queryset, actions.cancel, "Cancelled.", "Cancelled, now drafts")

    @admin.action(description="Duplicate", permissions=["add"])
    def duplicate(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        copies = self._each(request, queryset, actions.duplicate, "Duplicated.", "Copied to new drafts")
        return redirect("admin:posts_post_change", copies[0].pk) if len(copies) == 1 else None

    def delete_one(self, obj: Post) -> None:
        actions.delete(post=obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A post takes its targets and their ledger along; only those pages are read-only, not this."""
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, {name for name in lacking if name == self.opts.verbose_name}, protected

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Post], verb: Callable[..., Post], entry: str, summary: str
    ) -> list[Post]:
        """This will apply a verb to each post by itself: what is refused keeps no other back."""
        done = []
        for post in queryset.order_by("created_at", "id"):
            try:
                done.append(verb(post=post, by=request.user.get_username()))
            except ApiError as error:
                self.message_user(request, f"“{post}”: {error}", messages.ERROR)
            except Post.DoesNotExist:
                self.message_user(request, f"“{post}” has been deleted in the meantime.", messages.ERROR)
            else:
                self.log_change(request, post, entry)
        if done:
            self.message_user(request, f"{summary}: {len(done)}.", messages.SUCCESS)
        return done


def _pictures(files: Iterable[Media]) -> str:
    """Each file with its name, and the way to its page."""
    return format_html_join(
        "", "<div>{}</div>", ((link(file, format_html("{} {}", picture(file, 60), file)),) for file in files)
    )
