"""`python -m tests.chaos`, or `make chaos`: see --help."""

import argparse
import fnmatch
import os
import random
import sys
import time
from pathlib import Path

from . import table
from .stack import Stack, running

#: The soak's workers, and posts at a time each.
SOAK_WORKERS, SOAK_SLOTS = 4, 4


def main() -> int:
    options = _options()
    begun = time.monotonic()
    table.say(f"Starting web, beat, {options.workers} workers, PostgreSQL, Redis, X's double and a Bluesky server …")
    with running(workers=options.workers) as stack:
        table.say(f"… ready after {time.monotonic() - begun:.0f} s")
        good = _run(stack, options)
    table.say(f"{time.monotonic() - begun:.0f} s in all")
    return 0 if good else 1


def _run(stack: Stack, options: argparse.Namespace) -> bool:
    # Only now: they import the product's models.
    from . import matrix, report, runner, soak
    from .networks import all_networks

    networks = all_networks(stack)
    cases = [case for case in matrix.cases() if _wanted(case.name, options.only)]
    rows, stuck, outcome = [], [], None
    if cases:
        table.say(f"\n{len(cases)} cases; a post recovers within 45 s of its fault, counted at the platform\n")
        table.say(table.heading())
        rows = runner.run(cases, stack, networks, tell=lambda row: table.say(table.line(row)))
        stuck = runner.left_over(rows, stack)
        table.say(f"\n{table.verdict(rows)}; {stack.supervisor.restarts} processes restarted")
        for sentence in stuck:
            table.say(f"STUCK: {sentence}")
    if _wanted("soak", options.only):
        stack.replace_workers(count=SOAK_WORKERS, slots=SOAK_SLOTS)
        table.say(f"\nsoak: SEED={options.seed} repeats it")
        outcome = soak.run(stack, networks, soak.LONG if options.long else soak.SHORT, options.seed)
        table.say(f"soak: {outcome.sentence()}: {'ok' if outcome.ok else 'FAILED'}")
    if options.json:
        table.as_json(rows, options.json)
    if options.markdown:
        report.write(options.markdown, rows, outcome)
    return not stuck and all(row.ok for row in rows) and (outcome is None or outcome.ok)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="The product under fire.")
    parser.add_argument(
        "--only",
        default="",
        help="cases whose name has this in it, or fits it as a pattern (* and ?), or `soak`; several by |",
    )
    parser.add_argument("--long", action="store_true", help="the soak of 2,000 targets instead of the short one")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="repeats a soak")
    parser.add_argument("--markdown", type=Path, help="write the table here, such as docs/chaos.md")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--workers", type=int, default=12, help="worker processes, one post at a time each")
    return parser.parse_args()


def _wanted(name: str, patterns: str) -> bool:
    return any(pattern in name or fnmatch.fnmatch(name, pattern) for pattern in patterns.split("|"))


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:
        table.say("\nStopped; everything it started is gone.")
        code = 130
    sys.stdout.flush()
    # Threads of cases that were interrupted are not waited for.
    os._exit(code)
