"""Two hosts with a web, a worker and a beat each share one PostgreSQL and one Redis; one of them is cut off from both.

The platform it still reaches, which is the worst case: it could go on sending what it cannot write down.
"""

import copy
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.peers.x.process import XPeer

from .lines import place
from .receivers import soon
from .stack import Stack, free_port
from .test_deploy import ready, release
from .traffic import APP, Traffic

pytestmark = pytest.mark.exhaustive

ROLES = ("web", "worker", "beat")
#: Seconds that a post may be late while a host is there that works.
LATE = 10.0
#: Messages that Redis gave to the host that was cut off, and nobody had: one for each way on which it waited for some.
LOST_MESSAGES = 3
#: Seconds until another host has taken over what one held: a row that it had locked is free after 30 s, a lease or a
#: hand-off lasts as long, and X is asked for half a minute before it is believed that it has nothing.
TAKEN_OVER = 100.0


class Host:
    """One machine: its processes reach PostgreSQL and Redis by lines of their own."""

    def __init__(self, whole: Stack, name: str, exits: ExitStack) -> None:
        servers = {variable: whole.environ[variable] for variable in ("DATABASE_URL", "REDIS_URL")}
        world = {"X_API_URL": whole.environ["X_API_URL"]}
        self.place = exits.enter_context(place(name, servers=servers, world=world))
        self.stack = copy.copy(whole)
        self.stack.processes = {}
        self.stack.folder = whole.folder / name
        self.stack.folder.mkdir()
        self.stack.port = free_port()
        self.stack.url = self.place.url(self.stack.port)
        self.stack.before = self.place.before
        self.stack.environ = {**whole.environ, **self.place.environ, "PORT": str(self.stack.port)}

    def begin(self) -> None:
        for role in ROLES:
            self.stack.begin(role)

    def ready(self) -> None:
        for role in ("web", "worker"):
            ready(self.stack, role, self.stack.url)

    def end(self) -> None:
        for role in ROLES:
            self.stack.end(role, signal.SIGKILL)


@pytest.fixture
def whole(tmp_path: Path, x: XPeer) -> Iterator[Stack]:
    stack = Stack(tmp_path, name="hosts", X_API_URL=x.url, **APP)
    try:
        stack.create_database()
        release(stack)
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def hosts(whole: Stack) -> Iterator[tuple[Host, Host]]:
    with ExitStack() as exits:
        pair = Host(whole, "here", exits), Host(whole, "there", exits)
        for host in pair:
            exits.callback(host.end)
            host.begin()
        yield pair


def test_nothing_is_lost_and_nothing_doubled_when_a_host_is_cut_off(
    hosts: tuple[Host, Host], whole: Stack, x: XPeer
) -> None:
    here, there = hosts
    whole.url = here.stack.url
    with Traffic(whole, x, people=3) as traffic:
        for host in hosts:
            host.ready()
        time.sleep(1)
        # X takes its time, and one host has all calls to it: so it is cut off in the middle of some.
        traffic.hang(seconds=5, times=7)
        with asleep(here):
            soon(lambda: traffic.hung() >= 3 or None)
            there.place.cut()
        cut = time.time()
        time.sleep(6)
        alone = traffic.wait(within=TAKEN_OVER)
        # Who of them is at X because the other host found it there, is known there at last, too.
        soon(lambda: lost(whole), within=TAKEN_OVER)
        there.place.mend()
        mended = time.time()
        soon(lambda: began_since(whole, there, mended))
        traffic.stop()
        late = traffic.wait(within=20)
        soon(lambda: all_are_known_to_be_live(whole) or None)

    alone = {text: seconds for text, seconds in alone.items() if traffic.due[text] > cut}
    assert len(alone) > LOST_MESSAGES * 2
    assert sum(seconds > LATE for seconds in alone.values()) <= LOST_MESSAGES, alone
    assert max(late.values()) < TAKEN_OVER


@contextmanager
def asleep(host: Host) -> Iterator[None]:
    """Its worker does nothing meanwhile; what it had in hand before that, it goes on with afterwards."""
    worker = host.stack.processes["worker"]
    worker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        worker.send_signal(signal.SIGCONT)


def all_are_known_to_be_live(whole: Stack) -> bool:
    return not ask(whole, "SELECT count(*) FROM posts_posttarget WHERE status <> 'published'")


def lost(whole: Stack) -> int | None:
    """How many tries a worker began of whom nobody heard again; None for none."""
    return ask(whole, "SELECT count(*) FROM publishing_attempt WHERE outcome = 'worker_lost'") or None


def began_since(whole: Stack, host: Host, moment: float) -> int | None:
    """How many tries the host's worker has begun since; None for none."""
    worker = f"%:{host.stack.processes['worker'].pid}"
    rows = "SELECT count(*) FROM publishing_attempt WHERE worker LIKE %s AND started_at > to_timestamp(%s)"
    return ask(whole, rows, worker, moment) or None


def ask(whole: Stack, query: str, *values: object) -> int:
    with psycopg.connect(whole.environ["DATABASE_URL"]) as connection:
        row = connection.execute(query.encode(), values).fetchone()
        assert row
        return int(row[0])
