"""The smallest plans, as app.json asks for them: 20 connections, and a Redis with a certificate of its own making."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest

from .stack import PROJECT, Program, Stack
from .test_sandbox import create, now
from .tls import TlsFront

pytestmark = pytest.mark.exhaustive

CONNECTIONS = 20
#: What app.json sets for such plans.
GIVEN = {
    name: one["value"] for name, one in json.loads((PROJECT / "app.json").read_text())["env"].items() if "value" in one
}
PLATFORMS = ("twitter", "bluesky", "mastodon", "threads", "facebook")
CLIENTS = 8
HINT = "import django; django.setup(); from openpost.celery import hint; print(hint('nothing', queue='nobody'))"


class SmallPlan(Stack):
    """On a role of PostgreSQL that may connect so often, and no more; it owns its database and nothing else."""

    def create_database(self) -> None:
        self.role = self.database
        login = f"{self.role}:small@"
        self._maintain(
            f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)",
            f"DROP ROLE IF EXISTS {self.role}",
            f"CREATE ROLE {self.role} LOGIN PASSWORD 'small' CONNECTION LIMIT {CONNECTIONS}",
            f"CREATE DATABASE {self.database} OWNER {self.role}",
        )
        parts = urlsplit(self.environ["DATABASE_URL"])
        self.environ["DATABASE_URL"] = parts._replace(netloc=login + parts.netloc.rpartition("@")[2]).geturl()

    def stop(self) -> None:
        super().stop()
        self._maintain(f"DROP ROLE IF EXISTS {self.role}")


class Count:
    """`with Count(stack) as count`: the most connections that the role had at a moment."""

    def __init__(self, stack: SmallPlan) -> None:
        self.most = 0
        self._stack = stack
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Count":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        server = urlsplit(self._stack.server)._replace(path=f"/{self._stack.database}").geturl()
        with psycopg.connect(server, autocommit=True) as connection:
            while not self._over.wait(0.05):
                ask = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s"
                row = connection.execute(ask, [self._stack.role]).fetchone()
                self.most = max(self.most, row[0] if row else 0)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallPlan, TlsFront]]:
    folder = tmp_path_factory.mktemp("small")
    stack = SmallPlan(folder, name="small", **GIVEN)
    with TlsFront(stack.environ["REDIS_URL"], folder) as front:
        stack.environ["REDIS_URL"] = front.url
        try:
            stack.start()
            yield stack, front
        finally:
            stack.stop()


def test_posts_go_out_and_people_are_answered_with_room_for_a_release(front: tuple[SmallPlan, TlsFront]) -> None:
    stack, _ = front
    program = Program(stack.url, stack.key)
    over = time.monotonic() + 6

    def read(_: int) -> int:
        own = Program(stack.url, stack.key)
        answered = 0
        while time.monotonic() < over:
            own.call("GET", "/v1/posts?limit=20", status=200)
            answered += 1
        return answered

    with Count(stack) as count, ThreadPoolExecutor(CLIENTS) as crowd:
        reading = crowd.map(read, range(CLIENTS))
        posts = [create(program, f"Small plan {number}", at=now(), platforms=PLATFORMS) for number in range(8)]
        stack.manage("migrate", "--noinput")
        found = json.loads(doctor(stack))
        assert min(reading) > 0
        for post in posts:
            program.wait(post, "published")

    assert CLIENTS / 2 < count.most <= CONNECTIONS
    (told,) = (finding for finding in found if finding["name"] == "connections")
    assert told["state"] != "bad", told
    for name in stack.processes:
        assert "too many connections" not in stack.log(name), name


def doctor(stack: Stack) -> str:
    command = [sys.executable, "manage.py", "doctor", "--offline", "--json"]
    return subprocess.run(command, cwd=PROJECT, env=stack.environ, text=True, capture_output=True, check=False).stdout


@pytest.mark.parametrize(
    ("verify", "known", "sent"), [("off", False, "True"), ("on", False, "False"), ("on", True, "True")]
)
def test_a_certificate_is_believed_when_it_is_known_or_nobody_looks(
    front: tuple[SmallPlan, TlsFront], verify: str, known: bool, sent: str
) -> None:
    stack, tls = front
    environ = stack.environ | {"REDIS_TLS_VERIFY": verify} | ({"SSL_CERT_FILE": str(tls.certificate)} if known else {})
    command = [sys.executable, "-c", HINT]
    done = subprocess.run(command, cwd=PROJECT, env=environ, text=True, capture_output=True, check=True)
    assert done.stdout.strip() == sent, done.stderr
