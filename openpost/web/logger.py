"""How gunicorn writes its own lines: as every other line of the web process (logs.py)."""

import logging
from typing import Any

from gunicorn.glogging import Logger as Gunicorns

from openpost import environment
from openpost.logs import formatter


class Logger(Gunicorns):  # type: ignore[misc]  # the library has no types
    def _set_handler(self, log: logging.Logger, output: Any, fmt: logging.Formatter, stream: Any = None) -> None:
        super()._set_handler(log, output, formatter(environment.log_format()), stream)
