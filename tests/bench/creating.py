"""POST /v1/posts: scheduled posts for one account, over several connections. Beside it, in turn, the bare INSERTs.

The INSERTs are those of the rows that a post leaves behind, in one transaction, over one connection that is kept.
"""

import statistics
import time

from psycopg.types.json import Jsonb

from . import crowd, machine
from .listing import ASKING, SHOWN, shown
from .load import Ask
from .out import out, table
from .serving import CONNECTIONS, PROCESSES, Cost, Serving, serving

_TEXT = "What somebody has to say at number {}, and a few words more, so that it is about as long as posts are."
_INSERTS = """
    WITH account AS (
        SELECT integration.id, workspace_id FROM integrations_integration integration
        JOIN integrations_workspace workspace ON workspace.id = workspace_id
        WHERE workspace.name = %(workspace)s AND platform = 'twitter'
    ), post AS (
        INSERT INTO posts_post (id, workspace_id, status, content, platform_overrides, platform_settings, tags,
                                warnings, scheduled_at, created_at, updated_at)
        SELECT gen_random_uuid(), workspace_id, 'scheduled', %(text)s, '{}', '{}', '{}', '[]',
               now() + interval '30 days', now(), now()
        FROM account RETURNING id, workspace_id
    ), target AS (
        INSERT INTO posts_posttarget (id, post_id, integration_id, position, status, due_at, wanted_at, attempts,
                                      failures, error_code, error_message, error_retryable, in_doubt,
                                      platform_post_id, created_at, updated_at)
        SELECT gen_random_uuid(), post.id, account.id, 0, 'pending', now() + interval '30 days',
               now() + interval '30 days', 0, 0, '', '', false, false, '', now(), now()
        FROM post, account
    ), event AS (
        INSERT INTO posts_event (post_id, kind, at, actor, message)
        SELECT id, kind, now(), 'bench', 'Made by the bench.' FROM post, unnest(ARRAY['created', 'scheduled']) kind
    )
    INSERT INTO integrations_auditentry (workspace_id, actor_kind, actor_id, actor_name, address, action, subject_type,
                                         subject_id, subject, before, after)
    SELECT workspace_id, 'key', 'bench', 'bench', NULL, 'post_created', 'posts.post', id::text, %(text)s,
           '{}', %(after)s
    FROM post
"""


def measure(*, posts: int, runs: int, seconds: float) -> None:
    """This will print a table. `posts`: those that are there before."""
    out(f"{machine.described()}; {PROCESSES} web processes, {CONNECTIONS} connections, {posts} posts before")
    with serving(posts=posts) as service:
        asks = _asks()
        service.asked(asks, seconds=2, status=201)
        costs: list[Cost] = []
        bare: list[float] = []
        for number in range(runs):
            bare.append(_inserted(service, seconds=seconds, run=number))
            costs.append(service.asked(asks, seconds=seconds, status=201))
    rate = statistics.median(one.done.rate for one in costs)
    share = statistics.median(one.done.rate / least for one, least in zip(costs, bare, strict=True))
    rows = [
        ["bare INSERTs", f"{statistics.median(bare):.0f}", "", *([""] * len(SHOWN))],
        ["POST /v1/posts", f"{rate:.0f}", f"{share:.0%}", *shown(costs)],
    ]
    table(["What", "A second", "Of the bare INSERTs", *SHOWN], rows)


def _asks() -> list[Ask]:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 30 * 24 * 3600))
    return [
        Ask(
            "/v1/posts",
            crowd.key(number % ASKING + 2),
            {"content": _TEXT.format(number), "platforms": ["twitter"], "schedule_at": at},
            "POST",
        )
        for number in range(20 * ASKING)
    ]


def _inserted(service: Serving, *, seconds: float, run: int) -> float:
    """How many a second."""
    begun, number = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds:
        text = _TEXT.format(f"{run}/{number}")
        after = Jsonb({"content": text, "status": "scheduled", "accounts": ["X"]})
        workspace = crowd.name(number % ASKING + 2)
        service.database.execute(_INSERTS, {"workspace": workspace, "text": text, "after": after})
        number += 1
    return number / passed
