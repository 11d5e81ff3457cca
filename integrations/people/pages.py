"""The pages on which people look after their own account: password, second factor, sessions, and invitations."""

import io
from typing import Any

import segno
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from integrations.models import AuditAction

from . import asking, members, second_factor, sessions, totp
from .back import lead_back
from .record import put_on_record
from .throttle import knows_password

SERVICE = "OpenPost"


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The page between the password and everything else."""
    if asking.passed(request):
        return lead_back(request)
    wrong = ""
    if request.method == "POST":
        try:
            if second_factor.check(request.user, request.POST.get("code", ""), now=timezone.now()):
                request.session.cycle_key()
                asking.let_in(request)
                put_on_record(AuditAction.SIGNED_IN, request.user)
                return lead_back(request)
            wrong = _("This is not the code that your device shows now, nor one of your recovery codes.")
        except second_factor.HasToWait as error:
            wrong = _("Too many mistakes. Try again in %(seconds)s seconds.") % {"seconds": error.seconds}
    return _page(request, "ask", _("Second factor"), wrong=wrong, status=400 if wrong else 200)


@never_cache
@require_http_methods(["GET"])
def security(request: HttpRequest) -> HttpResponse:
    """What protects the person's account, and what they can do about it."""
    title, invited = _("Sign-in and security"), members.invitations(request.user)
    return _page(request, "security", title, is_on=second_factor.is_on(request.user), invitations=invited)


@never_cache
@require_POST
def answer(request: HttpRequest, membership_id: int) -> HttpResponse:
    """This will join a workspace to which the person is invited, or turn that down."""
    invitation = get_object_or_404(members.invitations(request.user), id=membership_id)
    said = {"name": invitation.workspace.name}
    if "join" in request.POST:
        members.join(invitation)
        messages.success(request, _("You are in %(name)s.") % said)
        return redirect("admin:index")
    members.turn_down(invitation)
    messages.success(request, _("You have turned down %(name)s.") % said)
    return redirect("admin-security")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Django's own page, on which a wrong password counts like one at the door."""
    if request.method == "POST" and not knows_password(request, request.POST.get("old_password", "")):
        messages.error(request, _("This is not your password."))
        return redirect("admin:password_change")
    with transaction.atomic():  # the password, and that it was changed
        return admin.site.password_change(request)


@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """This will make a seed, and show the page on which it is set up."""
    second_factor.begin(request.user)
    return redirect("admin-second-factor-set-up")


@never_cache
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """A picture for the device, and a code from it that shows it works. All other sessions end by that."""
    factor, wrong = second_factor.pending(request.user), ""
    if factor is None:
        return redirect("admin-security")
    if request.method == "POST":
        code, password = request.POST.get("code", ""), request.POST.get("password", "")
        if not knows_password(request, password):
            wrong = _("This is not your password.")
        elif codes := second_factor.confirm(request, code, password=password, now=timezone.now()):
            asking.let_in(request)
            return _page(request, "recovery", _("Your recovery codes"), codes=codes)
        else:
            wrong = _("This is not the code that your device shows now.")
    picture = _picture(totp.address_of(factor.seed, person=request.user.get_username(), service=SERVICE))
    shown = {"seed": factor.seed, "picture": picture, "wrong": wrong}
    return _page(request, "set_up", _("Set up a second factor"), status=400 if wrong else 200, **shown)


@never_cache
@sensitive_post_parameters("password")
@require_POST
def take_away(request: HttpRequest) -> HttpResponse:
    """This will remove the second factor, for who knows the password."""
    if knows_password(request, request.POST.get("password", "")):
        second_factor.remove(request.user)
        messages.success(request, _("The second factor has been removed: your password alone is asked for."))
    else:
        messages.error(request, _("This is not your password."))
    return redirect("admin-security")


@never_cache
@sensitive_post_parameters("password")
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """This will sign the person out everywhere but here."""
    password = request.POST.get("password", "")
    if knows_password(request, password):
        sessions.end_others(request, password=password)
        messages.success(request, _("You are signed out everywhere else."))
    else:
        messages.error(request, _("This is not your password."))
    return redirect("admin-security")


def _picture(address: str) -> SafeString:
    """The address as a QR code: a drawing in the page itself, so that no other request carries the seed."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, title="QR")
    return mark_safe(drawn.getvalue().decode())  # noqa: S308  # segno's own drawing of an address that we made


def _page(request: HttpRequest, name: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
    # These pages are for everybody who is signed in: their head is shown also to who may enter nothing else.
    theirs = {"has_permission": True, "title": title, "next": request.GET.get("next", "")}
    everywhere = {**admin.site.each_context(request), **theirs}
    return TemplateResponse(request, f"people/{name}.html", {**everywhere, **context}, status=status)
