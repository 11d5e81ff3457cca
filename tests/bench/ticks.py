"""What a tick of the dispatcher costs the database, by how much is stored and how much is due."""

import statistics
import tempfile
from pathlib import Path

import psycopg
from redis import Redis

from tests.system.seeding import Seeder
from tests.system.stack import Stack

from . import crowd, machine
from .out import out, table

DUE = (0, 500)
RUNS = 20

_DUE = """
    UPDATE posts_posttarget SET due_at = now(), wanted_at = now(), in_hand = false WHERE id IN (
        SELECT id FROM posts_posttarget WHERE status = 'pending' ORDER BY integration_id LIMIT %s
    )
"""
_LATER = """
    UPDATE posts_posttarget SET in_hand = false, due_at = now() + interval '1 day'
    WHERE in_hand OR due_at < now() + interval '1 hour'
"""


def measure(*, sizes: list[int]) -> None:
    """This will print a table. The tick is the service's own function, with what it asks of PostgreSQL alone timed."""
    out(f"{machine.described()}; the median of {RUNS} ticks")
    rows = []
    for posts in sizes:
        with tempfile.TemporaryDirectory() as folder:
            stack = Stack(Path(folder), name="bench", LOG_LEVEL="WARNING")
            try:
                stack.start("web")
                with (
                    psycopg.connect(stack.environ["DATABASE_URL"], autocommit=True) as database,
                    Redis.from_url(stack.environ["REDIS_URL"]) as redis,
                ):
                    crowd.gather(database, posts=posts)
                    with Seeder(stack.environ) as seeder:
                        seeder(tick)  # libraries loaded, connections made
                        rows += [[f"{posts:,}", str(due), *_ticks(database, redis, seeder, due)] for due in DUE]
            finally:
                stack.stop()
    table(["Posts stored", "due", "handed out", "statements", "seconds in PostgreSQL, of a tick"], rows)


def _ticks(database: psycopg.Connection, redis: Redis, seeder: Seeder, due: int) -> list[str]:
    took = []
    for _ in range(RUNS):
        database.execute(_LATER)
        if due:
            database.execute(_DUE, [due])
        database.execute("VACUUM ANALYZE posts_posttarget")
        redis.flushdb()  # no worker takes the hints, and a long queue is passed by
        took.append(seeder(tick))
    handed, statements, _ = took[-1]
    return [str(handed), str(statements), f"{statistics.median(one[2] for one in took) * 1000:.2f} ms"]


def tick() -> tuple[int, int, float]:
    """This will take one turn as a worker does, and give how many it handed out, its statements and their seconds."""
    from time import perf_counter

    from django.db import connection

    from openpost import clock
    from posts.hints import hand_out

    took: list[float] = []

    def timed(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        begun = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took.append(perf_counter() - begun)

    with connection.execute_wrapper(timed):
        handed = hand_out(now=clock.now())
    return handed, len(took), sum(took)
