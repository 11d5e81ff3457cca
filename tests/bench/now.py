"""Publish-now while nothing else goes on: from the request to live, at a platform that answers at once."""

import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

from tests.system.seeding import Seeder
from tests.system.stack import Program, Stack

from . import machine
from .accounts import make_accounts
from .out import out, table
from .throughput import stub

POSTS = 200


def measure() -> None:
    """This will print a table. Each post waits until the one before is live."""
    out(f"{machine.described()}; {POSTS} posts, one after the other, one worker")
    rows = [[platform, *_measured(platform)] for platform in ("twitter", "bluesky")]
    table(["Platform", "p50", "p99", "longest"], rows)


def _measured(platform: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, stub() as (url, _):
        environ = {"X_API_URL": url, "X_CLIENT_ID": "bench", "X_CLIENT_SECRET": "bench"}
        stack = Stack(Path(folder), name="bench", **environ)
        try:
            stack.start()
            with Seeder(stack.environ) as seeder:
                key, account = seeder(key_and_account, platform, url)
            program = Program(stack.url, key)
            for number in range(10):  # libraries loaded, connections made
                _published(program, account, -number)
            took = sorted(_published(program, account, number) for number in range(POSTS))
        finally:
            stack.stop()
    found = (statistics.median(took), took[int(len(took) * 0.99)], took[-1])
    return [f"{one * 1000:.0f} ms" for one in found]


def _published(program: Program, account: str, number: int) -> float:
    """Seconds from the sending of the request to the moment at which the row says that it is live."""
    body = {"content": f"Post {number} of the bench", "integrations": [account], "status": "draft"}
    post = program.call("POST", "/v1/posts", body, status=201)
    begun = time.time()
    program.call("POST", f"/v1/posts/{post['id']}/publish", status=202)
    live = program.wait(post["id"], "published")
    return _seconds(live["published_at"]) - begun


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def key_and_account(platform: str, url: str) -> tuple[str, str]:
    """This will connect accounts at the stub, and give a key of their workspace and one account's id. In the seeder."""
    from integrations.models import Integration
    from tests import builders

    make_accounts(platform, url)
    account = Integration.objects.filter(platform=platform, remote_id__startswith="did:plc:bench").earliest("remote_id")
    return builders.api_key(account.workspace), str(account.id)
