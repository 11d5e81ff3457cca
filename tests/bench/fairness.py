"""How long another's single post waits while one account has ten thousand due. Prints a ratio.

The real processes of the Procfile, one worker, the sandbox network. The loud account's posts are put into the
database due at this moment, as after a long night of the machine.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from tests.system.stack import Program, Stack

LOUD = 10_000
SINGLES = 20

_MANY = """
    WITH loud AS (
        SELECT integration.id, integration.workspace_id FROM integrations_integration integration
        JOIN integrations_workspace workspace ON workspace.id = integration.workspace_id
        WHERE workspace.mode = 'sandbox' AND integration.platform = 'mastodon'
    ), made AS (
        INSERT INTO posts_post (id, workspace_id, status, content, platform_overrides, platform_settings, tags,
                                warnings, scheduled_at, created_at, updated_at)
        SELECT gen_random_uuid(), workspace_id, 'scheduled', 'Loud ' || number, '{}', '{}', '{}', '[]', now(), now(),
               now()
        FROM loud, generate_series(1, %s) number RETURNING id
    )
    INSERT INTO posts_posttarget (id, post_id, integration_id, position, status, due_at, wanted_at, attempts, failures,
                                  error_code, error_message, error_retryable, in_doubt, in_hand, platform_post_id,
                                  created_at, updated_at)
    SELECT gen_random_uuid(), made.id, loud.id, 0, 'pending', now(), now(), 0, 0, '', '', false, false, false, '',
           now(), now()
    FROM made, loud
"""


def singles(program: Program) -> list[float]:
    """Seconds from the call to live, one post after the other."""
    took = []
    for number in range(SINGLES):
        begun = time.monotonic()
        body = {"content": f"Single {number}", "platforms": ["bluesky"], "status": "draft"}
        post = program.call("POST", "/v1/posts", body, status=201)
        program.call("POST", f"/v1/posts/{post['id']}/publish", status=202)
        program.wait(post["id"], "published")
        took.append(time.monotonic() - begun)
    return took


def measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        try:
            stack.start()
            program = Program(stack.url, stack.key)
            quiet = singles(program)
            with psycopg.connect(stack.environ["DATABASE_URL"], autocommit=True) as connection:
                connection.execute(_MANY, [LOUD])
                begun = time.monotonic()
                time.sleep(2)  # ticks have found them
                loud = singles(program)
                live = "SELECT count(*) FROM posts_posttarget WHERE status = 'published' AND integration_id = "
                live += "(SELECT integration_id FROM posts_posttarget GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)"
                (done,) = connection.execute(live.encode()).fetchone() or (0,)
                rate = done / (time.monotonic() - begun)
            for name, took in (("quiet", quiet), (f"{LOUD} of another account due", loud)):
                out(f"{name:32} median {statistics.median(took):.3f} s, worst {max(took):.3f} s")
            out(f"ratio of the medians {statistics.median(loud) / statistics.median(quiet):.1f}; ")
            out(f"the loud account itself: {rate:.0f} posts a second with one worker")
        finally:
            stack.stop()


def out(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
