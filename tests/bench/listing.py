"""GET /v1/posts among very many posts of a thousand workspaces: the first page, one far down, filtered ones.

Beside it, in turn, a view under the same server that answers with JSON and does nothing.
"""

import statistics

from django.test import RequestFactory
from rest_framework.request import Request

from openpost.api.pages import _signer

from . import crowd, machine
from .load import Ask
from .out import out, table
from .serving import CONNECTIONS, PROCESSES, Cost, Serving, serving

#: Workspaces that ask. Each has asked before: so `last_used_at` is written as seldom as in a steady service.
ASKING = 100
PAGE = 20


def measure(*, posts: int, runs: int, seconds: float) -> None:
    """This will print a table."""
    out(f"{machine.described()}; {PROCESSES} web processes, {CONNECTIONS} connections, {posts} posts")
    with serving(posts=posts) as service:
        asks = _asks(service, deep=crowd.in_long_list(posts) // PAGE - 1)
        costs: dict[str, list[Cost]] = {name: [] for name in ("bare view", *asks)}
        for one in asks.values():
            service.asked(one, seconds=0)
        for _ in range(runs):
            costs["bare view"].append(service.asked([Ask("/bare")], seconds=seconds, url=service.bare))
            for name, one in asks.items():
                costs[name].append(service.asked(one, seconds=seconds))
    rows = []
    for name, all_runs in costs.items():
        rates = [one.done.rate for one in all_runs]
        shares = [rate / bare.done.rate for rate, bare in zip(rates, costs["bare view"], strict=True)]
        rows.append([name, f"{statistics.median(rates):.0f}", f"{statistics.median(shares):.0%}", *shown(all_runs)])
    table(["What", "A second", "Of the bare view", *SHOWN], rows)


#: The heads of `shown`.
SHOWN = ("p50", "p99", "CPU for each", "… web", "… PostgreSQL")


def shown(runs: list[Cost]) -> list[str]:
    """The medians of the runs: latencies and milliseconds of CPU."""
    cells = [statistics.median(one.done.percentile(percent) for one in runs) * 1000 for percent in (50, 99)]
    cells.append(statistics.median(one.all_cpu for one in runs))
    cells += [statistics.median(one.cpu[name] for one in runs) for name in ("web", "PostgreSQL")]
    return [f"{cell:.1f} ms" for cell in cells]


def _asks(service: Serving, *, deep: int) -> dict[str, list[Ask]]:
    keys = [crowd.key(number) for number in range(2, ASKING + 2)]
    queries = {"first page": "", "by status": "&status=published", "by platform": "&platform=bluesky"}
    asks = {name: [Ask(f"/v1/posts?limit={PAGE}{query}", key) for key in keys] for name, query in queries.items()}
    long, cursor = crowd.key(crowd.LONG), _cursor(service, deep)
    asks["first page of a long list"] = [Ask(f"/v1/posts?limit={PAGE}", long)]
    asks[f"page {deep} of it"] = [Ask(f"/v1/posts?limit={PAGE}&cursor={cursor}", long)]
    return asks


def _cursor(service: Serving, page: int) -> str:
    """What a program has after all pages before this one."""
    last = service.database.execute(
        "SELECT post.created_at, post.id FROM posts_post post JOIN integrations_workspace workspace "
        "ON workspace.id = workspace_id WHERE name = %s ORDER BY post.created_at DESC, post.id DESC LIMIT 1 OFFSET %s",
        [crowd.name(crowd.LONG), (page - 1) * PAGE - 1],
    ).fetchone()
    assert last
    signer = _signer(Request(RequestFactory().get("/v1/posts")))
    return signer.sign_object([last[0].isoformat(), str(last[1])])
