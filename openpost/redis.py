"""Redis for what a request asks in passing: it answers at once, or the request goes on without it."""

import logging
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import TypeVar

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

T = TypeVar("T")

log = logging.getLogger(__name__)

#: Seconds that a request waits for an answer.
PATIENCE = 0.1
#: Seconds for which a Redis that did not answer is not asked again: its absence costs one request, not each.
LET_BE = 5.0
#: Seconds between two lines of the log that say so.
SAID_EVERY = 60.0


@cache
def client(url: str, patience: float | None = None) -> Redis:
    """This will give the impatient client of this process; connections are its own after a fork, too."""
    tls = {} if settings.REDIS_TLS_VERIFY or not url.startswith("rediss://") else {"ssl_cert_reqs": "none"}
    return Redis.from_url(
        url,
        socket_timeout=patience or PATIENCE,
        socket_connect_timeout=patience or PATIENCE,
        retry=Retry(NoBackoff(), 0),
        **tls,
    )


class Passing:
    """Asks for one purpose, and remembers for a while that Redis is away."""

    def __init__(self, without: str, *, patience: float | None = None) -> None:
        self._without = without
        self._patience = patience
        self._ask_again = self._say_again = 0.0

    def ask(self, question: Callable[[Redis], T]) -> T | None:
        """This will give Redis's answer; None when it is away, or too slow."""
        now = monotonic()
        if now < self._ask_again:
            return None
        try:
            return question(client(settings.REDIS_URL, self._patience))
        except (RedisError, OSError) as error:
            self._ask_again = monotonic() + LET_BE
            if now >= self._say_again:
                self._say_again = now + SAID_EVERY
                log.warning("Redis is away; %s: %s", self._without, error)
            return None
