"""Lines of the log, of which nobody can make two by what they send."""

import logging
from typing import Any

#: How control characters are shown: a line's end in a name would begin a line of anybody's making.
_SHOWN = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {0x2028: "\\u2028", 0x2029: "\\u2029"}
_IN_TRACES = {code: shown for code, shown in _SHOWN.items() if code not in (9, 10)}


class Line(logging.Formatter):
    """One line for each record; below it a traceback, indented."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return super().formatMessage(record).translate(_SHOWN)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "  " + super().formatException(ei).translate(_IN_TRACES).replace("\n", "\n  ")
