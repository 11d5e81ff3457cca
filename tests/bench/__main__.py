"""`make bench`: what the service does in a second and what it costs, beside limits measured in the same run."""

import argparse
from collections.abc import Callable

import tests.conftest  # noqa: F401  # chooses the servers

from . import creating, fairness, footprint, lateness, listing, now, throughput, ticks

#: What there is to measure, in the order of docs/performance.md.
ROWS: dict[str, Callable[[argparse.Namespace], None]] = {
    "throughput": lambda said: throughput.measure(targets=said.targets, runs=said.runs, delay=said.delay),
    "fairness": lambda said: fairness.measure(),
    "lateness": lambda said: lateness.measure(minutes=said.minutes),
    "now": lambda said: now.measure(),
    "ticks": lambda said: ticks.measure(sizes=said.stored),
    "list": lambda said: listing.measure(posts=said.posts, runs=said.runs, seconds=said.seconds),
    "create": lambda said: creating.measure(posts=said.posts, runs=said.runs, seconds=said.seconds),
    "footprint": lambda said: footprint.measure(runs=said.runs),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", action="append", choices=ROWS, help="these measurements, not all")
    arguments.add_argument("--runs", type=int, default=3, help="runs, of which the median counts (%(default)s)")
    arguments.add_argument("--targets", type=int, default=5000, help="posts that fall due at one moment (%(default)s)")
    arguments.add_argument("--delay", type=float, default=0.0, help="seconds that the platforms take (%(default)s)")
    arguments.add_argument("--minutes", type=float, default=5.0, help="of posts spread evenly (%(default)s)")
    arguments.add_argument("--posts", type=int, default=1_000_000, help="posts that web lists from (%(default)s)")
    arguments.add_argument("--seconds", type=float, default=5.0, help="of requests in each run (%(default)s)")
    arguments.add_argument(
        "--stored", type=int, nargs="+", default=[10_000, 1_000_000], help="posts beside a tick (%(default)s)"
    )
    options = arguments.parse_args()
    for name, measure in ROWS.items():
        if not options.only or name in options.only:
            measure(options)


if __name__ == "__main__":
    main()
