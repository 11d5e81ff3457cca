"""How much memory the processes take, and how long they take to start."""

import signal
import statistics
import tempfile
import time
from pathlib import Path

import requests

from tests.system.seeding import Seeder
from tests.system.stack import Program, Stack

from . import machine
from .load import Ask, Work, loaded
from .now import key_and_account
from .out import out, table
from .throughput import stub

#: Requests and posts before memory is looked at: everything that is loaded at a first use has been used.
REQUESTS = 500
POSTS = 20


def measure(*, runs: int) -> None:
    """This will print two tables. Memory: the unique and the resident set of each process, MB of a million bytes."""
    out(f"{machine.described()}; web with one process of eight threads, a worker with eight threads")
    begun: dict[str, list[float]] = {"web": [], "worker": []}
    sets: dict[str, tuple[float, float]] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder, stub() as (url, _):
            environ = {"X_API_URL": url, "X_CLIENT_ID": "bench", "X_CLIENT_SECRET": "bench"}
            stack = Stack(Path(folder), name="bench", **environ)
            try:
                stack.start("web")
                stack.end("web", signal.SIGTERM)
                (stack.folder / "web.log").unlink()
                begun["web"].append(_web(stack))
                begun["worker"].append(_worker(stack))
                stack.begin("beat")
                _used(stack, url)
                sets = {name: _sets(process.pid) for name, process in stack.processes.items()}
            finally:
                stack.stop()
    table(["Process", "begun in"], [[name, f"{statistics.median(took):.1f} s"] for name, took in begun.items()])
    rows = [[name, f"{own / 1e6:.0f} MB", f"{resident / 1e6:.0f} MB"] for name, (own, resident) in sets.items()]
    table(["Process", "of its own", "resident"], rows)


def _web(stack: Stack) -> float:
    """Seconds until it answers."""
    begun = time.monotonic()
    stack.begin("web")
    while True:
        try:
            requests.get(f"{stack.url}/healthz", timeout=5).raise_for_status()
            return time.monotonic() - begun
        except requests.ConnectionError:
            time.sleep(0.02)


def _worker(stack: Stack) -> float:
    """Seconds until it says that it is ready."""
    begun = time.monotonic()
    stack.begin("worker")
    while " ready" not in stack.log("worker"):
        assert stack.processes["worker"].poll() is None, stack.log("worker")
        time.sleep(0.02)
    return time.monotonic() - begun


def _used(stack: Stack, url: str) -> None:
    """This will have all of it work: lists, posts, both platforms."""
    with Seeder(stack.environ) as seeder:
        for platform in ("twitter", "bluesky"):
            key, account = seeder(key_and_account, platform, url)
            program = Program(stack.url, key)
            for number in range(POSTS):
                body = {"content": f"Post {number} of the bench", "integrations": [account], "status": "draft"}
                post = program.call("POST", "/v1/posts", body, status=201)
                program.call("POST", f"/v1/posts/{post['id']}/publish", status=202)
            program.wait(post["id"], "published", within=60)
            loaded(Work(stack.url, [Ask("/v1/posts?limit=20", key)] * REQUESTS))


def _sets(pid: int) -> tuple[float, float]:
    """Bytes of the largest process of these: its own (not shared with another), and all that is resident."""
    found = []
    for one in machine.family([pid]):
        said = dict(line.split(":", 1) for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()[1:])
        sizes = {name: int(value.split()[0]) * 1024 for name, value in said.items()}
        found.append((sizes["Private_Clean"] + sizes["Private_Dirty"], sizes["Rss"]))
    return max(found, key=lambda one: one[1])
