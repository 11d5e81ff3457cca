"""Deleting a workspace in admin: its owner types its name, it is closed at once, and the clock removes the rest."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from integrations.closing import CannotClose, close
from integrations.models import Role, Workspace
from integrations.people.roles import role_of, workspaces_of
from openpost.ids import id_in

from .tenancy import TenantAdmin


class _Typed(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("The workspace’s name"),
        strip=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ClosingAdmin(TenantAdmin):
    """Adds the page on which an owner, or whoever runs the service, deletes a workspace."""

    change_form_template = "admin/integrations/workspace/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.close_view)
        return [path("<path:object_id>/close/", view, name="integrations_workspace_close"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        more = dict(extra_context or {})
        if _closable(request, object_id):
            more["close"] = reverse("admin:integrations_workspace_close", args=[object_id])
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response

    def close_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        workspace = _closable(request, object_id)
        if workspace is None:
            raise Http404
        form = _Typed(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                close(workspace=workspace, typed=form.cleaned_data["name"], now=timezone.now())
            except CannotClose as error:
                form.add_error("name", str(error))
            else:
                said = _("%(workspace)s is closed and is being deleted.") % {"workspace": workspace}
                self.message_user(request, said, messages.SUCCESS)
                return redirect("admin:index")
        context = {"title": _("Delete %(workspace)s") % {"workspace": workspace}, "workspace": workspace, "form": form}
        everywhere = self.admin_site.each_context(request)
        address, status = "admin/integrations/workspace/close.html", 400 if form.errors else 200
        return TemplateResponse(request, address, {**everywhere, **context}, status=status)


def _closable(request: HttpRequest, object_id: str) -> Workspace | None:
    """The workspace, if this person may delete it: who owns it, or runs the service."""
    wanted = id_in(object_id)
    workspace = workspaces_of(request.user).filter(id=wanted, closing_since=None).first() if wanted else None
    if workspace is None:
        return None
    owns = request.user.is_superuser or role_of(request.user, workspace) == Role.OWNER
    return workspace if owns else None
