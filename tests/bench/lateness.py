"""How late posts go out when a thousand a minute are spread evenly, at platforms that answer at once."""

import tempfile
import time
from pathlib import Path

import psycopg

from tests.system.seeding import Seeder
from tests.system.stack import Stack

from . import machine
from .accounts import ACCOUNTS, make_accounts
from .out import out, table
from .throughput import THREADS, WORKERS, stub

A_MINUTE = 1000
#: Seconds until the first is due.
AHEAD = 10

_SPREAD = """
    WITH account AS (
        SELECT id, workspace_id, row_number() OVER (ORDER BY id) - 1 AS place FROM integrations_integration
        WHERE remote_id LIKE 'did:plc:bench%%'
    ), made AS (
        INSERT INTO posts_post (id, workspace_id, status, content, platform_overrides, platform_settings, tags,
                                warnings, scheduled_at, created_at, updated_at)
        SELECT gen_random_uuid(), account.workspace_id, 'scheduled', 'Post ' || number || ' for ' || account.id, '{}',
               '{}', '{}', '[]', clock_timestamp() + (%(ahead)s + number * 60.0 / %(a_minute)s) * interval '1 second',
               now(), now()
        FROM generate_series(1, %(posts)s) number JOIN account ON account.place = number %% %(accounts)s
        RETURNING id, content, scheduled_at
    )
    INSERT INTO posts_posttarget (id, post_id, integration_id, position, status, due_at, wanted_at, attempts, failures,
                                  error_code, error_message, error_retryable, in_doubt, in_hand, platform_post_id,
                                  created_at, updated_at)
    SELECT gen_random_uuid(), made.id, right(made.content, 36)::uuid, 0, 'pending', scheduled_at, scheduled_at, 0, 0,
           '', '', false, false, false, '', now(), now()
    FROM made
"""
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
    with tempfile.TemporaryDirectory() as folder, stub() as (url, _):
        environ = {"X_API_URL": url, "X_CLIENT_ID": "bench", "X_CLIENT_SECRET": "bench"}
        stack = Stack(Path(folder), name="bench", WORKER_CONCURRENCY=str(THREADS), LOG_LEVEL="WARNING", **environ)
        try:
            stack.start("web", "beat")
            with Seeder(stack.environ) as seeder:
                seeder(make_accounts, platform, url)
            for number in range(WORKERS):
                stack.begin("worker", called=f"worker{number}")
            with psycopg.connect(stack.environ["DATABASE_URL"], autocommit=True) as database:
                said = {"posts": posts, "accounts": ACCOUNTS, "ahead": AHEAD, "a_minute": A_MINUTE}
                database.execute(_SPREAD, said)
                deadline = time.monotonic() + AHEAD + minutes * 60 + 60
                while True:
                    done, late = database.execute(_LATE).fetchone() or (0, [])
                    if done >= posts:
                        return [str(posts), *(f"{one:.2f} s" for one in late)]
                    assert time.monotonic() < deadline, f"{done} of {posts} are live"
                    time.sleep(1)
        finally:
            stack.stop()
