"""How late posts go out when a thousand a minute are spread evenly, at platforms that answer at once."""

import time

import psycopg

from . import machine
from .out import out, table
from .throughput import THREADS, WORKERS, schedule, service

A_MINUTE = 1000
#: Seconds until the first is due.
AHEAD = 10

_LATE = """
    SELECT count(*), percentile_cont(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (
        ORDER BY extract(epoch FROM published_at - wanted_at)::float
    ) FROM posts_posttarget WHERE status = 'published'
"""


def measure(*, minutes: float) -> None:
    """This will print a table."""
    out(f"{machine.described()}; {A_MINUTE} posts a minute for {minutes:g} min, {WORKERS} workers of {THREADS} threads")
    rows = [[platform, *_measured(platform, minutes)] for platform in ("twitter", "bluesky")]
    table(["Platform", "Posts", "p50", "p99", "longest"], rows)


def _measured(platform: str, minutes: float) -> list[str]:
    posts = round(A_MINUTE * minutes)
    with (
        service(platform) as (stack, _),
        psycopg.connect(stack.environ["DATABASE_URL"], autocommit=True) as database,
    ):
        schedule(database, platform, posts, ahead=AHEAD, apart=60 / A_MINUTE)
        deadline = time.monotonic() + AHEAD + minutes * 60 + 60
        while True:
            done, late = database.execute(_LATE).fetchone() or (0, [])
            if done >= posts:
                return [str(posts), *(f"{one:.2f} s" for one in late)]
            assert time.monotonic() < deadline, f"{done} of {posts} are live"
            time.sleep(1)
