"""What goes in and out: a request as the endpoints see it, an answer, and X's bodies for refusals."""

import json
from dataclasses import dataclass, field
from typing import Any

PROBLEMS = "https://api.x.com/2/problems"


@dataclass(frozen=True)
class Request:
    """`query` and `form` have each name once; a name given twice is refused before."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass
class Answer:
    status: int
    body: Any = None  # made JSON, unless it is bytes already
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


class Refuse(Exception):
    """Raised by whatever finds the fault; the server sends the answer."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.answer = Answer(status, body, headers or {})


def plain(status: int, title: str, detail: str = "", kind: str = "about:blank") -> Refuse:
    return Refuse(status, {"title": title, "detail": detail or title, "type": kind, "status": status})


def forbidden(detail: str) -> Refuse:
    return plain(403, "Forbidden", detail)


def invalid(message: str, **parameters: str) -> Refuse:
    """A request that is not as the specification says."""
    return Refuse(
        400,
        {
            "errors": [{"parameters": {name: [value] for name, value in parameters.items()}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": f"{PROBLEMS}/invalid-request",
        },
    )


def oauth_error(status: int, error: str, description: str) -> Refuse:
    return Refuse(status, {"error": error, "error_description": description})
