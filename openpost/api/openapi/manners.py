"""What holds for every call: how one speaks for a workspace, the headers, and the errors in their one shape."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from openpost.api.errors import BY_STATUS
from openpost.api.idempotency import KEY_PATTERN
from openpost.api.pages import DEFAULT_LIMIT, LARGEST_LIMIT

from . import shapes
from .calls import JSON, Call, Parameter
from .shapes import Shape

SECURITY: Shape = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of one workspace, `op_live_…` or `op_test_…`.",
    }
}

#: Headers that may be sent.
REQUEST_HEADERS: dict[str, Shape] = {
    "X-Request-Id": {
        "description": "A name of your own for this request, 1 to 128 of `A-Z a-z 0-9 . _ : -`. It comes back, and "
        "stands on every line of the log; any other is replaced.",
        "schema": shapes.text(),
    },
    "Idempotency-Key": {
        "description": "A name for what you want done, such as a UUID. Sent again with the same body within 24 hours, "
        "nothing is done twice: the first answer comes again.",
        "schema": shapes.text(pattern=f"^{KEY_PATTERN}$"),
        "example": "7f3c9c1e-5a55-4a07-9d2b-0e8e0a4f7a11",
    },
    "If-Match": {
        "description": "The `ETag` of what you have seen: if it has changed since, nothing is done (412).",
        "schema": shapes.text(),
    },
    "If-None-Match": {
        "description": "The `ETag` of what you have: if it has not changed since, the answer is an empty 304.",
        "schema": shapes.text(),
    },
}

#: What lists take.
PAGING = (
    Parameter("limit", shapes.number(minimum=1, maximum=LARGEST_LIMIT, default=DEFAULT_LIMIT), "How many at most."),
    Parameter("cursor", shapes.text(), "The `next_cursor` of the page before; without it, the list begins."),
)

#: Headers that come back.
RESPONSE_HEADERS: dict[str, Shape] = {
    "X-Request-Id": {"description": "The name of this request: yours, or one that was given to it."},
    "Allow": {"description": "The methods that the address takes. Any other is a 405, `method_not_allowed`."},
    "RateLimit-Limit": {"description": "Requests that the key may make in a minute."},
    "RateLimit-Remaining": {"description": "How many of them are left."},
    "RateLimit-Reset": {"description": "Seconds until all of them are there again."},
    "Retry-After": {"description": "Seconds after which to try again."},
    "WWW-Authenticate": {
        "description": "`Bearer`; when the key lacks a scope, with `error` and `scope`, as RFC 6750 has it."
    },
    "ETag": {"description": "Names this state of things; it changes as soon as a byte of the answer does."},
    "Idempotency-Replayed": {"description": "`true` when this is the answer to an earlier request with the same key."},
    "Cache-Control": {"description": "How long the answer may be kept, and by whom."},
}
_WHOLE = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"}

_RATES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
#: Codes that come with a `Retry-After`, those of a platform when it says how long.
_WAITING = {
    *("idempotency_key_in_use", "post_is_publishing", "rate_limited", "too_many_uploads"),
    *("platform_unavailable", "unreachable"),
}

_FAULT = shapes.more(
    shapes.obj(
        error=shapes.text("A sentence for people. Its words may change."),
        code=shapes.text("For programs: stable, and explained in docs/errors.md."),
        field=shapes.text("What is to blame: a JSON pointer into the body, or the name of a parameter or a header."),
        optional=["field"],
    )
)
PARTS: dict[str, Shape] = {
    "Fault": _FAULT,
    "Error": {
        "description": "Every error has this shape. The numbers and names behind the sentence stand beside it.",
        **shapes.also(
            shapes.ref("Fault"),
            details=shapes.array(shapes.ref("Fault"), "All that is wrong, when several things are."),
            request_id=shapes.text("As in the header `X-Request-Id`."),
            optional=["details"],
        ),
    },
}


def headers() -> Shape:
    """This will give the headers of answers, as components."""
    return {
        name: {**said, "schema": {"type": "integer", "minimum": 0} if name in _WHOLE else {"type": "string"}}
        for name, said in RESPONSE_HEADERS.items()
    }


def sent(call: Call, method: str) -> list[str]:
    """This will name the headers that may be sent with a call."""
    return ["X-Request-Id", *(["Idempotency-Key"] if method == "POST" else []), *call.headers]


def returned(call: Call, method: str, status: int, more: Iterable[str] = (), codes: Collection[str] = ()) -> Shape:
    """This will give the headers of an answer, by reference; `codes` are those of a refusal."""
    names = ["X-Request-Id", "Allow", *more]
    if not call.public and status != 401:
        names += _RATES
    if method == "POST" and 200 <= status < 300:
        names.append("Idempotency-Replayed")
    if status in {401, 403}:
        names.append("WWW-Authenticate")
    if not _WAITING.isdisjoint(codes):
        names.append("Retry-After")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def refusals(call: Call, method: str, *, named: bool) -> dict[int, Collection[str]]:
    """This will give every status and code that a call may be refused with; `named`: it has an id in its address."""
    posts = method == "POST"
    applies = [
        (_ALWAYS, True),
        (_WITH_KEY, not call.public),
        ({404: ["not_found"]}, named),
        ({400: ["named_twice"]}, bool(call.query)),
        (_OF_LISTS, any(one.name == "limit" for one in call.query)),
        (_OF_POSTS, posts),
        # A POST that takes no body takes an empty object, too.
        (_OF_BODIES, posts or call.body is not None),
        (_OF_JSON, call.body.media_type == JSON if call.body else posts),
        ({400: ["invalid_value"]}, posts or call.body is not None),
        ({400: ["field_required"]}, call.body is not None),
        ({400: ["unknown_field"]}, call.body.is_strict if call.body else posts),
        ({412: ["precondition_failed"]}, "If-Match" in call.headers),
        (call.refusals, True),
    ]
    found: dict[int, set[str]] = {}
    for status, codes in (pair for some, holds in applies if holds for pair in some.items()):
        found.setdefault(status, set()).update(codes)
    return {status: sorted(codes) for status, codes in sorted(found.items())}


_Refusals = Mapping[int, Collection[str]]
_ALWAYS: _Refusals = {400: ["bad_request", "unknown_parameter"], 406: ["not_acceptable"], 500: ["internal_error"]}
_WITH_KEY: _Refusals = {401: ["invalid_api_key"], 403: ["insufficient_scope"], 429: ["rate_limited"]}
_OF_LISTS: _Refusals = {400: ["invalid_limit", "invalid_cursor"]}
_OF_POSTS: _Refusals = {
    400: ["invalid_idempotency_key"],
    409: ["idempotency_key_in_use", "idempotency_key_reused", "idempotency_answer_unreadable"],
}
_OF_BODIES: _Refusals = {411: ["length_required"], 413: ["body_too_large"], 415: ["unsupported_media_type"]}
_OF_JSON: _Refusals = {400: ["invalid_json", "invalid_utf8", "invalid_text"]}


def refusal(call: Call, method: str, status: int, codes: Collection[str]) -> Shape:
    """This will describe the answer to what is refused."""
    meaning = _MEANINGS.get(status) or BY_STATUS[status][1]
    return {
        "description": f"{meaning} Codes: {', '.join(f'`{code}`' for code in codes)}.",
        "headers": returned(call, method, status, codes=codes),
        "content": {
            "application/json": {
                "schema": {
                    "allOf": [
                        shapes.ref("Error"),
                        {"type": "object", "properties": {"code": shapes.choice(codes)}},
                    ]
                },
                "example": _example(status, codes),
            }
        },
    }


_MEANINGS = {
    400: "The request cannot be understood, or what it asks for cannot be done.",
    403: "The key may not do that.",
    409: "It conflicts with the present state of things.",
    411: "A file, or a body that the server cannot take in pieces, does not say how long it is.",
    413: "The body is too large.",
    415: "The body is of another type than can be taken here.",
    501: "Whoever runs this service has not made that possible.",
    502: "The platform has trouble of its own.",
    503: "As many of these as can be done at once are under way.",
}


def _example(status: int, codes: Collection[str]) -> Any:
    code, sentence = BY_STATUS.get(status, ("", ""))
    if code not in codes:
        code, sentence = next(iter(codes)), _MEANINGS.get(status, sentence)
    return {"error": sentence, "code": code, "request_id": "3f2a0c5be1d94b7f9a5d0f3f0a1c9e77"}
