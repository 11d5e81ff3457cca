"""One id per request: in the `X-Request-Id` header, in every error body, on every log line."""

import re
import uuid
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("request_id", default="-")
#: A caller's own id is kept when it is harmless to print.
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")


def begin(offered: str | None) -> str:
    """This will set the id of the request now starting: the caller's own where it is acceptable."""
    request_id = offered if offered and _ACCEPTABLE.match(offered) else uuid.uuid4().hex
    _current.set(request_id)
    return request_id


def end() -> None:
    """This will say that no request is being worked on."""
    _current.set("-")


def current() -> str:
    return _current.get()
