"""A table of posts in admin: tried first, and made when a person has seen what would become of each line."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin import TenantAdmin
from integrations.models import Workspace
from integrations.people.current import current
from integrations.people.roles import Permission, workspaces_of
from openpost.api.errors import ApiError
from posts.api.imports import understood
from posts.importing import Line, import_posts
from posts.table import LISTS, TEXTS, rows_of


class ImportForm(forms.Form):
    """A file, or the text of one that was tried before."""

    workspace = forms.ModelChoiceField(queryset=Workspace.objects.none())
    file = forms.FileField(
        required=False,
        label=gettext_lazy("CSV file"),
        help_text=format_lazy(
            "{} {}.", gettext_lazy("UTF-8; the first line names the columns:"), ", ".join(TEXTS + LISTS)
        ),
    )
    table = forms.CharField(
        required=False,
        strip=False,
        label=gettext_lazy("Or its text"),
        widget=forms.Textarea(attrs={"rows": 12, "cols": 100}),
    )

    def __init__(self, workspaces: QuerySet[Workspace], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workspace"].queryset = workspaces  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        if self.cleaned_data["file"] and self.cleaned_data["file"].size > settings.API_MAX_BODY:
            most = settings.API_MAX_BODY // 2**20
            self.add_error("file", _("A table may have at most %(most)s MiB.") % {"most": most})
            return
        try:
            self.text = self._text()
            self.lines: Sequence[Line] = [understood(row) for row in rows_of(self.text)]
        except UnicodeDecodeError:
            self.add_error("file", _("The file is not UTF-8: save it as “CSV UTF-8”."))
        except ApiError as error:
            self.add_error("file", str(error))

    def _text(self) -> str:
        """The table, wherever it came from; browsers end its lines in their own way."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is None:
            return str(self.cleaned_data["table"]).replace("\r\n", "\n")
        raw: bytes = file.read()
        return raw.decode("utf-8-sig")


class ImportingAdmin(TenantAdmin):
    """Beside the list of posts, the page on which a table is imported."""

    def get_urls(self) -> list[URLPattern]:
        page = path("import/", self.admin_site.admin_view(self.import_view), name="posts_post_import")
        return [page, *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        mine, begun = workspaces_of(request.user, Permission.WRITE), {"workspace": current(request)}
        form, tried = ImportForm(mine, request.POST or None, request.FILES or None, initial=begun), None
        if form.is_valid():
            workspace, make = form.cleaned_data["workspace"], "make" in request.POST
            tried = import_posts(
                workspace=workspace, lines=form.lines, dry_run=not make, by=request.user.get_username()
            )
            if make and all(one.post for one in tried):
                self.message_user(request, _("Imported: %(n)s.") % {"n": len(tried)}, messages.SUCCESS)
                return redirect("admin:posts_post_changelist")
            form = ImportForm(mine, initial={"workspace": workspace, "table": form.text})
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Import posts"),
            "form": form,
            "tried": tried,
            "good": tried and all(one.post for one in tried),
        }
        return TemplateResponse(request, "admin/posts/post/import.html", context)
