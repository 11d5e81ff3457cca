"""PostgreSQL keeps no text with a NUL in it, so whoever asks a page for one is answered at once, and not with a 500.

Forms refuse it themselves, and the API says so in its own way: what is left is what stands in an address.
"""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


def middleware(get_response: GetResponse) -> GetResponse:
    """This will refuse an address below /admin/ that asks for a NUL."""

    def refused(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/") and "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("There is a NUL in this address.")
        return get_response(request)

    return refused
