"""The workspace in which a person works at present: lists show it, and new things begin in it.

It is kept in the session, so on the server, and only the form on every page changes it. Without one, lists show all the
person's workspaces. A link may name another one, for the one page that it leads to. Both choose among what a person may
see anyway, and never give a right: that is for roles.py.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from integrations.models import Workspace
from openpost.ids import id_in

from . import roles

M = TypeVar("M", bound=Model)

#: By which a link names a workspace: lists and filters have it for their own.
PARAMETER = "workspace"
_KEY = "workspace"


def current(request: HttpRequest) -> Workspace | None:
    """The workspace that was chosen, or the person's only one; None for all of them."""
    if not hasattr(request, "_workspace"):
        request._workspace = _find(request)  # type: ignore[attr-defined]
    found: Workspace | None = request._workspace  # type: ignore[attr-defined]
    return found


def choose(request: HttpRequest, workspace: Workspace | None) -> None:
    """This will make a workspace the current one, from the next request on; None chooses all."""
    request.session[_KEY] = str(workspace.id) if workspace else ""


def named(request: HttpRequest) -> Workspace | None:
    """The workspace that the address names (`?workspace=<id>`), for this page alone; None when it names none.

    Raises Http404 for one that does not exist for this person.
    """
    if not hasattr(request, "_named_workspace"):
        request._named_workspace = _find_named(request)  # type: ignore[attr-defined]
    found: Workspace | None = request._named_workspace  # type: ignore[attr-defined]
    return found


def shown(request: HttpRequest) -> Workspace | None:
    """The workspace whose rows a page shows: the one it was asked for, or the current one; None for all of them."""
    return named(request) or current(request)


def in_current(request: HttpRequest, rows: QuerySet[M], path: str = "workspace") -> QuerySet[M]:
    """This will keep of `rows` those of the workspace that is shown, or of all the person's; `path` leads to it."""
    workspace = shown(request)
    return rows.filter(**{path: workspace}) if workspace else roles.within(request.user, rows, path)


def _find_named(request: HttpRequest) -> Workspace | None:
    wanted = request.GET.get(PARAMETER)
    return get_object_or_404(roles.workspaces_of(request.user), id=id_in(wanted)) if wanted else None


def _find(request: HttpRequest) -> Workspace | None:
    mine = roles.workspaces_of(request.user)
    kept = id_in(request.session.get(_KEY, ""))
    if kept and (chosen := mine.filter(id=kept).first()):
        return chosen
    first_two = mine[:2]
    return first_two[0] if len(first_two) == 1 else None
