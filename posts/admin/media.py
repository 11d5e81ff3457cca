"""Files. What a person does with them is one of the verbs in posts/media/actions.py."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.models import Workspace
from integrations.people.roles import workspaces_of
from openpost.admin import NOTHING, link, when
from posts.media import actions as verbs
from posts.media.links import link as link_to_file
from posts.media.types import TAKEN, Unusable
from posts.models import Media, Post
from posts.models.media import Kind

from .deleting import DeletingAdmin


class UploadForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A new file. The verb alone can say whether it is taken, and keeps it when it is."""

    upload = forms.FileField(label=gettext_lazy("File"), help_text=f"{TAKEN}.")

    #: Set by the admin: for which of them there may be files of this person's.
    workspaces: QuerySet[Workspace]

    class Meta:
        model = Media
        fields = ("workspace", "alt_text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workspace"].queryset = self.workspaces  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        said = self.cleaned_data
        try:
            self.instance = verbs.add_sent(
                workspace=said["workspace"], upload=said["upload"], alt_text=said["alt_text"]
            )
        except Unusable as error:
            self.add_error("upload", error.sentence)

    def _post_clean(self) -> None:
        """Nothing of the form is put on the instance: the verb has written the row."""


@admin.register(Media)
class MediaAdmin(DeletingAdmin):
    list_display = (
        "preview",
        "__str__",
        "kind",
        "size",
        "pixels",
        "used_by",
        "workspace",
        when("created_at", told="relative"),
    )
    add_words = gettext_lazy("Add a file")
    empty_words = gettext_lazy(
        "Pictures and videos that posts carry are kept here. They can also be added while you write a post."
    )
    delete_words = gettext_lazy("What is live on a platform with it stays as it is.")
    list_display_links = ("preview", "__str__")
    list_filter = ("kind", "created_at")
    search_fields = ("name", "alt_text", "id__exact", "workspace__name")
    ordering = ("-created_at", "-id")
    actions = ("delete_selected",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        using = Count("attachments__post", distinct=True)
        media: QuerySet[Any] = super().get_queryset(request).select_related("workspace").annotate(using=using)
        return media

    def get_fieldsets(self, request: HttpRequest, obj: Media | None = None) -> list[Any]:
        if obj is None:
            return [(None, {"fields": ("workspace", "upload", "alt_text")})]
        about = ("workspace", "name", "kind", "file_type", "size", "pixels", "length", when("created_at"), "id")
        shown = (None, {"fields": ("large_preview", "alt_text")})
        return [shown, (_("File"), {"fields": about}), (_("Use"), {"fields": ("posts",)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Media | None = None) -> list[Any]:
        shown = [field for _, options in self.get_fieldsets(request, obj) for field in options["fields"]]
        return [field for field in shown if field != "alt_text"] if obj else []

    def get_form(self, request: HttpRequest, obj: Media | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj:
            return super().get_form(request, obj, change, **kwargs)
        return type("UploadForm", (UploadForm,), {"workspaces": workspaces_of(request.user, self.takes("add"))})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        # Django's own wraps this in a transaction, and keeping a file may be a long talk with S3.
        response: HttpResponse = self._changeform_view(request, None, form_url, extra_context)  # type: ignore[attr-defined]
        return response

    def save_model(self, request: HttpRequest, obj: Media, form: Any, change: bool) -> None:
        if change:
            verbs.describe(media=obj, alt_text=obj.alt_text)

    # What a page shows -----------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("preview"))
    def preview(self, obj: Media) -> str:
        return picture(obj, 60)

    @admin.display(description=gettext_lazy("preview"))
    def large_preview(self, obj: Media) -> str:
        return format_html('<a href="{}">{}</a>', link_to_file(obj), picture(obj, 320))

    @admin.display(ordering="file_size")
    def size(self, obj: Media) -> str:
        return filesizeformat(obj.file_size)

    @admin.display(ordering="width")
    def pixels(self, obj: Media) -> str:
        return f"{obj.width} × {obj.height}"

    @admin.display(ordering="duration")
    def length(self, obj: Media) -> str:
        return f"{obj.duration:.1f} s" if obj.duration else NOTHING

    @admin.display(description=gettext_lazy("posts"), ordering="using")
    def used_by(self, obj: Any) -> str:
        return str(obj.using or NOTHING)

    @admin.display(description=gettext_lazy("stands in"))
    def posts(self, obj: Media) -> str:
        using = Post.objects.filter(attachments__media=obj).distinct().order_by("-created_at")[:20]
        return format_html_join("", "<div>{} ({})</div>", ((link(post), post.status) for post in using)) or NOTHING

    def delete_one(self, obj: Media) -> None:
        verbs.delete(media=obj)


def picture(media: Media, height: int) -> str:
    """This will show the file itself where a browser shows it at once; of a video, that it is one."""
    if media.kind == Kind.VIDEO:
        return "▶"
    tag = '<img src="{}" alt="{}" loading="lazy" style="max-height: {}px; max-width: min({}px, 100%)">'
    return format_html(tag, link_to_file(media), media.alt_text, height, height * 2)
