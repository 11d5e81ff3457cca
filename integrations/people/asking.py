"""A second factor is asked for before any page: the password alone opens nothing to those who have one.

Whether it was passed stands in the session. A session that was there when the factor was set up has ended by then
(second_factor.confirm), so a mark that none is needed does not outlive the moment at which it was true.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from . import second_factor

GetResponse = Callable[[HttpRequest], HttpResponse]

_PASSED = "second_factor"


def middleware(get_response: GetResponse) -> GetResponse:
    """This will send whoever has only given the password to the page that asks for the rest."""

    def asked(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated or passed(request):
            return get_response(request)
        page = reverse("admin-second-factor")
        if request.path in (page, reverse("admin:logout")):
            return get_response(request)
        back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        return redirect(f"{page}?{urlencode({'next': back})}")

    return asked


def passed(request: HttpRequest) -> bool:
    """Whether the person of this session has shown all they have to; looked up once in a session."""
    if not request.session.get(_PASSED) and not second_factor.is_on(request.user):
        let_in(request)
    return bool(request.session.get(_PASSED))


def let_in(request: HttpRequest) -> None:
    """This will note in the session that nothing more is asked for in it."""
    request.session[_PASSED] = True
