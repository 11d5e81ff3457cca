"""Lines of the log: of what they tell, without secrets, and such that nobody can make two of one by what they send.

In production a line is one JSON object, in development one for people (LOG_FORMAT). Both name the request, the post
and the target that are being worked on, whoever wrote the line: Celery, gunicorn, a library. Loads no Django: gunicorn
writes its first lines before there is any.
"""

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from .api import request_id
from .hiding import hide

#: How control characters are shown: a line's end in a name would begin a line of anybody's making.
_SHOWN = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {0x2028: "\\u2028", 0x2029: "\\u2029"}
_IN_TRACES = {code: shown for code, shown in _SHOWN.items() if code not in (9, 10)}

_NOTHING: Mapping[str, str] = MappingProxyType({})
_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=_NOTHING)


def about(**ids: object) -> None:
    """This will name on every line, from here on, what is being worked on: `about(post_id=…)`. None takes it back."""
    said = {**_about.get(), **{name: str(value) for name, value in ids.items() if value is not None}}
    _about.set({name: value for name, value in said.items() if ids.get(name, value) is not None})


def about_nothing() -> None:
    """This will begin something else: a request, or a task."""
    _about.set(_NOTHING)


def ids() -> dict[str, str]:
    """This will give what is being worked on: `request_id` if a request led to it, and whatever `about` was told."""
    request = request_id.current()
    return ({} if request == "-" else {"request_id": request}) | dict(_about.get())


class Line(logging.Formatter):
    """One line for each record, for people; below it a traceback, indented."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.ids = " ".join([request_id.current(), *(f"{name}={value}" for name, value in _about.get().items())])
        return hide(super().formatMessage(record), trouble=_is_trouble(record)).translate(_SHOWN)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "  " + hide(super().formatException(ei)).translate(_IN_TRACES).replace("\n", "\n  ")


class Json(logging.Formatter):
    """One JSON object for each record. Of what a library attached to it, nothing: Django attaches whole requests."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": hide(record.getMessage(), trouble=_is_trouble(record)),
            **ids(),
            "process": record.process,
            "thread": record.threadName,
        }
        if record.exc_info:
            said["exception"] = hide(self.formatException(record.exc_info))
        return json.dumps(said)


FORMATTERS: dict[str, dict[str, Any]] = {
    "json": {"()": "openpost.logs.Json"},
    "line": {"()": "openpost.logs.Line", "format": "%(asctime)s %(levelname)s %(name)s [%(ids)s] %(message)s"},
}


def formatter(name: str) -> logging.Formatter:
    """This will make the formatter of that name, as Django makes it of FORMATTERS."""
    return Json() if name == "json" else Line(FORMATTERS[name]["format"])


def _is_trouble(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.exc_info is not None
