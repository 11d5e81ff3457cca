"""Where somebody is led when a page has done what it is for: whence they came, if that is a page of ours."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def lead_back(request: HttpRequest) -> HttpResponse:
    """This will lead to the page that the form, or the address, names as `next`; else to the home page."""
    named = request.POST.get("next") or request.GET.get("next") or ""
    local = url_has_allowed_host_and_scheme(named, allowed_hosts=None, require_https=request.is_secure())
    return redirect(named if local else "admin:index")
