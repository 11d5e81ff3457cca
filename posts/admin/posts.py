"""Posts. Every change is one of the verbs in actions.py; publishing/admin/ adds what the machine did, and registers."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from integrations.people.roles import Permission
from openpost.admin import NOTHING, link, moment, pretty, verbatim, when
from posts import actions
from posts.composer.admin import ComposingAdmin
from posts.composer.form import PostForm
from posts.composer.places import for_people
from posts.models import Media, Post
from posts.status import EDITABLE

from .deleting import DeletingAdmin
from .importing import ImportingAdmin
from .listing import ListingAdmin
from .media import picture


class PostAdmin(ComposingAdmin, ListingAdmin, ImportingAdmin, DeletingAdmin):
    rights = {"publish": Permission.PUBLISH}

    # What a page shows -----------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        if obj is None or self.has_change_permission(request, obj):
            return [(None, {"fields": list(PostForm.base_fields)})]
        platforms, order = ("platform_overrides", "platform_settings"), ("tags", "group_id")
        parts = (verbatim("content"), "files", "parts", "split")
        fields = (*parts, *(pretty(name) for name in platforms), *order)
        # What people look for stands above it, as each network shows it (templates/composer/sent.html).
        said = [(_("As it was written"), {"fields": fields, "classes": ["collapse"]})]
        # What changes while somebody looks stands in the live part of the page (publishing/admin/live.py).
        state = ("workspace_link", "goes_out", "warned", when("created_at"), "id")
        return [*said, (_("State"), {"fields": state})]

    def get_readonly_fields(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        shown = [field for _, options in self.get_fieldsets(request, obj) for field in options["fields"]]
        return [field for field in shown if field not in PostForm.base_fields]

    @admin.display(description=gettext_lazy("goes out at"))
    def goes_out(self, obj: Post) -> str:
        """The time for the machine, and what its people's clock will show."""
        if obj.scheduled_at is None:
            return NOTHING
        if str(obj.workspace.timezone) == settings.TIME_ZONE:
            return moment(obj.scheduled_at)
        local = obj.scheduled_at.astimezone(obj.workspace.timezone).strftime("%Y-%m-%d %H:%M %Z")
        return format_html('{} <span class="op-quiet-text">({})</span>', moment(obj.scheduled_at), local)

    @admin.display(description=gettext_lazy("media"))
    def files(self, obj: Post) -> str:
        """The files beside the content."""
        return _pictures(obj.media_by_part().get(0, ())) or NOTHING

    @admin.display(description=gettext_lazy("thread"))
    def parts(self, obj: Post) -> str:
        """The parts that follow the content, numbered as the timeline numbers them, each with its files."""
        files = obj.media_by_part()
        parts = ((number + 1, text, _pictures(files.get(number, ()))) for number, text in enumerate(obj.thread, 1))
        items = format_html_join("", '<li value="{}"><pre>{}</pre>{}</li>', parts)
        return format_html('<ol class="op-parts">{}</ol>', items) if items else NOTHING

    @admin.display(description=gettext_lazy("warnings"))
    def warned(self, obj: Post) -> str:
        if not obj.warnings:
            return NOTHING
        said = ((for_people(one["message"]), _other(one.get("post_id"))) for one in obj.warnings)
        items = format_html_join("", "<li>{}{}</li>", said)
        return format_html('<ul class="op-lines">{}</ul>', items)

    # What a person may do --------------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        """What is on its way, or out, is shown and cannot be typed over."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status in EDITABLE)

    def delete_one(self, obj: Post) -> None:
        actions.delete(post=obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A post takes its targets and their ledger along; only those pages are read-only, not this."""
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, {name for name in lacking if name == self.opts.verbose_name}, protected


def _other(post_id: str | None) -> str:
    """The way to the post that a warning is about."""
    if not post_id:
        return ""
    address = reverse("admin:posts_post_change", args=[post_id])
    return format_html(' <a class="op-link" href="{}">{}</a>', address, _("Look at it"))


def _pictures(files: Iterable[Media]) -> str:
    """Each file with its name, and the way to its page."""
    return format_html_join(
        "", "<div>{}</div>", ((link(file, format_html("{} {}", picture(file, 60), file)),) for file in files)
    )
