"""How many targets go out a second when thousands fall due at one moment, and what each costs.

The real processes of the Procfile: web, beat and two workers; X and Bluesky are a process that answers at once
(stub.py). Beside it, in the same run, what the same calls cost bare, and as many of Celery's messages that do nothing.
"""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from redis import Redis

from tests.system.seeding import Seeder
from tests.system.stack import Stack

from . import machine, noop
from .accounts import ACCOUNTS, make_accounts

WORKERS = 2
THREADS = 16

_DUE = """
    WITH account AS (
        SELECT id, workspace_id, row_number() OVER (ORDER BY id) - 1 AS place FROM integrations_integration
        WHERE platform = %(platform)s AND remote_id LIKE 'did:plc:bench%%'
    ), made AS (
        INSERT INTO posts_post (id, workspace_id, status, content, platform_overrides, platform_settings, tags,
                                warnings, scheduled_at, created_at, updated_at)
        SELECT gen_random_uuid(), account.workspace_id, 'scheduled', 'Post ' || number || ' for ' || account.id, '{}',
               '{}', '{}', '[]',
               statement_timestamp() + (%(ahead)s + number * %(apart)s) * interval '1 second', now(), now()
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
_LIVE = "SELECT count(*), min(published_at), max(published_at) FROM posts_posttarget WHERE status = 'published'"


@dataclass(frozen=True)
class Run:
    """Seconds: `wall` for all of them; `cpu` of one target by group of processes."""

    targets: int
    wall: float
    cpu: dict[str, float]

    @property
    def rate(self) -> float:
        return self.targets / self.wall


@contextlib.contextmanager
def stub(delay: float = 0.0) -> Iterator[tuple[str, int]]:
    """The platforms' process: its address and its id."""
    command = [sys.executable, "-m", "tests.bench.stub", "--delay", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}", process.pid
        finally:
            process.terminate()


@contextlib.contextmanager
def service(platform: str, *, delay: float = 0.0) -> Iterator[tuple[Stack, int]]:
    """The running service with accounts of a platform, and the id of the platform's process."""
    with tempfile.TemporaryDirectory() as folder, stub(delay) as (url, stub_pid):
        environ = {"X_API_URL": url, "X_CLIENT_ID": "bench", "X_CLIENT_SECRET": "bench"}
        stack = Stack(Path(folder), name="bench", WORKER_CONCURRENCY=str(THREADS), LOG_LEVEL="WARNING", **environ)
        try:
            stack.start("web", "beat")
            with Seeder(stack.environ) as seeder:
                seeder(make_accounts, platform, url)
            for number in range(WORKERS):
                stack.begin("worker", called=f"worker{number}")
            yield stack, stub_pid
        finally:
            stack.stop()


def publish(platform: str, targets: int, *, delay: float = 0.0) -> Run:
    """One run of the service."""
    with service(platform, delay=delay) as (stack, stub_pid):
        return _measured(stack, platform, targets, stub_pid)


def schedule(database: psycopg.Connection, platform: str, posts: int, *, ahead: float, apart: float = 0.0) -> None:
    """This will have posts of all accounts fall due: the first in `ahead` seconds, and `apart` seconds between two."""
    said = {"platform": platform, "posts": posts, "accounts": ACCOUNTS, "ahead": ahead, "apart": apart}
    database.execute(_DUE, said)


