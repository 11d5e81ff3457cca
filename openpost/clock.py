"""The one clock of the workers: PostgreSQL's. A machine whose own clock is wrong sends nothing early or late."""

import time
from datetime import datetime, timedelta

from django.db import connection

#: Seconds for which this process counts on by itself from what PostgreSQL said.
GOOD_FOR = 1.0
#: Seconds in which the answer must have come to be counted on from: by so much may we be late.
PROMPT = 0.01
#: Seconds by which PostgreSQL may seem to go back: its answer was on its way for so long. By more, it was set back.
STEP = 0.1

#: Seconds since the machine started, those that it slept included; nobody sets it.
_COUNTER = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class _Clock:
    def __init__(self) -> None:
        #: What PostgreSQL said, and where the counter stood when it came: read and written as one.
        self._known: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """This will give the time at the database, in UTC, also inside a transaction: a moment late, never early.

        It never goes back, unless PostgreSQL's does.
        """
        known, counter = self._known, time.clock_gettime(_COUNTER)
        if known and 0 <= counter - known[1] < GOOD_FOR:
            return known[0] + timedelta(seconds=counter - known[1])
        said = _ask()
        came = time.clock_gettime(_COUNTER)
        if known:
            before = known[0] + timedelta(seconds=came - known[1])
            if timedelta(0) < before - said < timedelta(seconds=STEP):
                said = before  # both are late: this less so
                self._known = said, came
        if came - counter < PROMPT:
            self._known = said, came
        return said


def _ask() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


now = _Clock().now
