"""`make bench`: what the service does in a second and what it costs, beside limits measured in the same run."""

import argparse

import tests.conftest  # noqa: F401  # chooses the servers

from . import fairness, throughput


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", choices=["throughput", "fairness"], help="one measurement, not all")
    arguments.add_argument("--targets", type=int, default=5000, help="posts that fall due at one moment (%(default)s)")
    arguments.add_argument("--runs", type=int, default=3, help="runs, of which the median counts (%(default)s)")
    arguments.add_argument("--delay", type=float, default=0.0, help="seconds that the platforms take (%(default)s)")
    options = arguments.parse_args()
    if options.only != "fairness":
        throughput.measure(targets=options.targets, runs=options.runs, delay=options.delay)
    if options.only != "throughput":
        fairness.measure()


if __name__ == "__main__":
    main()
