"""DRF's exception handler: every exception of a view becomes the one shape."""

import logging
import math
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from .errors import ApiError, Fault, body, body_for_status
from .errors import pointer as pointer_to

log = logging.getLogger(__name__)

#: How many faults of one body are listed.
MOST_FAULTS = 20

#: What Django's exceptions mean here; the first that fits counts.
_DJANGOS: dict[type[Exception], int] = {
    Http404: 404,
    ObjectDoesNotExist: 404,  # also a row that somebody else deleted while the request ran
    PermissionDenied: 403,
    RequestDataTooBig: 413,
    SuspiciousOperation: 400,
    BadRequest: 400,
    UnreadablePostError: 400,  # the client has left, or its pieces do not fit together
}


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """This will answer `error` in the one shape, and roll the request's transaction back."""
    set_rollback()
    if isinstance(error, ApiError):
        return Response(body(error.faults), status=error.status, headers=error.headers)
    for kind, status in _DJANGOS.items():
        if isinstance(error, kind):
            return Response(body_for_status(status), status=status)
    if isinstance(error, exceptions.ValidationError):
        return Response(body(faults_of(error)), status=400)
    if isinstance(error, exceptions.APIException):
        return Response(body_for_status(error.status_code), status=error.status_code, headers=_headers(error))
    log.error("%s failed", context["request"].path, exc_info=error)
    return Response(body_for_status(500), status=500)


def faults_of(error: exceptions.ValidationError) -> list[Fault]:
    """This will give what a serializer found wrong, each with its place."""
    return bounded(_faults(error.get_full_details(), ""))


def bounded(faults: Iterator[Fault]) -> list[Fault]:
    """This will keep what a reader can use of many faults; a last one says that there are more."""
    listed = list(islice(faults, MOST_FAULTS))
    if next(faults, None):
        listed.append(Fault("more_errors", f"There are more errors than these {MOST_FAULTS}."))
    return listed


def _faults(found: Any, pointer: str) -> Iterator[Fault]:
    """This will turn a serializer's nested errors into faults that name their field."""
    if isinstance(found, list):
        for item in found:
            yield from _faults(item, pointer)
    elif set(found) == {"message", "code"} and isinstance(found["code"], str):
        name = pointer.removeprefix("/").replace("/", ".")
        sentence = _SENTENCES.get(found["code"], str(found["message"]))
        yield Fault(_CODES.get(found["code"], "invalid_value"), f"{name or 'The body'} {sentence}", pointer)
    else:
        for key, below in found.items():
            yield from _faults(below, pointer if key == "non_field_errors" else pointer + pointer_to(key))


#: What a serializer's own codes are here; what is not among them is an `invalid_value`.
_CODES = {
    "required": "field_required",
    "unknown_field": "unknown_field",
    "invalid_event_type": "invalid_event_type",
}
_SENTENCES = {
    "required": "is required.",
    "null": "must not be null.",
    "blank": "must not be empty.",
    "not_a_list": "must be a list.",
    "empty": "must not be empty.",
}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    challenge = getattr(error, "auth_header", None)
    wait = getattr(error, "wait", None)
    return {
        **({"WWW-Authenticate": challenge} if challenge else {}),
        **({"Retry-After": str(math.ceil(wait))} if wait is not None else {}),
    }
