"""Who is told when something goes wrong: each person for themselves, admins for everybody in their workspaces."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrations.models import Membership
from integrations.people.current import in_current
from integrations.people.roles import Permission, within, workspaces_of
from openpost.admin import moment

from ..models import LONGEST_ADDRESS, Alert
from . import addresses, people

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
        "longest_address": LONGEST_ADDRESS,
        "asked": _asked(request),
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
    wanted = request.POST.get("wanted") == "on"
    try:
        membership = _changeable(request).get(id=membership_id)
        people.choose(membership=membership, wanted=wanted)
    except Membership.DoesNotExist as error:
        raise Http404 from error
    said = _("%(person)s is told when something goes wrong.") if wanted else _("%(person)s is told no more.")
    messages.success(request, said % {"person": membership.user})
    return _back(request)


@never_cache
@require_POST
def address(request: HttpRequest) -> HttpResponse:
    """This will send a link to where the person's own alerts are to go; without an address they go nowhere, at once."""
    given = request.POST.get("email", "").strip()
    if not given:
        addresses.forget(request.user)
        messages.success(request, _("Your alerts go nowhere from now on."))
        return _back(request)
    try:
        for check in (EmailValidator(), MaxLengthValidator(LONGEST_ADDRESS)):
            check(given)
        addresses.ask(request.user, given, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    except addresses.CannotAsk as error:
        messages.error(request, str(error))
    else:
        said = _("A link was sent to %(address)s: open it within a day. Until then nothing changes.")
        messages.success(request, said % {"address": given})
    return _back(request)


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The page that the link leads to. It asks once more: what is only looked at changes nothing."""
    token = request.GET.get("token", "")
    if request.method == "POST" and (confirmed := addresses.confirm(request.user, token)):
        messages.success(request, _("Your alerts go to %(address)s.") % {"address": confirmed})
        return redirect("admin-alerts")
    wanted = addresses.asked(request.user, token)
    context = {**admin.site.each_context(request), "title": _("Where your alerts go"), "address": wanted}
    return TemplateResponse(request, "alerts/confirm.html", context, status=200 if wanted else 404)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page, of the workspace that it was asked for."""
    return redirect(reverse("admin-alerts") + _asked(request))


def _asked(request: HttpRequest) -> str:
    return f"?{request.GET.urlencode()}" if request.GET else ""


def _changeable(request: HttpRequest) -> QuerySet[Membership]:
    """The person's own memberships, and all of workspaces whose people they manage: of those who have joined."""
    rows = Membership.objects.filter(joined_at__isnull=False).select_related("user", "workspace")
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
alerts_view, choose_view, address_view, confirm_view = _own(alerts), _own(choose), _own(address), _own(confirm)
