"""What a killed PostgreSQL leaves behind, cleared so that the next start works at once and loses nothing."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

#: A leashed server that is stopping writes its data first.
PATIENCE_SECONDS = 8


def clear(data: Path) -> None:
    """This will end what still runs on the data, and make its pid file harmless. Call it only as the one keeper."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while (left := _running_on(data)) and time.monotonic() < give_up:
        time.sleep(0.05)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _disown(data)


def postmaster_pid(data: Path) -> list[str]:
    """This will give the lines of PostgreSQL's pid file, none if there is no file."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _disown(data: Path) -> None:
    """This will put our own pid in a pid file that was left.

    The number in it may belong to some other program by now, and PostgreSQL would refuse to start beside it; a parent's
    pid it takes for stale. Removing the file instead would also remove its check (the shared memory named in it) that
    no old backend still writes.
    """
    lines = postmaster_pid(data)
    if lines:
        with (data / "postmaster.pid").open("r+") as file:
            file.write("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
            file.truncate()


def _running_on(data: Path) -> list[int]:
    if not Path("/proc/self").exists():
        return _postmaster_by_ps(data)
    # Every PostgreSQL process has its data folder as working directory.
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _works_in(entry, data)]


def _works_in(process: Path, data: Path) -> bool:
    try:
        return (process / "cwd").readlink() == data and (process / "comm").read_text() == "postgres\n"
    except OSError:  # gone, or not ours to look at
        return False


def _postmaster_by_ps(data: Path) -> list[int]:
    lines = postmaster_pid(data)
    if not lines:
        return []
    ps = ["ps", "-o", "command=", "-p", lines[0].strip()]
    said = subprocess.run(ps, capture_output=True, text=True, check=False)  # noqa: S603
    return [int(lines[0])] if str(data) in said.stdout else []
