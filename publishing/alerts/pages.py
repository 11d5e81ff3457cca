"""Who is told when something goes wrong: each person for themselves, admins for everybody in their workspaces."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from integrations.models import Membership
from integrations.people.current import in_current
from integrations.people.roles import Permission, within, workspaces_of
from openpost.admin import moment

from ..models import Alert
from . import people

#: Rows of each list.
MOST_PEOPLE, MOST_ALERTS = 200, 30


@never_cache
@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """What people were told of, and who is told."""
    members = _changeable(request).annotate(told=Exists(people.told(Membership.objects.filter(id=OuterRef("id")))))
    context = {
        **admin.site.each_context(request),
        "title": _("Alerts"),
        "address": getattr(request.user, "email", ""),
        "nowhere": people.nowhere_to_go(workspaces_of(request.user)),
        "members": in_current(request, members.order_by("workspace__name", "user__username"))[:MOST_PEOPLE],
        "alerts": [
            {"alert": one, "began": moment(one.began_at), "cured": moment(one.cured_at)} for one in _latest(request)
        ],
    }
    return TemplateResponse(request, "alerts/page.html", context)


@never_cache
@require_POST
def choose(request: HttpRequest, membership_id: int) -> HttpResponse:
    """This will turn somebody's alerts of one workspace on or off."""
    membership = _changeable(request).filter(id=membership_id).first()
    if membership is None:
        raise Http404
    wanted = request.POST.get("wanted") == "on"
    people.choose(membership=membership, wanted=wanted)
    said = _("%(person)s is told when something goes wrong.") if wanted else _("%(person)s is told no more.")
    messages.success(request, said % {"person": membership.user})
    return redirect("admin-alerts")


@never_cache
@require_POST
def address(request: HttpRequest) -> HttpResponse:
    """This will keep the address to which the person's own alerts go; none, if it is empty."""
    given = request.POST.get("email", "").strip()
    try:
        for check in (EmailValidator(), MaxLengthValidator(people.LONGEST_ADDRESS)) if given else ():
            check(given)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("admin-alerts")
    people.write_to(request.user, given)
    messages.success(request, _("Saved."))
    return redirect("admin-alerts")


def _changeable(request: HttpRequest) -> QuerySet[Membership]:
    """The person's own memberships, and all of workspaces whose people they manage."""
    rows = Membership.objects.select_related("user", "workspace")
    managed = within(request.user, Membership.objects.all(), permission=Permission.MEMBERS)
    return rows.filter(Q(user=request.user.pk) | Q(id__in=managed.values("id")))


def _latest(request: HttpRequest) -> list[Alert]:
    """Those of the person's workspaces; a superuser's are those of the service, too."""
    theirs = Q(id__in=in_current(request, Alert.objects.filter(workspace__isnull=False)).values("id"))
    if request.user.is_superuser:
        theirs |= Q(workspace=None)
    counted = Alert.objects.filter(theirs).annotate(
        sent=Count("letters", filter=Q(letters__sent_at__isnull=False)),
        failed=Count("letters", filter=Q(letters__sent_at=None) & ~Q(letters__error="")),
    )
    return list(counted.select_related("workspace").order_by("-began_at", "-id")[:MOST_ALERTS])


_own = admin.site.admin_view
alerts_view, choose_view, address_view = _own(alerts), _own(choose), _own(address)
