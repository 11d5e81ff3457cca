"""The whole service under fire: its processes from the Procfile's command lines, on servers and peers of their own."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import requests

from openpost.embedded import flocks
from tests.peers import pds as bluesky
from tests.peers.bad_network import BadNetwork
from tests.peers.pds import Pds
from tests.peers.x.process import XPeer

from . import servers
from .failpoints import Failpoints
from .processes import PROJECT, Seat, Supervisor, procfile
from .servers import Restartable

HOME = PROJECT / ".openpost" / "chaos"
SECONDS_TO_START = 120
#: The platforms of the suite, and with them the queues: sandbox accounts stand for Mastodon.
QUEUES = ("publish.twitter", "publish.bluesky", "publish.mastodon")


@dataclass
class Stack:
    """What a case may reach for. `url` is the API's address."""

    home: Path
    url: str
    environ: dict[str, str]
    postgres: Restartable
    redis: Restartable
    supervisor: Supervisor
    failpoints: Failpoints
    x: XPeer
    pds: Pds
    network: BadNetwork
    workers: int

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """This will ask PostgreSQL directly, on a connection of its own: cases stop it at will."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def start_workers(self) -> None:
        """One post at a time each, so that a kill strikes one case and not its neighbours.

        The dispatcher's ticks have a worker of their own: in the product, too, any worker may take them, but here
        most workers are made to hang or die most of the time, and what is measured is how posts recover from that,
        not how ticks do. What happens to ticks has cases of its own (infrastructure.py).
        """
        self.add_worker("tick", queues=("celery",))
        for number in range(1, self.workers + 1):
            self.add_worker(f"worker-{number}")

    def replace_workers(self, *, count: int, slots: int) -> None:
        """This will run other workers from now on, with several posts at a time each, as in production."""
        self.supervisor.remove(*[name for name in self.supervisor.seats if name.startswith("worker")])
        for number in range(1, count + 1):
            self.add_worker(f"worker-{slots}x-{number}", slots=slots)
        self.wait_until_ready()

    def add_worker(
        self, name: str, *, queues: tuple[str, ...] = QUEUES, slots: int = 1, program: str = "celery"
    ) -> Seat:
        """This will run one more worker, by the Procfile's line; `program` may stand in for celery."""
        line = procfile("worker").replace("celery ", f"{program} ", 1)
        command = f"{line} -n {name}@%h -Q {','.join(queues)}"
        return self.supervisor.add(name, command, {**self.environ, "WORKER_CONCURRENCY": str(slots)})

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            try:
                answers = requests.get(f"{self.url}/healthz", timeout=5).ok
            except (requests.ConnectionError, requests.Timeout):
                return False
            return answers and self.supervisor.workers_ready(self.supervisor.workers())

        self.supervisor.wait_until(ready, seconds=SECONDS_TO_START, what="ready")


@contextmanager
def running(*, workers: int, web: int = 2) -> Iterator[Stack]:
    """This will start everything and end it after the block, also when the block is interrupted."""
    with ExitStack() as exits:
        home = exits.enter_context(_own_home())
        postgres, redis = servers.postgres(home), servers.redis(home)
        for server in (postgres, redis):
            exits.callback(server.stop)
            server.start()
        x = exits.enter_context(XPeer())
        # X refuses a text it has had within a day, which would hide a post that is sent twice: here it does not.
        x.settings(duplicate_window_s=0)
        pds = exits.enter_context(bluesky.running())
        network = exits.enter_context(BadNetwork(pds.base_url))
        failpoints = Failpoints(home / "failpoints")
        port = servers.free_port()
        environ = _environ(home, postgres, redis, x, port) | {"WEB_CONCURRENCY": str(web)}
        _load_django(environ)
        supervisor = Supervisor(home / "logs")
        exits.callback(supervisor.stop)
        url = f"http://127.0.0.1:{port}"
        stack = Stack(
            home, url, environ, postgres, redis, supervisor, failpoints, x, pds, network, workers
        )  # fmt: skip
        supervisor.start()
        supervisor.add("web", procfile("web"), environ)
        supervisor.add("beat", procfile("beat"), environ)
        stack.start_workers()
        stack.wait_until_ready()
        yield stack


@contextmanager
def _own_home() -> Iterator[Path]:
    """A folder that is emptied before and after: only the logs of the last run stay."""
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not flocks.try_own(flocks.open_lock(HOME / "lock")):
        raise SystemExit("Another `make chaos` runs in this checkout: wait for it, or end it.")
    _empty(keep=("lock",))
    try:
        yield HOME
    finally:
        _empty(keep=("lock", "logs"))


def _empty(*, keep: tuple[str, ...]) -> None:
    for path in HOME.iterdir():
        if path.is_dir() and path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in keep:
            path.unlink()


def _environ(home: Path, postgres: Restartable, redis: Restartable, x: XPeer, port: int) -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "openpost.settings",
        "DEBUG": "1",
        "OPENPOST_HOME": str(home),
        "DATABASE_URL": postgres.url,
        "REDIS_URL": redis.url,
        "FAILPOINTS": str(home / "failpoints"),
        "OPENPOST_URL": f"http://127.0.0.1:{port}",
        "BIND": "127.0.0.1",
        "PORT": str(port),
        "X_API_URL": x.url,
        "X_CLIENT_ID": "openpost-client",
        "X_CLIENT_SECRET": "openpost-secret",
        "API_RATE_LIMIT": "0",
        "LOG_LEVEL": "INFO",
    }


def _load_django(environ: dict[str, str]) -> None:
    """This will make the product's own verbs usable here: accounts are connected by them, as in the shell."""
    os.environ.update(environ)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
