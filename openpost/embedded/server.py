"""What a keeper needs to know of a server, and the start that is the same for all."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from .errors import EmbeddedError
from .leash import die_with_parent
from .place import Place

#: A start after a crash of a large database replays its log: that is slow, not broken.
START_SECONDS = 120
#: How long the last run's dying processes may stand in the way.
RETRY_SECONDS = 15


class Server(Protocol):
    place: Place
    title: str
    stop_signal: signal.Signals

    def prepare(self) -> None:
        """Make the data if there is none; clear away what a killed run left."""

    def command(self, port: int) -> list[str | Path]: ...

    def before_exec(self) -> Callable[[], None] | None:
        """What the child does to itself before it becomes the server."""

    def ready(self, port: int, pid: int) -> bool:
        """Whether this very process, and not another on its port, takes connections."""

    def may_pass(self, log: str) -> bool:
        """Whether it ended for a reason that another try (on another port) may not meet."""

    def url(self, port: int) -> str: ...


def start(server: Server) -> tuple[subprocess.Popen[bytes], str]:
    """This will start the server on a free port and wait until it answers: its process and its URL."""
    server.prepare()
    give_up = time.monotonic() + RETRY_SECONDS
    while True:
        port = _free_port()
        log_start = _size(server.place.log)
        process = _spawn(server, port)
        if _answers(server, port, process):
            return process, server.url(port)
        log = server.place.log.read_bytes()[log_start:].decode(errors="replace")
        if not server.may_pass(log) or time.monotonic() > give_up:
            raise EmbeddedError(f"{server.title} did not start; its log is {server.place.log}.", log)
        time.sleep(0.2)


def _free_port() -> int:
    # Somebody may take it before the server does; then the start is tried again with another.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _spawn(server: Server, port: int) -> subprocess.Popen[bytes]:
    with server.place.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603
            server.command(port),
            cwd=server.place.folder,
            # The user's PGDATA, PGPORT, LC_ALL and the like must not reach it.
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(server.stop_signal, before=server.before_exec()),
        )


def _answers(server: Server, port: int, process: subprocess.Popen[bytes]) -> bool:
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None:
        if server.ready(port, process.pid):
            return True
        if time.monotonic() > give_up:
            process.kill()
            process.wait()
            raise EmbeddedError(f"{server.title} did not answer within {START_SECONDS} s: see {server.place.log}.")
        time.sleep(0.02)
    return False


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
