"""What is counted and timed, for Prometheus: by its own library when METRICS_TOKEN is set, else by nothing at all.

A meter stands in the module that knows the fact; METERS in the settings names those modules. Labels are bounded: a
platform, a queue, a route's template, a kind of outcome; never an account, a workspace, a post, or what somebody sent.
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from django.conf import settings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

#: Seconds, for what people or programs wait for.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Meter(Protocol):
    def labels(self, *values: str) -> "Meter": ...
    def inc(self, amount: float = 1) -> None: ...
    def observe(self, amount: float) -> None: ...


class _Off:
    def labels(self, *values: str) -> "_Off":
        return self

    def inc(self, amount: float = 1) -> None:
        pass

    def observe(self, amount: float) -> None:
        pass


_OFF = _Off()


def counter(name: str, says: str, *labels: str) -> Meter:
    """This will count; `name` ends in `_total`."""
    if not settings.METRICS_TOKEN:
        return _OFF
    from prometheus_client import Counter

    return cast("Meter", Counter(name, says, labels, registry=registry()))


def histogram(name: str, says: str, *labels: str, buckets: Sequence[float] = SECONDS) -> Meter:
    """This will sort what is observed into buckets; `name` ends in the unit."""
    if not settings.METRICS_TOKEN:
        return _OFF
    from prometheus_client import Histogram

    return cast("Meter", Histogram(name, says, labels, buckets=buckets, registry=registry()))


@cache
def registry() -> "CollectorRegistry":
    """This will give what this process has counted, without the library's own of the process and of Python."""
    import prometheus_client

    prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
    return prometheus_client.CollectorRegistry()


def families() -> list[Any]:
    """This will give every meter there is, also of what this process never counts, with its samples."""
    for module in settings.METERS:
        import_module(module)
    return list(registry().collect())
