"""No refresh token is sent twice, whatever befalls whoever refreshes: real processes, and X's own records.

The double of X counts every replay. Time is an argument: the others come when the lease has passed, without waiting.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from integrations import connect, tokens
from integrations.models import Integration, IntegrationStatus
from integrations.platforms.connecting import Connection, Tokens
from integrations.platforms.errors import Disconnected, NotNow, PublishError
from openpost import clock
from tests import builders
from tests.peers.x.process import PROJECT, XPeer

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "POST /2/oauth2/token"
#: Longer than any lease.
LATER = timedelta(minutes=1)


@dataclass
class Bench:
    """One account at X whose access has come to its end, and the processes that work on it."""

    x: XPeer
    failpoints: Path
    user: dict[str, str]
    integration: Integration
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[str]:
        environ = builders.environment() | {
            "FAILPOINTS": str(self.failpoints),
            "X_API_URL": self.x.url,
            "X_CLIENT_ID": "openpost-client",
            "X_CLIENT_SECRET": "openpost-secret",
        }
        command = [sys.executable, "-m", "tests.integrations.one_refresh", str(self.integration.id)]
        worker = subprocess.Popen(command, cwd=PROJECT, env=environ, stdout=subprocess.PIPE, text=True)
        self.workers.append(worker)
        return worker

    def strike(self, step: str, what: str) -> subprocess.Popen[str]:
        """This will start a worker and give it when it has been struck at that step."""
        (self.failpoints / step).write_text(what)
        worker = self.start()
        for _ in range(1000):
            if (self.failpoints / f"{step}.struck").exists() and (what == "kill" or is_still(worker.pid)):
                return worker
            assert worker.poll() is None, worker.stdout and worker.stdout.read()
            time.sleep(0.02)
        raise AssertionError(f"no worker came to {step}")

    def ask(self, *, after: timedelta = timedelta(0)) -> str:
        """What another worker gets at that time; it marks the account as the engine does."""
        row = Integration.objects.get(id=self.integration.id)
        if row.status != IntegrationStatus.ACTIVE:
            return row.status
        try:
            tokens.account_of(row, now=clock.now() + after)
        except Disconnected as error:
            tokens.disconnect(row, reason=error.message)
            return error.code
        except PublishError as error:
            return error.code
        return "good"

    def reconnect(self) -> None:
        """A person signs in again."""
        now = clock.now()
        pair = Tokens(self.x.tokens(self.user["id"]), now + timedelta(hours=2))
        connection = Connection(self.user["id"], "ada", "", pair)
        connect.connect(workspace=self.integration.workspace, platform="twitter", connection=connection, now=now)

    def calls(self) -> int:
        """How often X's token endpoint was asked."""
        return sum(call["path"] == "/2/oauth2/token" for call in self.x.requests())

    def families(self) -> list[tuple[bool, int, int]]:
        return [(family["alive"], family["spent"], family["replays"]) for family in self.x.families()]

    def usable(self) -> bool:
        """Whether the account can refresh from here on, as X sees it."""
        Integration.objects.update(token_expires_at=clock.now())
        return self.ask() == "good"


@pytest.fixture
def bench(x: XPeer, tmp_path: Path) -> Iterator[Bench]:
    user = x.user("ada")
    integration = builders.integration(
        builders.workspace("live"),
        remote_id=user["id"],
        credentials=x.tokens(user["id"]),
        token_expires_at=clock.now(),
    )
    made = Bench(x, tmp_path, user, integration)
    yield made
    for worker in made.workers:
        worker.kill()
        worker.communicate()


def is_still(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def go_on(worker: subprocess.Popen[str]) -> str:
    os.kill(worker.pid, signal.SIGCONT)
    return worker.communicate(timeout=20)[0]


def test_eight_threads_make_one_call(bench: Bench) -> None:
    bench.x.fault(TOKEN, "hang", seconds=0.3)
    start, got = threading.Barrier(8), list[Any]()

    def work() -> None:
        start.wait()
        mine = Integration.objects.get(id=bench.integration.id)
        while True:
            try:
                got.append(tokens.account_of(mine, now=clock.now()).credentials["access_token"])
                break
            except NotNow:
                time.sleep(0.05)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(set(got))) == (8, 1)
    assert bench.calls() == 1
    assert bench.families() == [(True, 1, 0)]


def test_several_processes_make_one_call(bench: Bench) -> None:
    bench.x.fault(TOKEN, "hang", seconds=1)
    workers = [bench.start() for _ in range(3)]
    assert [worker.communicate(timeout=30)[0] for worker in workers] == ["good"] * 3
    assert bench.calls() == 1
    assert bench.families() == [(True, 1, 0)]


@pytest.mark.parametrize(
    ("step", "later", "calls"),
    [
        # Nothing had been sent: another does it.
        ("refreshing", "good", 1),
        # From here on nobody can know whether X took it.
        ("refresh_sent", "account_disconnected", 0),
        ("refreshed", "account_disconnected", 1),
    ],
)
def test_a_worker_is_killed(bench: Bench, step: str, later: str, calls: int) -> None:
    assert bench.strike(step, "kill").wait(timeout=20) == -signal.SIGKILL
    assert bench.ask() == "token_refreshing"
    assert bench.ask(after=LATER) == later
    assert bench.ask(after=LATER) == ("good" if later == "good" else IntegrationStatus.NEEDS_REFRESH)
    assert bench.calls() == calls
    assert bench.families() == [(True, calls, 0)]
    if later != "good":
        bench.reconnect()
    assert bench.usable()
    assert all(alive and not replays for alive, _, replays in bench.families())


@pytest.mark.parametrize(
    ("step", "others"),
    [
        ("refreshing", "good"),
        ("refresh_sent", "account_disconnected"),
        ("refreshed", "account_disconnected"),
    ],
)
def test_a_worker_stands_still_and_goes_on(bench: Bench, step: str, others: str) -> None:
    worker = bench.strike(step, "stop")
    assert bench.ask() == "token_refreshing"
    assert bench.ask(after=LATER) == others
    assert go_on(worker) == "good"
    assert bench.families() == [(True, 1, 0)]
    assert Integration.objects.get(id=bench.integration.id).status == IntegrationStatus.ACTIVE
    assert bench.usable()
    assert bench.families() == [(True, 2, 0)]


@pytest.mark.parametrize("step", ["refreshing", "refresh_sent", "refreshed"])
def test_a_person_connects_the_account_anew_while_a_worker_stands_still(bench: Bench, step: str) -> None:
    worker = bench.strike(step, "stop")
    bench.reconnect()
    persons = Integration.objects.get(id=bench.integration.id).credentials
    assert go_on(worker) == "good"
    assert Integration.objects.get(id=bench.integration.id).credentials == persons
    assert bench.usable()
    assert [(alive, replays) for alive, _, replays in bench.families()] == [(True, 0), (True, 0)]
