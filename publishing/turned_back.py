"""Whether the database has lost its newest part: an old backup was restored, or a standby took over that lagged behind.

Then it does not know what was sent since, and everything that falls due would be sent again. So each tick is written
down in PostgreSQL and, when that is committed, in Redis: Redis never knows of a later one, unless PostgreSQL was turned
back. From then on nothing is handed out, and nothing taken up, until `manage.py after_restore` has run. Where Redis is
away or was emptied, nothing is known, and nothing is held back.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from django.db import connection
from redis import Redis

from openpost.redis import Passing

from . import pulse

log = logging.getLogger(__name__)

#: Seconds for which an answer is good in this process.
GOOD_FOR = 1.0

_redis = Passing("nobody knows whether the database was turned back")


class Watch:
    """What this process knows of it."""

    def __init__(self) -> None:
        self._turned, self._ask_again = False, 0.0

    def turned_back(self) -> bool:
        """Whether PostgreSQL knows of no tick as late as the latest that was committed to it once."""
        if monotonic() >= self._ask_again:
            # Redis first: what is committed in between only makes PostgreSQL's the later one.
            there = _redis.ask(_read)
            here = pulse.last() if there else None
            self._turned = bool(there and here and here < there)
            self._ask_again = monotonic() + GOOD_FOR
            if self._turned:
                log.error(
                    "The database is older than what was done: it knows of no tick after %s, but there was one at %s. "
                    "Nothing is sent, since it may have been sent already. Run manage.py after_restore (docs/data.md).",
                    here,
                    there,
                )
        return self._turned

    def forget(self) -> None:
        """This will ask anew, and let what Redis knows be nothing."""
        _redis.ask(lambda redis: redis.delete(_key()))
        self._ask_again = 0.0


watch = Watch()


def ticked(*, now: datetime) -> None:
    """This will write a tick down that is committed in PostgreSQL."""
    _redis.ask(_write(now))


def _read(redis: Redis) -> datetime | None:
    said = redis.get(_key())
    return datetime.fromtimestamp(float(said), UTC) if isinstance(said, bytes) else None


def _write(now: datetime) -> Callable[[Redis], object]:
    return lambda redis: redis.set(_key(), repr(now.timestamp()))


def _key() -> str:
    """One for each database: several may share a Redis."""
    return f"openpost:tick:{connection.settings_dict['NAME']}"
