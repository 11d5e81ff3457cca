"""What is seen of each request: how long it took, by its route and never by its address; its span; what it is about."""

import re
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from django.http import HttpRequest, HttpResponse

from openpost import logs

from . import meters, sums, tracing

REQUESTS = meters.histogram(
    "openpost_http_request_seconds", "How long a request took", "method", "route", "status", buckets=meters.SECONDS
)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
#: No address of ours fits, or a file was sent before one was looked for.
NO_ROUTE = "(none)"
_ID = re.compile(r"[0-9a-fA-F-]{32,36}\Z")


def seen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """This will time every request. The name that it has in logs is set before (request_id)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sums.adding.begin()
        logs.about_nothing()
        began = perf_counter()
        method = request.method if request.method in _METHODS else "other"
        with tracing.span(method, kind="SERVER", carried=_carried(request)) as span:
            response = get_response(request)
            route = _route(request)
            if span:
                span.update_name(f"{method} {route}")
                span.set_attributes({"http.request.method": method, "http.route": route})
                span.set_attribute("http.response.status_code", response.status_code)
        REQUESTS.labels(method, route, f"{response.status_code // 100}xx").observe(perf_counter() - began)
        return response

    middleware.process_view = _about  # type: ignore[attr-defined]  # where Django looks for it
    return middleware


def _route(request: HttpRequest) -> str:
    return request.resolver_match.route if request.resolver_match else NO_ROUTE


def _about(request: HttpRequest, view: object, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """The ids in an address (`post_id`, …) are named on each line that the request writes."""
    logs.about(**{name: value for name, value in kwargs.items() if name.endswith("_id") and _ID.match(str(value))})


def _carried(request: HttpRequest) -> dict[str, str]:
    return {name: request.headers[name] for name in ("traceparent", "tracestate") if name in request.headers}
