"""`GET /metrics`: what all processes have counted, and the facts of the service, as Prometheus reads them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from . import meters, sums
from .facts import Fact

if TYPE_CHECKING:
    from prometheus_client import Metric


def metrics(request: HttpRequest) -> HttpResponse:
    """This will answer whoever shows METRICS_TOKEN. Without such a token there is nothing here."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        asked = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("Show METRICS_TOKEN as a bearer token.\n", status=401, headers=asked)
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

    sums.adding.add()  # so that what was just counted here is among it
    answer = CollectorRegistry(auto_describe=False)
    answer.register(_Everything())
    return HttpResponse(generate_latest(answer), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Everything:
    """A collector, as the library wants one."""

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.metrics_core import GaugeMetricFamily, Metric

        counted = sums.read()
        for family in meters.families():
            summed = Metric(family.name, family.documentation, family.type)
            for suffix in ("_total",) if family.type == "counter" else ("_bucket", "_count", "_sum"):
                name = family.name + suffix
                for labels, value in sorted((counted or {}).get(name, {}).items(), key=_in_order):
                    summed.add_sample(name, dict(labels), value)
            yield summed
        says = "Whether Redis gave what the processes have counted"
        known = [Fact("openpost_sums_readable", says, "", {"": counted is not None})]
        for source in settings.FACTS:
            known += import_string(source)()
        for fact in known:
            gauge = GaugeMetricFamily(fact.name, fact.says, labels=[fact.label] if fact.label else [])
            for label, value in fact.values.items():
                gauge.add_metric([label] if fact.label else [], value)
            yield gauge


def _in_order(sample: tuple[tuple[tuple[str, str], ...], float]) -> Any:
    """A histogram's buckets in the order of their bounds."""
    labels = dict(sample[0])
    bound = float(labels.pop("le", "0"))
    return sorted(labels.items()), bound
