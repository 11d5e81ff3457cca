"""How often somebody may be mistaken at the door: by account and address, and more often by address alone.

Never by account alone: then anybody could keep anybody else out. Whoever comes to an account from another address
meanwhile is let in as ever. The password that is asked for on a page counts like one at the door.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import authenticate
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from openpost.acting import client_address

#: Bits of an IPv6 address that one customer has: who has one such address has all that begin as it does.
CUSTOMER = 64
#: Failures of one account from one address, and of all accounts from one, before they have to wait.
OF_ACCOUNT, OF_ADDRESS = settings.AXES_FAILURE_LIMIT, 50


class Throttle(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """django-axes with two numbers where it knows one, in the order of AXES_LOCKOUT_PARAMETERS."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        of_account, of_address = (_sum(attempts) for attempts in self.get_user_attempts(request, credentials))
        return max(of_account, of_address * OF_ACCOUNT // OF_ADDRESS)

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """A sign-in forgives that account's failures, not those of others from the same address."""
        of_account, _ = self.filter_user_attempts(request, credentials)
        number: int = of_account.delete()[0]
        return number


def counted_address(request: HttpRequest) -> str:
    """The address to which failures are counted: of an IPv6 one, the network that whoever has it can choose from."""
    told = client_address(request)
    found = ip_address(told) if told else None
    if not isinstance(found, IPv6Address):
        return told
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, CUSTOMER), strict=False).network_address)


def knows_password(request: HttpRequest, password: str) -> bool:
    """Whether this is the password of who is signed in: whoever has only found their session may not try on and on."""
    return authenticate(request, username=request.user.get_username(), password=password) is not None


def _sum(attempts: QuerySet[Any]) -> int:
    return attempts.aggregate(failures=Sum("failures_since_start"))["failures"] or 0


def refused(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """This will say that somebody has to wait, and for how long; not whether there is such an account."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {**admin.site.each_context(request), "title": "Too many attempts", "minutes": seconds // 60}
    page = TemplateResponse(request, "people/too_many_attempts.html", context, status=429)
    page["Retry-After"] = str(seconds)
    return page.render()
