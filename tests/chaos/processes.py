"""The product's processes, kept alive as a dyno manager keeps them: one that ends is started again at once."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from openpost.embedded.leash import die_with_parent

from .servers import fork

PROJECT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.1


def procfile(name: str) -> str:
    """The command line that the Procfile gives a process type."""
    lines = dict(line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines() if ": " in line)
    return lines[name]


@dataclass
class Seat:
    """One process that shall run. `process` changes with every restart; `wanted` off leaves it down."""

    name: str
    command: str
    env: dict[str, str]
    wanted: bool = True
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process and self.process.poll() is None else 0


class Supervisor:
    """Everything it started is gone when we are, however we end."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self.seats: dict[str, Seat] = {}
        self.restarts = 0

    def start(self) -> None:
        self._watcher.start()

    def add(self, name: str, command: str, env: dict[str, str]) -> Seat:
        """This will start a process and keep it running."""
        with self._lock:
            seat = self.seats[name] = Seat(name, command, env)
            self._begin(seat)
        return seat

    def hold(self, name: str, how: signal.Signals = signal.SIGTERM, *, patience: float = 30) -> float:
        """This will end a process and leave it down; gives the seconds it took to go."""
        with self._lock:
            seat = self.seats[name]
            seat.wanted = False
        begun = time.monotonic()
        self._end(seat, how, patience)
        return time.monotonic() - begun

    def release(self, name: str) -> None:
        """This will start a process that was held."""
        with self._lock:
            seat = self.seats[name]
            seat.wanted = True
            if not seat.pid:
                self._begin(seat)

    def remove(self, *names: str) -> None:
        for name in names:
            self.hold(name, signal.SIGKILL)
            del self.seats[name]

    def workers(self) -> list[str]:
        """The names of those that take messages."""
        return [name for name in self.seats if not name.startswith(("web", "beat"))]

    def log(self, name: str) -> str:
        path = self._logs / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_until(self, ready: Callable[[], bool], *, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} within {seconds:.0f} s: no. Logs are in {self._logs}")
            time.sleep(0.2)

    def workers_ready(self, names: Iterable[str]) -> bool:
        return all("ready." in self.log(name) for name in names)

    def stop(self) -> None:
        self._ending.set()
        if self._watcher.is_alive():
            self._watcher.join()
        for seat in self.seats.values():
            seat.wanted = False
            self._signal(seat, signal.SIGKILL)
        for seat in self.seats.values():
            if seat.process:
                seat.process.wait()

    def _watch(self) -> None:
        while not self._ending.wait(POLL_SECONDS):
            with self._lock:
                for seat in self.seats.values():
                    if seat.wanted and not seat.pid:
                        self.restarts += 1
                        self._begin(seat)
                        self._note(f"{seat.name} ended; it is {seat.pid} now")

    def _note(self, words: str) -> None:
        with (self._logs / "supervisor.log").open("a") as log:
            log.write(f"{datetime.now(UTC):%H:%M:%S.%f} {words}\n")

    def _begin(self, seat: Seat) -> None:
        with (self._logs / f"{seat.name}.log").open("ab") as log:
            seat.process = fork(
                ["sh", "-c", f"exec {seat.command}"],
                cwd=PROJECT,
                env=seat.env,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def _end(self, seat: Seat, how: signal.Signals, patience: float) -> None:
        self._signal(seat, how)
        if seat.process is None:
            return
        try:
            seat.process.wait(patience)
        except subprocess.TimeoutExpired:
            self._signal(seat, signal.SIGKILL)
            seat.process.wait()

    def _signal(self, seat: Seat, how: signal.Signals) -> None:
        """To the whole session: what a process forked goes with it."""
        if seat.process is not None:
            try:
                os.killpg(seat.process.pid, how)
            except ProcessLookupError:
                return
