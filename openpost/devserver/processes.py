"""Child processes of the development server: started, listened to and stopped from one thread.

One thread, because a leash (see embedded/leash.py) is tied to the thread that forked, and because nothing can then
interrupt a stop half-way: a signal is only noted, and looked at between two steps.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from openpost.embedded.leash import die_with_parent

#: How long a process may finish what it does before it is killed.
STOP_SECONDS = 6

Listener = Callable[[str, str], None]


class Process:
    """One child, with what it has said since the last whole line."""

    def __init__(self, name: str, command: str, *, env: Mapping[str, str], cwd: Path) -> None:
        self.name = name
        self._rest = b""
        self.popen = subprocess.Popen(  # noqa: S602 - a Procfile is written for a shell
            # The shell becomes the program: a signal sent to it arrives, and its leash holds.
            f"exec {command}",
            shell=True,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches a terminal's whole process group. In a session of its own a child hears only from us, once.
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509
        )
        assert self.popen.stdout is not None  # noqa: S101
        self.output = self.popen.stdout
        os.set_blocking(self.output.fileno(), False)

    def lines(self) -> list[str]:
        """This will give the whole lines that have come; at the end of the output, the rest too."""
        try:
            came = os.read(self.output.fileno(), 65536)
        except BlockingIOError:
            return []
        *whole, self._rest = (self._rest + came).split(b"\n")
        if not came and self._rest:
            whole, self._rest = [self._rest], b""
        return [line.decode(errors="replace") for line in whole]

    def signal_group(self, number: signal.Signals) -> None:
        # The whole session: what the child started goes with it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, number)


class Processes:
    """The children. `listen` is told each line as (name of the process, line)."""

    def __init__(self, *, cwd: Path, listen: Listener) -> None:
        self.asked_to_stop = 0
        self._cwd = cwd
        self._listen = listen
        self._all: list[Process] = []
        self._selector = selectors.DefaultSelector()
        self._wake_up, wake = os.pipe()
        for end in (self._wake_up, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._selector.register(self._wake_up, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that the end of a child wakes us
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, *_: object) -> None:
        self.asked_to_stop += 1

    def start(self, name: str, command: str, env: Mapping[str, str]) -> None:
        process = Process(name, command, env=env, cwd=self._cwd)
        self._all.append(process)
        self._selector.register(process.output, selectors.EVENT_READ, process)

    def wait(self, seconds: float) -> None:
        """This will pass on what children say, until something happens or the time is over."""
        for key, _ in self._selector.select(0 if self.asked_to_stop == 1 else seconds):
            if isinstance(process := key.data, Process):
                self._hear(process)
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_up, 4096)

    def _hear(self, process: Process) -> None:
        lines = process.lines()
        for line in lines:
            self._listen(process.name, line)
        if not lines and process.popen.poll() is not None:
            self._selector.unregister(process.output)
            process.output.close()

    def ended(self) -> tuple[str, int] | None:
        """This will give the name and exit code of a child that has ended, if one has."""
        for process in self._all:
            code = process.popen.poll()
            if code is not None:
                return process.name, code
        return None

    def stop(self) -> None:
        """This will end all children: asked first, killed when the time is over or somebody asks a second time."""
        asked = self.asked_to_stop
        for process in self._all:
            process.popen.terminate()
        give_up = time.monotonic() + STOP_SECONDS
        while self._running() and time.monotonic() < give_up and self.asked_to_stop <= max(asked, 1):
            self.wait(0.1)
        for process in self._all:
            process.signal_group(signal.SIGKILL)
            process.popen.wait()
        self.wait(0)
        self._all.clear()

    def _running(self) -> bool:
        return any(process.popen.poll() is None for process in self._all)
