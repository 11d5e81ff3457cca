"""What a measurement stands on: the CPU seconds of groups of processes, and the machine it was made on."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes and all that came from them, ended children included."""
    spent = _stats()
    return sum(spent[pid][1] for pid in family(pids, spent))


def family(pids: Iterable[int], stats: dict[int, tuple[int, float]] | None = None) -> set[int]:
    """These processes, as far as they live, and all that came from them."""
    stats = stats or _stats()
    wanted = set(pids)
    while more := {pid for pid, (parent, _) in stats.items() if parent in wanted} - wanted:
        wanted |= more
    return wanted & set(stats)


def _stats() -> dict[int, tuple[int, float]]:
    """The parent of each process, and its CPU seconds with those of its ended children."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name may hold blanks and brackets: the numbers begin behind its last bracket.
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found[int(stat.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / _TICKS)
    return found


def of_postgres(data: str) -> list[int]:
    """All processes of the PostgreSQL server whose data is in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() == "postgres" and str((process / "cwd").readlink()) == data:
                found.append(int(process.name))
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found


def described() -> str:
    """The machine in a line."""
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}"
    )
