"""The workspace switcher, on every page of admin."""

from typing import Any

from django import template

from integrations.people.current import current
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
        "here": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }
