"""Errors told to a Sentry, when SENTRY_DSN names one: each ERROR of the log, and nothing beside it.

The library's integrations are off, all but the one that reads the log: they would attach requests, tasks' arguments,
addresses and SQL. What it says of an error is chosen field by field, not left out field by field, and goes through the
same nets as the log. Local variables hold tokens and texts: they stay here.
"""

from typing import Any

from openpost import logs
from openpost.environment import stop
from openpost.hiding import hide

#: What it says is that traces do not arrive; whoever looks for them sees that.
_NOT_TOLD = ("opentelemetry",)
_KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "server_name", "sdk")
_OF_AN_EXCEPTION = ("type", "module", "value", "mechanism")
_OF_A_FRAME = ("filename", "module", "function", "lineno", "in_app", "pre_context", "context_line", "post_context")


def begin(dsn: str, *, release: str) -> None:
    """This will tell what goes wrong from now on."""
    import sentry_sdk
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.utils import BadDsn

    try:
        sentry_sdk.init(
            dsn=dsn,
            release=release or None,
            integrations=[LoggingIntegration(level=None, sentry_logs_level=None)],
            default_integrations=False,
            auto_enabling_integrations=False,
            before_send=_chosen,  # type: ignore[arg-type]  # its types are the library's own, of the same shape
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            propagate_traces=False,
            trace_propagation_targets=[],
            auto_session_tracking=False,
            enable_logs=False,
            enable_metrics=False,
        )
    except BadDsn:
        stop("the environment variable SENTRY_DSN is not the address that Sentry gives for a project.")


def _chosen(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any] | None:
    """What of an event leaves this process."""
    if str(event.get("logger")).startswith(_NOT_TOLD):
        return None
    kept = {name: event[name] for name in _KEPT if name in event}
    if record := hint.get("log_record"):
        kept["logentry"] = {"message": hide(record.getMessage())}
        # So that the same mistake is one issue, however its ids differ.
        kept["fingerprint"] = ["{{ default }}", record.name, str(record.msg)[:200]]
    if found := event.get("exception"):
        kept["exception"] = {"values": [_exception(one) for one in found.get("values", ())]}
        kept.pop("fingerprint", None)
    kept["tags"] = logs.ids()
    return kept


def _exception(said: dict[str, Any]) -> dict[str, Any]:
    kept = {name: said[name] for name in _OF_AN_EXCEPTION if name in said}
    kept["value"] = hide(str(kept.get("value", "")))
    frames = (said.get("stacktrace") or {}).get("frames", ())
    kept["stacktrace"] = {"frames": [{name: one[name] for name in _OF_A_FRAME if name in one} for one in frames]}
    return kept
