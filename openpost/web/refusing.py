"""Answers to what never becomes a request, in the one shape of errors. No Django here: gunicorn has none."""

import json
from http import HTTPStatus

from openpost.api import request_id
from openpost.api.errors import Fault, body, body_for_status

_FAULTS = {
    408: Fault("request_timeout", "The request did not come to its end in time; send it again, over a faster line."),
    414: Fault("uri_too_long", "The address is longer than we take."),
    431: Fault("headers_too_large", "The headers are more, or longer, than we take."),
    503: Fault("too_many_uploads", "As many files as we take at once are on their way; try again in a few seconds."),
}


def refusal(status: int, *headers: str) -> bytes:
    """The whole answer, after which the connection is closed."""
    name = request_id.begin(None)
    said = body([_FAULTS[status]]) if status in _FAULTS else body_for_status(status)
    content = json.dumps(said).encode()
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        f"X-Request-Id: {name}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content
