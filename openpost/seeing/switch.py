"""Whether traces are wanted, told before anything else is loaded. No Django here."""

import os
import sys

_NAMED = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def traces() -> bool:
    """Whether the standard variables of OpenTelemetry name somebody who takes traces.

    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none"
    return not off and any(os.environ.get(name) for name in _NAMED)


def spare_opentelemetry() -> None:
    """This will let nobody load OpenTelemetry while it is off.

    redis-py 8 does wherever it is installed, for metrics that nobody has asked for: 3 MB and 60 modules a process.
    """
    if not traces() and "opentelemetry" not in sys.modules:
        sys.modules["opentelemetry"] = None  # type: ignore[assignment]  # what Python takes for "there is none"
