"""`python -m tests.chaos`, or `make chaos`: see --help."""

import argparse
import fnmatch
import sys
import time
from pathlib import Path

from . import table
from .stack import running


def main() -> int:
    options = _options()
    begun = time.monotonic()
    table.say(f"Starting web, beat, {options.workers} workers, PostgreSQL, Redis, X's double and a Bluesky server …")
    with running(workers=options.workers) as stack:
        # Only now: they import the product's models.
        from . import matrix, runner
        from .networks import all_networks

        table.say(f"… ready after {time.monotonic() - begun:.0f} s")
        cases = [case for case in matrix.cases() if _wanted(case.name, options.only)]
        table.say(f"\n{len(cases)} cases; a post recovers within 45 s of its fault, counted at the platform\n")
        table.say(table.heading())
        rows = runner.run(cases, stack, all_networks(stack), tell=lambda row: table.say(table.line(row)))
        stuck = runner.left_over(rows, stack)
        table.say(f"\n{table.verdict(rows)}; {stack.supervisor.restarts} processes restarted")
        for sentence in stuck:
            table.say(f"STUCK: {sentence}")
        if options.json:
            table.as_json(rows, options.json)
    table.say(f"{time.monotonic() - begun:.0f} s in all")
    return int(bool(stuck) or not all(row.ok for row in rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="The product under fire.")
    parser.add_argument("--only", default="", help="cases whose name has this in it, or fits it as a pattern (* and ?)")
    parser.add_argument("--workers", type=int, default=12, help="worker processes, one post at a time each")
    parser.add_argument("--json", type=Path, help="write the rows here")
    return parser.parse_args()


def _wanted(name: str, patterns: str) -> bool:
    return any(pattern in name or fnmatch.fnmatch(name, pattern) for pattern in patterns.split("|"))


if __name__ == "__main__":
    sys.exit(main())
