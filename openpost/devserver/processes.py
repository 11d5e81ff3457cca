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
#: What asks us to stop.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Listener = Callable[[str], None]


class Process:
    """One child, with what it has said since the last whole line."""

    def __init__(self, name: str, command: str, *, env: Mapping[str, str], cwd: Path, listen: Listener) -> None:
        self.name = name
        self._listen = listen
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
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        assert self.popen.stdout is not None  # noqa: S101
        self.output = self.popen.stdout
        os.set_blocking(self.output.fileno(), False)

    def read(self) -> bool:
        """This will pass on the whole lines that have come, at the end of the output the rest too. False at the end."""
        try:
            came = os.read(self.output.fileno(), 65536)
        except BlockingIOError:
            return True
        *whole, self._rest = (self._rest + (came or b"\n")).split(b"\n")
        for line in whole:
            if came or line:
                self._listen(line.decode(errors="replace"))
        return bool(came)

    def signal_group(self, number: signal.Signals) -> None:
        # The whole session: what the child started goes with it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, number)


class Processes:
    """The children. From now on a signal that asks us to stop is counted in `asked_to_stop` and does no more."""

    def __init__(self, *, cwd: Path) -> None:
        self.asked_to_stop = 0
        self._cwd = cwd
        self._all: list[Process] = []
        self._selector = selectors.DefaultSelector()
        self._wake_up, wake = os.pipe()
        for end in (self._wake_up, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._selector.register(self._wake_up, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that the end of a child wakes us
        for number in SIGNALS:
            signal.signal(number, self._note)

    def _note(self, *_: object) -> None:
        self.asked_to_stop += 1

    def start(self, name: str, command: str, env: Mapping[str, str], listen: Listener) -> None:
        """This will start a child; `listen` is told each line it says."""
        process = Process(name, command, env=env, cwd=self._cwd, listen=listen)
        self._all.append(process)
        self._selector.register(process.output, selectors.EVENT_READ, process)

    def run(self, name: str, command: str, env: Mapping[str, str]) -> tuple[int, str]:
        """This will start a child and wait for its end: its exit code and all it said. Stopped early when asked to."""
        said: list[str] = []
        self.start(name, command, env, said.append)
        while not (ended := self.ended()) and not self.asked_to_stop:
            self.wait(1)
        self.stop()
        return ended[1] if ended else 1, "\n".join(said)

    def wait(self, seconds: float) -> bool:
        """This will pass on what children say, until something happens or the time is over. False for nothing."""
        events = self._selector.select(seconds)
        for key, _ in events:
            if not isinstance(process := key.data, Process):
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_up, 4096)
            elif not process.read():
                self._selector.unregister(process.output)
                process.output.close()
        return bool(events)

    def ended(self) -> tuple[str, int] | None:
        """This will give the name and exit code of a child that has ended, if one has."""
        for process in self._all:
            code = process.popen.poll()
            if code is not None:
                return process.name, code
        return None

    def stop(self) -> None:
        """This will end all children: asked first, killed when the time is over or somebody asks a second time."""
        enough = max(self.asked_to_stop, 1)
        for process in self._all:
            process.popen.terminate()
        give_up = time.monotonic() + STOP_SECONDS
        while self._running() and time.monotonic() < give_up and self.asked_to_stop <= enough:
            self.wait(0.1)
        for process in self._all:
            process.signal_group(signal.SIGKILL)
            process.popen.wait()
        while self.wait(0):  # their last words
            pass
        self._all.clear()

    def _running(self) -> bool:
        return any(process.popen.poll() is None for process in self._all)
