"""How often a user may call: windows of 15 minutes, told in the headers of every answer.

https://docs.x.com/x-api/fundamentals/rate-limits
"""

from .messages import Refuse
from .world import World

WINDOW_S = 15 * 60
PER_WINDOW = {
    "POST /2/tweets": 100,
    "GET /2/users/:id/tweets": 900,
    "GET /2/users/me": 75,
    "POST /2/media/upload": 500,
    "GET /2/media/upload": 1000,
    "POST /2/media/upload/initialize": 1875,
    "POST /2/media/upload/:id/append": 1875,
    "POST /2/media/upload/:id/finalize": 1875,
    "POST /2/media/metadata": 500,
}


def count(world: World, endpoint: str, user_id: str) -> dict[str, str]:
    """This will count one call and give its headers, or refuse it."""
    limit = world.settings.limits.get(endpoint, PER_WINDOW[endpoint])
    now = int(world.now())
    ends, used = world.windows.get((endpoint, user_id), (0, 0))
    if ends <= now:
        ends, used = now + WINDOW_S, 0
    used += 1
    world.windows[endpoint, user_id] = ends, used
    headers = {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(max(limit - used, 0)),
        "x-rate-limit-reset": str(ends),
    }
    if used > limit:
        body = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
        raise Refuse(429, body, headers)
    return headers
