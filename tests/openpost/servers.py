"""Real processes for the tests of the embedded servers: clients that can be killed, and what is left running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

CLIENT = """
import sys, time
from pathlib import Path
from openpost.embedded import ensure
services = ensure(Path(sys.argv[1]), durable=sys.argv[2] == "durable")
print(services.database_url, services.redis_url, flush=True)
sys.stdin.read()
"""


class Client:
    """Another process that uses the servers until it is let go or killed."""

    def __init__(self, home: Path, *, durable: bool = False) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-c", CLIENT, home, "durable" if durable else "fast"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def urls(self) -> list[str]:
        assert self.popen.stdout
        assert self.popen.stderr
        urls = self.popen.stdout.readline().split()
        assert len(urls) == 2, self.popen.stderr.read()
        return urls

    def leave(self) -> None:
        self.popen.communicate(timeout=10)

    def kill(self) -> None:
        self.popen.kill()
        self.popen.communicate(timeout=10)


def running(home: Path) -> dict[int, str]:
    """This will give the processes that work in the home folder or name it: pid and command."""
    found: dict[int, str] = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(home) in command or str((process / "cwd").readlink()).startswith(str(home)):
                found[int(process.name)] = command
        except OSError:
            continue
    return found


def keepers(home: Path) -> list[int]:
    return [pid for pid, command in running(home).items() if "-m openpost.embedded" in command]


def kill_all(home: Path) -> None:
    for pid in running(home):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def soon(true: Callable[[], object], seconds: float = 30) -> bool:
    """This will wait until it is true; False when it does not become so."""
    give_up = time.monotonic() + seconds
    while not true():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True
