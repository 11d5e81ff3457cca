"""A deploy, twice, while posts fall due: counted at X, not by us.

From the version before the last migration to this one as a platform restarts processes, the old one before the new one;
then from this one to itself with the new ones there before the old ones end.
"""

import signal
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.peers.x.process import XPeer

from .stack import PROJECT, SECONDS_TO_START, Stack, free_port
from .traffic import APP, Traffic

pytestmark = pytest.mark.exhaustive

ROLES = ("web", "worker", "beat")
#: Seconds that a platform gives a process that it tells to end.
MUST_BE_GONE = 30.0
#: Seconds that a post may be late while a worker and a beat are there: on a busy machine, but less than a lost message.
LATE = 10.0


def last_version(folder: Path) -> Path:
    """This will write out the version before the newest migration of this one, and give its folder."""
    folder.mkdir()
    newest = git("log", "-1", "--format=%H", "--", "*/migrations/*.py").decode().strip()
    try:
        archive = git("archive", f"{newest}^")
    except subprocess.CalledProcessError:
        warnings.warn(
            "The history is not here: this version stands for the one before. `git fetch --unshallow` has it.",
            stacklevel=1,
        )
        return PROJECT
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
    return folder


def git(*command: str) -> bytes:
    return subprocess.run(["git", *command], cwd=PROJECT, capture_output=True, check=True).stdout


@pytest.fixture
def stack(tmp_path: Path, x: XPeer) -> Iterator[Stack]:
    """The last version, running."""
    stack = Stack(tmp_path, name="deploy", X_API_URL=x.url, **APP)
    stack.code = last_version(tmp_path / "last")
    try:
        stack.create_database()
        release(stack)
        for name in ROLES:
            stack.begin(name)
        yield stack
    finally:
        stack.stop()


def release(stack: Stack) -> None:
    stack.begin("release")
    assert stack.processes.pop("release").wait(timeout=60) == 0, stack.log("release")


def end(stack: Stack, name: str) -> float:
    """This will tell a process to end, and give the seconds it took; it says that all is well."""
    begun = time.monotonic()
    assert stack.end(name, signal.SIGTERM) == 0, stack.log(name)
    return time.monotonic() - begun


def ready(stack: Stack, name: str, url: str) -> None:
    """This will wait until a process that was started under this name works."""
    deadline = time.monotonic() + SECONDS_TO_START
    while not (answers(url) if name.startswith("web") else "ready." in stack.log(name)):
        assert stack.processes[name].poll() is None, stack.log(name)
        assert time.monotonic() < deadline, stack.log(name)
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def test_every_post_goes_out_once_and_in_time_while_versions_change(stack: Stack, x: XPeer) -> None:
    with Traffic(stack, x, people=2) as traffic:
        ready(stack, "worker", stack.url)
        time.sleep(2)
        stack.code = PROJECT
        release(stack)
        # X takes its time just when workers are told to end, so that they are told in the middle of a call.
        traffic.hang(seconds=2, times=1)
        gone = time.time()
        ended = {name: end(stack, name) for name in ROLES}
        for name in ROLES:
            stack.begin(name, called=f"{name}-2")
        ready(stack, "web-2", stack.url)
        ready(stack, "worker-2", stack.url)
        back = time.time()
        time.sleep(2)

        release(stack)
        begun = time.time()
        stack.environ["PORT"] = str(free_port())
        traffic_to = f"http://127.0.0.1:{stack.environ['PORT']}"
        for name in ROLES:
            stack.begin(name, called=f"{name}-3")
        ready(stack, "worker-3", traffic_to)
        ready(stack, "web-3", traffic_to)
        traffic.url = traffic_to
        traffic.hang(seconds=2, times=1)
        ended |= {name: end(stack, name) for name in ("web-2", "beat-2", "worker-2")}
        time.sleep(2)
        traffic.stop()
        late = traffic.wait(within=30)

    assert max(ended.values()) < MUST_BE_GONE, ended
    assert len(late) > 30
    assert [at for at in traffic.refused if at > begun] == [], "web was there all the time"
    # Where nobody was there for a while, what fell due meanwhile waited for that long.
    allowed = {text: LATE + (back - gone if due < back else 0) for text, due in traffic.due.items()}
    assert {text: seconds for text, seconds in late.items() if seconds > allowed[text]} == {}
