"""Whether PostgreSQL and Redis are what this service needs, and whether the clocks agree."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from integrations.platforms import registry
from openpost import clock
from posts.telling import listed, span

from .. import workers
from ..health.finding import Finding, bad, good, warning
from ..health.service import MIGRATE, redis_client
from ..tasks import DISPATCH_TASK

#: As the README asks for.
OLDEST_POSTGRESQL = 150_000
#: Connections of a process beside those of its threads: heartbeat, leases, the watch, a look at /readyz.
BESIDE = 2
#: From here on a clock is wrong; and from there on second factors and certificates fail by it.
SKEWED, BROKEN = timedelta(seconds=2), timedelta(seconds=30)
#: Of Redis's memory, the part that may be in use.
FULL = 0.8
#: Seconds for a platform to tell its time.
PATIENCE = 3


# PostgreSQL ----------------------------------------------------------------------------------------------------------


def postgresql() -> Iterator[Finding]:
    yield from (_version(), _connections(), _schedule())


def _version() -> Finding:
    number, text = int(_one("SHOW server_version_num")), _one("SHOW server_version")
    if number < OLDEST_POSTGRESQL:
        return bad("postgresql", f"It is version {text}.", "Upgrade it to 15 or newer.")
    return good("postgresql", f"Version {text}.")


def _connections() -> Finding:
    """The limit is the smallest of the server's, the database's and the role's: small plans set the latter two."""
    limit = int(
        _one(
            "SELECT least(current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int,"
            " (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),"
            " (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user))"
        )
    )
    web = settings.WEB_CONCURRENCY * (settings.WEB_THREADS + BESIDE)
    threads = [worker.threads for worker in workers.alive()] or [settings.WORKER_CONCURRENCY]
    wanted = web + sum(threads) + BESIDE * len(threads) + 1
    what = (
        f"{wanted} are wanted (one web of {settings.WEB_CONCURRENCY} × {settings.WEB_THREADS} threads, "
        f"{len(threads)} worker{'' if len(threads) == 1 else 's'} of {sum(threads)} threads, beat), {limit} allowed."
    )
    if wanted > limit:
        return bad("connections", what, "Lower WEB_THREADS or WORKER_CONCURRENCY, or take a larger plan.")
    if wanted > limit * FULL:
        return warning("connections", what, "There is no room for another process: think of it before adding one.")
    return good("connections", what)


def _schedule() -> Finding:
    rows = dict(PeriodicTask.objects.values_list("task", "enabled"))
    if not rows.get(DISPATCH_TASK):
        state = "turned off" if DISPATCH_TASK in rows else "missing"
        what = f"Beat's task {DISPATCH_TASK} is {state}: nothing goes out by itself."
        return bad("schedule", what, "Turn it on in admin, under Beat's tasks; when it is missing, " + MIGRATE)
    if off := sorted(task for task, on in rows.items() if not on):
        return warning("schedule", f"Turned off: {listed(off)}.", "Turn them on in admin, under Beat's tasks.")
    return good("schedule", f"Beat's {len(rows)} tasks are on.")


def _one(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


# Redis ---------------------------------------------------------------------------------------------------------------


def redis() -> Iterator[Finding]:
    """By INFO: CONFIG is forbidden on most hosts."""
    with redis_client(within=PATIENCE) as asked:
        memory: dict[str, Any] = asked.info("memory")
    policy, most, used = memory.get("maxmemory_policy", "noeviction"), memory["maxmemory"], memory["used_memory"]
    if policy.startswith("allkeys"):
        what = f"It throws away any key when it is full ({policy}), and so the queues: posts would go out late."
        yield bad("redis_eviction", what, "Set maxmemory-policy to noeviction, or use another Redis.")
    elif policy != "noeviction":
        what = f"It throws away keys that end when it is full ({policy})."
        yield warning("redis_eviction", what, "Set maxmemory-policy to noeviction.")
    else:
        yield good("redis_eviction", "It throws nothing away.")
    if most and used > most * FULL:
        what = f"{used / most:.0%} of its memory is in use."
        yield warning("redis_memory", what, "Look how long the queues are, and whether others use it.")
    else:
        yield good("redis_memory", f"{used / 2**20:,.0f} MB in use. What it forgets is made good.")


# Clocks --------------------------------------------------------------------------------------------------------------


def clock_of_the_database() -> Iterator[Finding]:
    before = timezone.now()
    theirs = clock.now()
    ours = before + (timezone.now() - before) / 2
    yield _skew("clock", "the database's", ours - theirs)


def clocks_of_platforms() -> Iterator[Finding]:
    """Whoever cannot be asked says nothing of our clock."""
    for rules in registry.PLATFORMS.values():
        if rules.clock and (theirs := _date_at(rules.clock)):
            # A Date is cut to its second.
            late = timezone.now() - theirs - timedelta(seconds=0.5)
            yield _skew(f"clock_{rules.name}", f"{rules.label}'s", late, exact=timedelta(seconds=3))


def _skew(name: str, whose: str, ahead: timedelta, *, exact: timedelta = timedelta(0)) -> Finding:
    off = abs(ahead)
    if off < SKEWED + exact:
        return good(name, f"Ours and {whose} agree.")
    what = f"Ours is {span(off)} {'ahead of' if ahead > timedelta(0) else 'behind'} {whose}."
    do = "Let NTP set this machine's clock, or the database's. Posts go by the database's; codes and tokens by ours."
    return (bad if off >= BROKEN else warning)(name, what, do)


def _date_at(address: str) -> datetime | None:
    try:
        answer = requests.head(address, timeout=PATIENCE, allow_redirects=False)
        return parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        return None
