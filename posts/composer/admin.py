"""The composer as the add and change page of posts in admin: its form, its page, and what its buttons say they did."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from integrations.models import Workspace
from integrations.people.current import current
from integrations.people.roles import workspaces_of
from openpost.ids import id_in
from posts import approval
from posts.models import Post, PostStatus

from . import autosave, body, cards, files_sent, keeping, lock, page
from .form import PostForm
from .keeping import KeepingAdmin
from .preview import outlook
from .urls import urls


class ComposingAdmin(KeepingAdmin):
    """Posts are written here. What is on its way, or out, is only shown: then Django's own read-only page stands."""

    form = PostForm
    change_form_template = "composer/page.html"

    def get_urls(self) -> list[URLPattern]:
        return [*urls(self.admin_site), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A workspace first: it says which accounts there are."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if (named := self._workspace(request)) is not None:
            if request.FILES:
                files_sent.take(request, workspace=named)
            return super().add_view(request, form_url, extra_context)
        workspaces, begun = list(self._mine(request)[:500]), current(request)
        chosen = [begun] if begun in workspaces and "choose" not in request.GET else workspaces
        if len(chosen) == 1:
            return redirect(f"{request.path}?{_with(request, workspace=str(chosen[0].id))}")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Which workspace is the post for?"),
            "opts": self.opts,
            "workspaces": workspaces,
            "at": request.GET.get("at", ""),
        }
        return TemplateResponse(request, "admin/posts/post/choose_workspace.html", context)

    def get_form(self, request: HttpRequest, obj: Post | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return super().get_form(request, obj, change, form=forms.ModelForm, **kwargs)
        workspace = obj.workspace if obj else self._workspace(request)
        if workspace is None:
            raise PermissionDenied
        begins = body.blank(workspace=workspace, at=request.GET.get("at", ""))
        kept = keeping.taken_up(request, workspace=workspace)
        known: dict[str, Any] = {"workspace": workspace, "user": request.user, "begins": begins, "taken_up": kept}
        known["refused"] = files_sent.refused(request)
        return type("PostForm", (super().get_form(request, obj, change, **kwargs),), known)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if isinstance(form, PostForm):
            shown = page.whole(form, outlook(form, faults=form.faults))
            title = _("Change a post") if context["original"] else _("Write a post")
            context |= {"composing": True, "title": title, "several": self._mine(request)[1:2].exists(), **shown}
            context |= {"binds": approval.binds(form.workspace), **lock.shown(form)}
        else:
            context["cards"] = cards.of_post(context["original"])
        context |= keeping.unsaved(request, form, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Post, form: Any, change: bool) -> None:
        """The form has done it (form.py, clean)."""
        autosave.forget(request.user, page=keeping.page_of(request), post=form.instance if change else None)
        obj.pk = form.made.pk
        obj.refresh_from_db()

    def response_add(self, request: HttpRequest, obj: Post, post_url_continue: str | None = None) -> HttpResponse:
        return self._done(request, obj)

    def response_change(self, request: HttpRequest, obj: Post) -> HttpResponse:
        return self._done(request, obj)

    def _done(self, request: HttpRequest, post: Post) -> HttpResponse:
        """This will say what the button did, and show the post."""
        self.message_user(request, _what_happened(post, request.POST.get("do", "")), messages.SUCCESS)
        return redirect("admin:posts_post_change", post.pk)

    def _workspace(self, request: HttpRequest) -> Workspace | None:
        """The one that the address names: what is current may be another by the time the form is sent."""
        named = id_in(request.GET.get("workspace", ""))
        return self._mine(request).filter(id=named).first() if named else None

    def _mine(self, request: HttpRequest) -> QuerySet[Workspace]:
        """Those for which the person may write."""
        return workspaces_of(request.user, self.takes("add"))


def _with(request: HttpRequest, **more: str) -> str:
    query = request.GET.copy()
    for name, value in more.items():
        query[name] = value
    return query.urlencode()


def _what_happened(post: Post, do: str) -> str:
    if post.awaits_approval:
        return _("Saved. It goes out when an admin or owner has approved it.")
    match do, post.status:
        case "approve", _any:
            return _("Approved: it goes out.")
        case "decline", _any:
            return _("Declined: it is a draft, and nothing goes out.")
        case "now", _any:
            return _("It is on its way.")
        case "cancel", _any:
            return _("Cancelled: it is a draft again, and nothing goes out.")
        case "duplicate", _any:
            return _("Saved, and copied: this is the new draft.")
        case _any, PostStatus.SCHEDULED if post.scheduled_at:
            local = post.scheduled_at.astimezone(post.workspace.timezone)
            return _("Scheduled for %(at)s.") % {"at": f"{local:%A, %-d %B %Y, %H:%M %Z}"}
    return _("Saved as a draft.")
