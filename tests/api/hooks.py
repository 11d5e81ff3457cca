"""What is done to each request of schemathesis before it is sent."""

import hashlib
import re
from typing import Any

import schemathesis
from requests import PreparedRequest

_GOOD_KEY = re.compile(r"[!-~]{1,255}")


@schemathesis.hook
def before_call(context: Any, case: "schemathesis.Case[Any]", kwargs: dict[str, Any]) -> None:
    """This will have `requests` change what it sends: a case that is changed itself forgets what it was made for."""
    kwargs["auth"] = own_key


def own_key(request: PreparedRequest) -> PreparedRequest:
    """This will give a request whose `Idempotency-Key` is good one of its own; the same when the same comes again.

    Those that are made up are short and few, so that most came with another request before, and were refused for that.
    """
    key, body = request.headers.get("Idempotency-Key"), request.body or b""
    if isinstance(key, str) and _GOOD_KEY.fullmatch(key):
        asked = f"{request.method} {request.url} ".encode() + (body.encode() if isinstance(body, str) else body)
        request.headers["Idempotency-Key"] = hashlib.sha256(asked).hexdigest()
    return request
