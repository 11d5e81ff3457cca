"""`python -m tests.chaos.traveller <seconds> <celery's arguments>`: a worker whose clock is off by so much."""

import sys
from datetime import UTC, datetime, timedelta

import time_machine


def main() -> None:
    ahead = timedelta(seconds=float(sys.argv.pop(1)))
    time_machine.travel(datetime.now(UTC) + ahead, tick=True).start()
    # Only now: nothing of it has seen the true time.
    from celery.__main__ import main as celery

    celery()


if __name__ == "__main__":
    main()
