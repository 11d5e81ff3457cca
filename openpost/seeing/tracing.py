"""Traces, by OpenTelemetry's own packages, when the standard OTEL_… variables name somebody who takes them.

Spans are ours and few: a request, a message's task, a claim, a call to a platform. They hold names, ids and codes;
no text, no handle, no address. The official instrumentations are not used: those of requests and httpx put a trace's
id into what is sent to the platforms and write whole addresses, in which handles stand; Django's writes addresses with
their queries; and all keep what an exception says, which may quote a request.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.conf import settings

from openpost import logs

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

P = ParamSpec("P")
T = TypeVar("T")

#: For what was not sent yet when a process ends.
LEAVE_WITHIN_MS = 2000
_NO_SPAN: AbstractContextManager[Any] = nullcontext()


def span(
    name: str, *, kind: str = "INTERNAL", carried: Mapping[str, str] | None = None, **attributes: Any
) -> "AbstractContextManager[Span | None]":
    """This will time the block, as a part of what goes on here, or of what `carried` (carry) came from.

    Gives None while traces are off.
    """
    return _span(name, kind, carried, attributes) if settings.TRACES else _NO_SPAN


def spanned(name: str, *, kind: str = "INTERNAL") -> Callable[[Callable[P, T]], Callable[P, T]]:
    """This will time each call of the function; while traces are off it is the function itself."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        if not settings.TRACES:
            return function

        @wraps(function)
        def timed(*args: P.args, **kwargs: P.kwargs) -> T:
            with span(name, kind=kind):
                return function(*args, **kwargs)

        return timed

    return decorate


def carry() -> dict[str, str]:
    """This will give what makes a span elsewhere a part of this one: W3C's `traceparent`; nothing while off."""
    carrier: dict[str, str] = {}
    if settings.TRACES:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(carrier)
    return carrier


@contextmanager
def _span(name: str, kind: str, carried: Mapping[str, str] | None, attributes: dict[str, Any]) -> "Iterator[Span]":
    from opentelemetry.trace import SpanKind, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    # What an exception says may quote a request: its kind and our own code are enough.
    parent = None if carried is None else TraceContextTextMapPropagator().extract(carried)
    with _tracer().start_as_current_span(
        name,
        context=parent,
        kind=SpanKind[kind],
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as begun:
        try:
            yield begun
        except Exception as error:
            begun.set_status(StatusCode.ERROR)
            begun.set_attribute("error.type", type(error).__qualname__)
            if isinstance(code := getattr(error, "code", None), str):
                begun.set_attribute("openpost.code", code)
            raise
        finally:
            begun.set_attributes({f"openpost.{name}": value for name, value in logs.ids().items()})


@cache
def _tracer() -> "Tracer":
    """Made at the first span, so in the process that makes it: the exporter's thread does not outlive a fork.

    The exporter, the sampler and the resource read their own OTEL_… variables.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class Batches(BatchSpanProcessor):
        def shutdown(self) -> None:
            # The library's own waits 30 s for a collector that is away: as long as a dyno has in all.
            self._batch_processor.shutdown(timeout_millis=LEAVE_WITHIN_MS)

    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "openpost"}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(Batches(OTLPSpanExporter()))
    return provider.get_tracer("openpost")