def _measured(stack: Stack, platform: str, targets: int, stub_pid: int) -> Run:
    with psycopg.connect(stack.environ["DATABASE_URL"], autocommit=True) as database:

        def live(posts: int) -> tuple[float, float]:
            deadline = time.monotonic() + 300
            while True:
                done, first, last = database.execute(_LIVE).fetchone() or (0, None, None)
                if done >= posts:
                    return first.timestamp(), last.timestamp()
                assert time.monotonic() < deadline, f"{done} of {posts} are live"
                time.sleep(0.2)

        schedule(database, platform, 100, ahead=2)  # libraries loaded, connections made
        live(100)
        database.execute(
            "DELETE FROM publishing_attempt; DELETE FROM publishing_delivery; DELETE FROM posts_posttarget"
        )
        (data,) = database.execute("SHOW data_directory").fetchone() or ("",)
        with Redis.from_url(stack.environ["REDIS_URL"]) as redis:
            redis_pid = int(redis.info("server")["process_id"])
        groups = {
            "workers": [process.pid for name, process in stack.processes.items() if name.startswith("worker")],
            "beat and web": [stack.processes[name].pid for name in ("beat", "web")],
            "PostgreSQL": machine.of_postgres(data),
            "Redis": [redis_pid],
            "stub": [stub_pid],
        }
        before = {name: machine.cpu_seconds(pids) for name, pids in groups.items()}
        schedule(database, platform, targets, ahead=2)
        first, last = live(targets)
        # Backends come and go: what is new of PostgreSQL's processes counts as well.
        groups["PostgreSQL"] = machine.of_postgres(data)
        cpu = {name: (machine.cpu_seconds(pids) - before[name]) / targets for name, pids in groups.items()}
    return Run(targets, last - first, cpu)


def bare_calls(platform: str, calls: int) -> tuple[float, float]:
    """CPU and wall seconds of one bare call."""
    with stub() as (url, _):
        command = [sys.executable, "-m", "tests.bench.bare", platform, str(calls), url]
        cpu, wall = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(cpu), float(wall)


def bare_messages(messages: int) -> tuple[float, float]:
    """CPU and wall seconds of one message that does nothing, from its sending to the end of its task."""
    from openpost.celery import backlogs, hint

    command = (
        "celery -A tests.bench.noop -q worker --pool threads --without-gossip --without-mingle --without-heartbeat"
    )
    command += f" --concurrency {THREADS} -Q {noop.QUEUE} -l warning"
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "openpost.settings"}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    workers = [subprocess.Popen(command.split(), env=environ, start_new_session=True) for _ in range(WORKERS)]

    def through(number: int) -> None:
        for _ in range(number):
            assert hint(noop.TASK, queue=noop.QUEUE)
        while backlogs([noop.QUEUE]) != [0]:
            time.sleep(0.01)

    try:
        through(50)
        time.sleep(1)
        pids = [worker.pid for worker in workers]
        cpu, own, wall = machine.cpu_seconds(pids), time.process_time(), time.monotonic()
        through(messages)
        wall, cpu = time.monotonic() - wall, machine.cpu_seconds(pids) - cpu + time.process_time() - own
    finally:
        for worker in workers:
            os.killpg(worker.pid, signal.SIGTERM)
            worker.wait(30)
    return cpu / messages, wall / messages


def measure(*, targets: int, runs: int, delay: float) -> None:
    """This will print a table. `delay`: the seconds that the platforms take."""
    out(f"{machine.described()}; {WORKERS} workers of {THREADS} threads, {ACCOUNTS} accounts")
    done: dict[str, list[Run]] = {"twitter": [], "bluesky": []}
    calls: dict[str, list[float]] = {"twitter": [], "bluesky": []}
    messages = []
    for number in range(runs):
        messages.append(bare_messages(targets)[0])
        for platform in done:
            calls[platform].append(bare_calls(platform, targets)[0])
            run = publish(platform, targets, delay=delay)
            done[platform].append(run)
            parts = ", ".join(f"{name} {seconds * 1000:.1f}" for name, seconds in run.cpu.items())
            out(f"run {number + 1}, {platform}: {run.rate:.0f} a second; ms of CPU for each: {parts}")
    out("\n| Platform | Targets a second | CPU for each | A bare call | A bare message | Ratio |")
    out("| --- " * 6 + "|")
    for platform, all_runs in done.items():
        # The platforms are no part of the service.
        mine = statistics.median(sum(run.cpu.values()) - run.cpu["stub"] for run in all_runs)
        call, message = statistics.median(calls[platform]), statistics.median(messages)
        rate = statistics.median(run.rate for run in all_runs)
        cells = f"{rate:.0f} | {mine * 1000:.1f} ms | {call * 1000:.1f} ms | {message * 1000:.1f} ms"
        out(f"| {platform} | {cells} | {mine / (call + message):.1f} |")


def out(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
