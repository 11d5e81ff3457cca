"""The home page: the theme asks here for what it shows, and the page itself, by and by, how the machine does."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from integrations.admin import label_of
from integrations.marks import face, lone_face
from integrations.models import Integration
from integrations.people.current import current
from integrations.people.members import invitations
from integrations.people.roles import Permission, may_somewhere
from integrations.people.sessions import by_itself
from openpost.admin import moment
from posts.admin.targets import at_one_moment, why_not_live
from posts.models import PostTarget
from publishing import home


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """This will give the page all that can be known without waiting for anybody."""
    now = timezone.now()
    stands = home.wanting_a_person(request, now=now)
    at_one_moment(stands)
    hours = home.last_day(request, now=now)
    return {
        **context,
        "title": _("Home"),
        "workspace": current(request),
        "upcoming": [
            {
                "post": post,
                "when": moment(targets[0].due_at, told="relative"),
                "faces": format_html_join("", "{}", ((lone_face(one.integration),) for one in targets)),
                "platforms": ", ".join(map(_platform, targets)),
            }
            for post, targets in home.upcoming(request, now=now)
        ],
        "stands": [
            {
                "post": one.post,
                "when": moment(one.updated_at, told="relative"),
                "face": face(one.integration),
                "account": _account(one.integration),
                "why": why_not_live(one),
            }
            for one in stands
        ],
        "invitations": invitations(request.user),
        "awaiting": [
            {
                "post": post,
                "when": moment(post.approval_requested_at, told="relative"),
                "by": post.approval_requested_by,
            }
            for post in home.awaiting_approval(request)
        ],
        "to_reconnect": [
            {"account": one, "face": face(one), "name": _account(one)} for one in home.to_reconnect(request)
        ],
        "hours": [{"hour": hour, "when": moment(hour.begins)} for hour in hours],
        "live": sum(hour.live for hour in hours),
        "failed": sum(hour.failed for hour in hours),
        "may_write": may_somewhere(request.user, Permission.WRITE),
    }


@never_cache
@require_GET
def machine(request: HttpRequest) -> HttpResponse:
    """The part of the page that asks the broker, which may take two seconds to answer."""
    by_itself(request)
    found = home.machine(request, now=timezone.now())
    context = {"machine": found, "latest": moment(found.latest)}
    return TemplateResponse(request, "admin/home/machine.html", context)


#: As the admin's own pages are: for whoever may enter it.
machine_view = admin.site.admin_view(machine)


def _platform(target: PostTarget) -> str:
    return label_of(target.integration.platform)


def _account(integration: Integration) -> str:
    return f"{label_of(integration.platform)} · {integration.username}"
