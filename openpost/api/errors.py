"""The one shape of every error under /v1: `{error, code, request_id}`, with `field` or `details` where they apply."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from . import request_id
from .bounds import API_MAX_BODY

#: What a status means when nothing more exact is known. Also used for Django's own pages under /v1.
BY_STATUS: dict[int, tuple[str, str]] = {
    400: ("bad_request", "The request could not be understood."),
    401: ("invalid_api_key", "Invalid API key"),
    403: ("forbidden", "This key may not do that."),
    404: ("not_found", "Not found."),
    405: ("method_not_allowed", "This address does not take that method."),
    406: ("not_acceptable", "Answers are JSON only; ask for application/json."),
    409: ("conflict", "The request conflicts with the present state."),
    411: ("length_required", "Say in Content-Length how long the body is."),
    412: ("precondition_failed", "This has changed since you read it: read it again, and decide anew."),
    413: ("body_too_large", f"The body is larger than {API_MAX_BODY // 2**20} MiB."),
    415: (
        "unsupported_media_type",
        "This address takes no body of that type; most take JSON, with Content-Type: application/json.",
    ),
    429: ("rate_limited", "Too many requests; try again later."),
    500: ("internal_error", "Something broke on our side; it has been logged. Nothing is lost: try again."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request.

    `field` is a JSON pointer into the body, or the name of a query parameter or a header.
    """

    code: str
    message: str
    field: str = ""
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "error": self.message,
            "code": self.code,
            **({"field": self.field} if self.field else {}),
            **self.extra,
        }


class ApiError(Exception):
    """A request that cannot be done, with one or more faults and the HTTP status they deserve."""

    def __init__(self, *faults: Fault, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults
        self.status = status
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}


def refuse(
    code: str, message: str, *, field: str = "", status: int = 400, retry_after: int | None = None, **extra: Any
) -> ApiError:
    """This will make the error for a single fault, ready to raise; `retry_after` in seconds, when that may help."""
    return ApiError(Fault(code, message, field, extra), status=status, retry_after=retry_after)


@contextmanager
def below(*path: str | int) -> Iterator[None]:
    """This will let an error say where in the body it is, of whatever lies at `path` there."""
    try:
        yield
    except ApiError as error:
        error.faults = tuple(replace(fault, field=pointer(*path) + fault.field) for fault in error.faults)
        raise


@contextmanager
def without_body() -> Iterator[None]:
    """This will take the places out of an error, when the request has no body into which they could point."""
    try:
        yield
    except ApiError as error:
        error.faults = tuple(replace(fault, field="") for fault in error.faults)
        raise


#: Characters that a message or a pointer shows of a name the caller made up.
LONGEST_NAME = 100


def short(name: str) -> str:
    """This will give a caller's own name as we repeat it: whole, or its beginning when it is very long."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def pointer(*path: str | int) -> str:
    """This will give the JSON pointer (RFC 6901) to what lies at `path` in a request's body; long names are cut."""
    return "".join("/" + short(str(step)).replace("~", "~0").replace("/", "~1") for step in path)


def body(faults: Sequence[Fault]) -> dict[str, Any]:
    first = faults[0].as_json()
    if len(faults) > 1:
        first["details"] = [fault.as_json() for fault in faults]
    return {**first, "request_id": request_id.current()}


def body_for_status(status: int) -> dict[str, Any]:
    code, message = BY_STATUS.get(status, BY_STATUS[400 if status < 500 else 500])
    return body([Fault(code, message)])
