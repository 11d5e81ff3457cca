"""How many requests a minute one key may make. Counted in Redis, in one atomic step; without Redis all requests pass.

A window begins with a key's first request and lasts a minute; in it, API_RATE_LIMIT requests are answered. There is no
limit for wrong keys: a key has 192 random bits, which nobody finds by trying, and behind one address are many people.
"""

import math
import uuid
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from redis import Redis
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from openpost.redis import Passing

from .caller import caller_of

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which loads this module by its name in the settings

#: Seconds.
WINDOW = 60

# A count that has no end yet is of a window's first request.
_COUNT = """
local used = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], left)
end
return {used, left}
"""
_redis = Passing("requests are not limited")


class Used(NamedTuple):
    """Requests of the window, this one included, and the seconds until the next window."""

    requests: int
    left: float


class RatePerKey(BaseThrottle):
    """DRF asks it before every view."""

    def __init__(self) -> None:
        self._left = 0.0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """This will count the request, and say on whatever answer it gets how many more there may be."""
        limit, caller = settings.API_RATE_LIMIT, caller_of(request)
        used = count(caller.key_id) if limit and caller else None
        if used is None:
            return True
        self._left = used.left
        view.headers |= {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - used.requests)),
            "RateLimit-Reset": str(math.ceil(used.left)),
        }
        return used.requests <= limit

    def wait(self) -> float:
        return self._left


def count(key_id: uuid.UUID) -> Used | None:
    """This will count one request of the key; None when Redis is away."""
    return _redis.ask(lambda redis: _counted(redis, f"openpost:rate:{key_id}"))


def _counted(redis: Redis, name: str) -> Used:
    used, left = redis.register_script(_COUNT)(keys=[name], args=[WINDOW * 1000])
    return Used(int(used), int(left) / 1000)
