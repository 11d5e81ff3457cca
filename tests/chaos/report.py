"""The document: the table as measured, for docs/reliability.md."""

import os
import platform
from pathlib import Path

import django

from . import table
from .case import Row
from .soak import Outcome

LEGEND = (
    "`live` is counted in the platform's own records; `recovered` is the time from the fault (of several, the last) "
    "until the API shows the outcome."
)


def write(path: Path, rows: list[Row], soak: Outcome | None) -> None:
    """This will write what was measured as markdown."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, Django {django.__version__}"
    parts = [
        "<!-- Written by `make chaos`; do not edit. -->",
        f"Measured on {machine}. {LEGEND}",
        table.markdown(rows).rstrip(),
        f"{table.verdict(rows)}.",
    ]
    if soak:
        parts.append(f"Soak: {soak.sentence()}.")
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n\n".join(parts) + "\n")
