"""The table: printed line by line while it grows, and written as markdown and JSON when asked for."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .case import Row

HEADINGS = ("step", "fault", "platform", "live", "status", "recovered", "")
WIDTHS = (44, 40, 8, 4, 32, 9, 6)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def heading() -> str:
    return _line(HEADINGS)


def line(row: Row) -> str:
    return "\n".join([_line(_cells(row)), *(f"      {words}" for words in row.problems + row.evidence)])


def verdict(rows: list[Row]) -> str:
    failed = [row for row in rows if not row.ok]
    slowest = max((row.seconds for row in rows), default=0)
    return f"{len(rows)} posts, {len(rows) - len(failed)} ok, {len(failed)} FAILED; slowest recovery {slowest:.0f} s"


def markdown(rows: Iterable[Row]) -> str:
    """One table, in the order of the cases."""
    head = ["| " + " | ".join((*HEADINGS[:-1], "")) + " |", "|" + " --- |" * len(HEADINGS)]
    return "\n".join([*head, *("| " + " | ".join(_cells(row)) + " |" for row in rows)]) + "\n"


def as_json(rows: Iterable[Row], path: Path) -> None:
    path.write_text(json.dumps([_facts(row) for row in rows], indent=1))


def _facts(row: Row) -> dict[str, Any]:
    return {
        "case": row.case.name,
        "platform": row.scene.platform,
        "live": row.live,
        "expected_live": row.expect.live,
        "status": row.status,
        "expected_status": row.expect.status,
        "code": row.code,
        "seconds": round(row.seconds, 1),
        "problems": row.problems,
        "broken": row.broken,
    }


def _cells(row: Row) -> tuple[str, ...]:
    status = f"{row.status} ({row.code})" if row.code else row.status
    seconds = f"{row.seconds:.0f} s" if row.seconds >= 0 else "-"
    good = "ok" if row.ok else "FAILED"
    return (row.case.step, row.case.fault, row.scene.platform, str(row.live), status, seconds, good)


def _line(cells: Iterable[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()
