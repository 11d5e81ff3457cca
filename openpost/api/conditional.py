"""`ETag`, `If-Match`, `If-None-Match`: nobody overwrites what they have not seen, or reads again what they have.

https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import hashlib
from typing import Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from .errors import ApiError, Fault, body_for_status


def etag_of(data: Any) -> str:
    """This will give the strong ETag of an answer: it differs as soon as a byte of the answer does."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]}"'


def unless_known(request: Request, response: Response) -> HttpResponse:
    """This will answer 304 instead when the caller's `If-None-Match` names the ETag that the response has."""
    return get_conditional_response(request._request, etag=response["ETag"], response=response) or response


def require_match(wanted: str, etag: str) -> None:
    """This will raise a 412 unless an `If-Match` names the ETag; weak ones name nothing here."""
    named = parse_etags(wanted)
    if named != ["*"] and etag not in named:
        said = body_for_status(412)
        raise ApiError(Fault(said["code"], said["error"], "If-Match"), status=412)
