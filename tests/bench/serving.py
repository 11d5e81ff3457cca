"""The web processes of the Procfile as they run in production, with a crowd's posts, and somebody who asks."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import requests
from redis import Redis

from tests.system.stack import PROJECT, Stack, free_port

from . import crowd, machine
from .load import Ask, Done, Work, loaded

#: One for each core of the machine that the aims speak of.
PROCESSES = 2
CONNECTIONS = 8


@dataclass(frozen=True)
class Cost:
    """What came of some requests, and milliseconds of CPU for each by group of processes; the asker's own included."""

    done: Done
    cpu: dict[str, float]

    @property
    def all_cpu(self) -> float:
        return sum(self.cpu.values()) - self.cpu["asker"]


class Serving:
    def __init__(self, stack: Stack, bare: str, bare_pid: int) -> None:
        self.stack = stack
        self.bare = bare
        self.database = psycopg.connect(stack.environ["DATABASE_URL"], autocommit=True)
        (self._data,) = self.database.execute("SHOW data_directory").fetchone() or ("",)
        with Redis.from_url(stack.environ["REDIS_URL"]) as redis:
            redis_pid = int(redis.info("server")["process_id"])
        self._groups = {"web": [stack.processes["web"].pid, bare_pid], "Redis": [redis_pid]}

    def asked(self, asks: Sequence[Ask], *, seconds: float, url: str = "", status: int = 200) -> Cost:
        """This will ask over CONNECTIONS connections; each answer must have this status."""
        before = self._cpu()
        done = loaded(Work(url or self.stack.url, asks, CONNECTIONS, seconds), status=status)
        after = self._cpu()
        cpu = {name: 1000 * (after[name] - before[name]) / len(done.took) for name in after}
        return Cost(done, {**cpu, "asker": 1000 * done.cpu / len(done.took)})

    def _cpu(self) -> dict[str, float]:
        groups = {**self._groups, "PostgreSQL": machine.of_postgres(self._data)}
        return {name: machine.cpu_seconds(pids) for name, pids in groups.items()}


@contextlib.contextmanager
def serving(*, posts: int) -> Iterator[Serving]:
    """This will serve so many posts, and beside them a view that does nothing, under the same server."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(
            Path(folder),
            name="bench",
            DEBUG="0",
            ALLOWED_HOSTS="*",
            API_RATE_LIMIT="1000000",  # counted, and never reached
            MEDIA_ROOT_IS_SHARED="1",
            WEB_CONCURRENCY=str(PROCESSES),
            LOG_LEVEL="WARNING",
        )
        try:
            stack.start("web")
            with psycopg.connect(stack.environ["DATABASE_URL"], autocommit=True) as database:
                crowd.gather(database, posts=posts)
            with _bare(stack) as (url, pid):
                yield Serving(stack, url, pid)
        finally:
            stack.stop()


@contextlib.contextmanager
def _bare(stack: Stack) -> Iterator[tuple[str, int]]:
    """The Procfile's own command, with another application."""
    (command,) = (line for line in (PROJECT / "Procfile").read_text().splitlines() if line.startswith("web: "))
    command = command.removeprefix("web: ").replace("openpost.wsgi", "tests.bench.bare_web")
    environ = {**stack.environ, "DJANGO_SETTINGS_MODULE": "tests.bench.bare_settings", "PORT": str(free_port())}
    url = f"http://127.0.0.1:{environ['PORT']}"
    with subprocess.Popen(["sh", "-c", f"exec {command}"], cwd=PROJECT, env=environ) as process:
        try:
            while not _answers(f"{url}/bare"):
                assert process.poll() is None
                time.sleep(0.1)
            yield url, process.pid
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False
