"""A PostgreSQL and a Redis of the suite's own, which can be stopped and started again on the same address."""

import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from openpost.embedded.leash import die_with_parent
from openpost.embedded.place import Place
from openpost.embedded.postgres import Postgres
from openpost.embedded.redis import Redis
from openpost.embedded.server import Server

SECONDS_TO_START = 60
#: Sixteen workers with their lease keepers, web's threads, and us.
CONNECTIONS = 300

#: A child's leash is tied to the thread that forked it (embedded/leash.py), and cases come and go with their threads:
#: so every child is forked by this one, which lives as long as we do.
_forks = ThreadPoolExecutor(max_workers=1, thread_name_prefix="forks")


def fork(command: list[str | Path], **how: Any) -> subprocess.Popen[bytes]:
    """This will start a child that does not outlive us, whatever ends us; Ctrl-C does not reach it."""

    def begin() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **how)

    return _forks.submit(begin).result()


class Restartable:
    """One of the embedded servers, at one address for its life. `url` is good as long as it runs."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self._server.url(self._port)

    def start(self) -> None:
        """This will start it and wait until it answers."""
        self._server.prepare()
        command = self._server.command(self._port)
        if isinstance(self._server, Postgres):
            command = [*command, "-c", f"max_connections={CONNECTIONS}"]
        leash = die_with_parent(signal.SIGKILL, before=self._server.before_exec())
        with self._server.place.log.open("ab") as log:
            self._process = fork(
                command,
                cwd=self._server.place.folder,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                stdout=log,
                stderr=log,
                preexec_fn=leash,
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._server.ready(self._port, self._process.pid):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self._server.title} did not start: {self._server.place.log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """This will end it in its own orderly way, which ends its clients' connections too."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(self._server.stop_signal)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def postgres(home: Path) -> Restartable:
    return Restartable(Postgres(_place(home, "postgres"), durable=False))


def redis(home: Path) -> Restartable:
    return Restartable(Redis(_place(home, "redis"), durable=False))


def _place(home: Path, name: str) -> Place:
    place = Place(home, name)
    place.make()
    return place


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
