"""Bodies as they come in: JSON, and forms of several parts, each as strictly read as X reads them.

https://docs.x.com/x-api/media/quickstart/best-practices
"""

import json
import re
from typing import Any

from .messages import Request, invalid

BOUNDARY = re.compile(r'boundary="?([^";]+)"?\Z')
NAME = re.compile(rb'\bname="([^"]+)"')


def json_of(request: Request) -> Any:
    if kind(request) != "application/json":
        raise invalid("Requests with bodies must have content-type of application/json.")
    try:
        return json.loads(request.body)
    except ValueError:
        raise invalid("Request body is not valid JSON.") from None


def form_of(request: Request) -> dict[str, Any]:
    """The fields of a `multipart/form-data` body: files as bytes, all others as text."""
    found = BOUNDARY.search(request.headers.get("content-type", ""))
    if kind(request) != "multipart/form-data" or not found:
        raise invalid("Requests with files must have content-type of multipart/form-data.")
    # Boundaries stand on lines of their own that end in CRLF.
    parts = (b"\r\n" + request.body).split(b"\r\n--" + found[1].encode())
    if parts[0] or parts[-1] != b"--\r\n":
        raise invalid("The form does not begin and end with its boundary.")
    fields: dict[str, Any] = {}
    for part in parts[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = NAME.search(head)
        if not name or (label := name[1].decode()) in fields:
            raise invalid("A part of the form has no name, or one that came before.")
        fields[label] = content if b"filename=" in head else content.decode()
    return fields


def kind(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip()
