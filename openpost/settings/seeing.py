"""How the service is watched: what it says of itself, to whom, and what it logs."""

from typing import Any
from urllib.parse import urlsplit

from .. import logs
from ..environment import env, log_format, log_level, mail, read, stop, version
from ..seeing import switch
from .service import OPENPOST_URL

#: What runs, as workers say it of themselves.
VERSION = version()
#: Who shows this at /readyz is told what was found; strangers, only whether all is well.
HEALTH_TOKEN = read(env.str, "HEALTH_TOKEN", "")
#: Who shows this at /metrics is told the numbers. Without it nothing is counted.
METRICS_TOKEN = read(env.str, "METRICS_TOKEN", "")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    stop("METRICS_TOKEN must have 16 characters or more.")
#: The modules in which something is counted, and the functions that ask the database for the rest.
METERS = [
    "openpost.celery",
    "openpost.seeing.messages",
    "openpost.seeing.middleware",
    "integrations.platforms.answers",
    "publishing.metrics",
]
FACTS = ["openpost.seeing.facts.queues", "publishing.facts.facts"]
#: Whether there is somebody who takes traces; who that is, OpenTelemetry's own variables say.
TRACES = switch.traces()
#: Whom errors are told to.
SENTRY_DSN = read(env.str, "SENTRY_DSN", "")
#: People who run the service: told by mail when it is not well.
OPERATORS = [one.strip() for one in read(env.list, "OPERATORS", []) if one.strip()]
_MAIL = mail()
#: Without a mail server nobody is told anything, and nothing breaks.
MAIL_IS_SET_UP = bool(_MAIL)
EMAIL_BACKEND = _MAIL.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST, EMAIL_PORT = _MAIL.get("EMAIL_HOST", ""), _MAIL.get("EMAIL_PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.get("EMAIL_HOST_USER", ""), _MAIL.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_TLS", False), _MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
#: Whose name the mails bear.
DEFAULT_FROM_EMAIL = read(env.str, "EMAIL_FROM", f"OpenPost <openpost@{urlsplit(OPENPOST_URL).hostname}>")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": logs.FORMATTERS,
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": log_format()}},
    "root": {"handlers": ["console"], "level": log_level()},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # httpx logs whole addresses at INFO, beat every tick: nobody reads that.
        "httpx": {"level": "WARNING"},
        # A collector of traces that is away is told of once, not at each of an exporter's tries.
        "opentelemetry": {"level": "ERROR"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}
