"""The workspace switcher, on every page of admin."""

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.http import HttpRequest

from integrations.people.current import PARAMETER, current
from integrations.people.roles import workspaces_of

register = template.Library()

#: Names to choose from; whoever is in more goes to the list of workspaces, where each page has a button.
MOST = 50


@register.inclusion_tag("admin/workspace_switcher.html", takes_context=True)
def workspace_switcher(context: dict[str, Any]) -> dict[str, Any]:
    request = context["request"]
    mine = list(workspaces_of(request.user)[: MOST + 1])
    now = current(request)
    offered = mine[:MOST] if now is None or now in mine[:MOST] else [now, *mine[:MOST]]
    return {
        "workspaces": offered,
        "more": len(mine) > MOST,
        "current": now,
        "here": _here(request),
        "csrf_token": context.get("csrf_token"),
    }


def _here(request: HttpRequest) -> str:
    """The page's address, without the workspace that it names: the form chooses one."""
    asked = request.GET.copy()
    asked.pop(PARAMETER, None)
    return urlsplit(request.get_full_path())._replace(query=asked.urlencode()).geturl()
