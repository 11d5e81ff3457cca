"""Choosing the workspace one works in: a form on every page (templates/admin/workspace_switcher.html)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from integrations.models import Workspace
from integrations.people.back import lead_back
from integrations.people.current import choose
from integrations.people.roles import workspaces_of
from openpost.ids import id_in


def urls(site: "object") -> list[URLPattern]:
    """The address that the form is sent to, below the pages of workspaces."""
    return [path("switch/", site.admin_view(require_POST(switch)), name="integrations_workspace_switch")]  # type: ignore[attr-defined]


def switch(request: HttpRequest) -> HttpResponse:
    """This will make one of the person's workspaces the current one, or all of them, and go back to the page."""
    choose(request, _wanted(request))
    return lead_back(request)


def _wanted(request: HttpRequest) -> Workspace | None:
    named = request.POST.get("workspace", "")
    return get_object_or_404(workspaces_of(request.user), id=id_in(named)) if named else None
