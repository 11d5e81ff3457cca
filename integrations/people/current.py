"""The workspace in which a person works at present: lists show it, and new things begin in it.

It is kept in the session, so on the server; no address names it. Without one, lists show all the person's workspaces.
It chooses among what a person may see anyway, and never gives a right: that is for roles.py.
"""

import uuid
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from integrations.models import Workspace

from . import roles

M = TypeVar("M", bound=Model)

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


def in_current(request: HttpRequest, rows: QuerySet[M], path: str = "workspace") -> QuerySet[M]:
    """This will keep of `rows` those of the current workspace, or of all the person's; `path` leads to it."""
    workspace = current(request)
    return rows.filter(**{path: workspace}) if workspace else roles.within(request.user, rows, path)


def _find(request: HttpRequest) -> Workspace | None:
    mine = roles.workspaces_of(request.user)
    try:
        chosen = mine.filter(id=uuid.UUID(request.session[_KEY])).first()
    except (KeyError, ValueError):
        chosen = None
    if chosen:
        return chosen
    first_two = mine[:2]
    return first_two[0] if len(first_two) == 1 else None
