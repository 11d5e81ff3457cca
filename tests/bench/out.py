"""What a measurement prints: lines as they come, and a table that docs/performance.md takes over as it is."""

import sys
from collections.abc import Iterable, Sequence


def out(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    out()
    out("| " + " | ".join(heads) + " |")
    out("| --- " * len(heads) + "|")
    for row in rows:
        out("| " + " | ".join(row) + " |")
