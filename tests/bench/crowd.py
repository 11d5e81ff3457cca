"""Many posts of many workspaces, made by PostgreSQL itself in one go: a million take about a minute."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

WORKSPACES = 1000
#: Two accounts each, and a post is for one of them.
PLATFORMS = ("twitter", "bluesky")
#: The workspace that has far more posts than the others.
LONG = 1

_WORKSPACES = """
    WITH made AS (
        INSERT INTO integrations_workspace (id, name, mode, timezone, late_limit, created_at)
        SELECT gen_random_uuid(), 'Crowd ' || number, 'live', 'UTC', '24 hours', now()
        FROM generate_series(1, %(workspaces)s) number
        RETURNING id, split_part(name, ' ', 2) AS number
    ), keyed AS (
        INSERT INTO integrations_apikey (id, workspace_id, name, hint, key_hash, created_at)
        SELECT gen_random_uuid(), id, 'bench', 'op_live_…', encode(sha256(('op_live_' || lpad(number, 32, '0'))::bytea),
               'hex'), now()
        FROM made
    )
    INSERT INTO integrations_integration (id, workspace_id, platform, remote_id, username, display_name, status,
                                          status_reason, credentials, connected_at, created_at, updated_at)
    SELECT gen_random_uuid(), made.id, platform, platform || number, platform || number, '', 'active', '',
           (SELECT credentials FROM integrations_integration LIMIT 1), now(), now(), now()
    FROM made, unnest(%(platforms)s::text[]) platform
"""
# Of a hundred, nine are to come and one has failed. A second lies between two posts.
_POSTS = """
    WITH account AS (
        SELECT integration.id, workspace_id,
               row_number() OVER (ORDER BY workspace.name <> %(long)s, integration.id) - 1 AS place
        FROM integrations_integration integration JOIN integrations_workspace workspace ON workspace.id = workspace_id
        WHERE workspace.name LIKE 'Crowd %%'
    ), made AS (
        INSERT INTO posts_post (id, workspace_id, status, content, platform_overrides, platform_settings, tags,
                                warnings, scheduled_at, published_at, created_at, updated_at)
        SELECT gen_random_uuid(), workspace_id, status, 'What account ' || account.id || ' had to say on its day '
               || number || ', and a few words more, so that it is about as long as posts are.', '{}', '{}',
               ARRAY['tag' || number %% 50], '[]',
               CASE status WHEN 'scheduled' THEN now() + interval '30 days' ELSE at END,
               CASE status WHEN 'published' THEN at END, at, at
        FROM (
            SELECT number, now() - number * interval '1 second' AS at,
                   CASE WHEN number %% 100 < 9 THEN 'scheduled' WHEN number %% 100 = 9 THEN 'failed'
                        ELSE 'published' END AS status
            FROM generate_series(1, %(posts)s) number
        ) numbers JOIN account ON account.place = CASE
            WHEN number <= %(in_long)s THEN 0 ELSE 2 + number / 100 %% (SELECT count(*) - 2 FROM account) END
        RETURNING id, content, status, scheduled_at, published_at
    )
    INSERT INTO posts_posttarget (id, post_id, integration_id, position, status, due_at, wanted_at, attempts, failures,
                                  error_code, error_message, error_retryable, in_doubt, platform_post_id,
                                  platform_post_url, live_parts, published_at, created_at, updated_at)
    SELECT gen_random_uuid(), id, split_part(content, ' ', 3)::uuid, 0,
           CASE status WHEN 'scheduled' THEN 'pending' ELSE status END,
           CASE status WHEN 'scheduled' THEN scheduled_at END, scheduled_at, 1, 0,
           CASE status WHEN 'failed' THEN 'text_too_long' ELSE '' END,
           CASE status WHEN 'failed' THEN 'It is longer than the platform takes.' ELSE '' END, false, false,
           CASE status WHEN 'published' THEN id::text ELSE '' END,
           CASE status WHEN 'published' THEN 'https://x.com/i/status/' || id END,
           CASE status WHEN 'published' THEN ARRAY['https://x.com/i/status/' || id] ELSE '{}' END,
           published_at, now(), now()
    FROM made
"""


def name(number: int) -> str:
    """The name of one of the workspaces, 1 to WORKSPACES."""
    return f"Crowd {number}"


def in_long_list(posts: int) -> int:
    """How many of all the posts are those of the workspace LONG: enough for a thousand pages, if there are so many."""
    return min(20_020, posts // 4)


def key(number: int) -> str:
    """The API key of one of the workspaces, 1 to WORKSPACES."""
    return f"op_live_{number:032}"


def gather(database: psycopg.Connection, *, posts: int) -> None:
    """This will make the workspaces, with their posts. There must be one integration to copy from."""
    database.execute(_WORKSPACES, {"workspaces": WORKSPACES, "platforms": list(PLATFORMS)})
    with _without_indexes(database):
        database.execute(_POSTS, {"posts": posts, "long": name(LONG), "in_long": in_long_list(posts)})
    database.execute("VACUUM ANALYZE")


@contextmanager
def _without_indexes(database: psycopg.Connection) -> Iterator[None]:
    """Made anew at the end, which is faster than row by row; keys are believed, not looked up."""
    found = database.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('posts_post', 'posts_posttarget') "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    ).fetchall()
    database.execute("SET session_replication_role = replica")
    for name, _ in found:
        database.execute(f'DROP INDEX "{name}"'.encode())
    yield
    database.execute("SET maintenance_work_mem = '256MB'")
    for _, definition in found:
        database.execute(definition.encode())
    database.execute("SET session_replication_role = DEFAULT")
