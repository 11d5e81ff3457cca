"""Locks that the kernel holds for a process and drops with it, also on `kill -9`: they are never stale.

The lock files are empty, mean nothing by themselves and are never removed (removing one would let two processes each
hold "the" lock, on two files of the same name).

Every descriptor is close-on-exec: a program that we start does not hold our locks. A process that we *fork* (a web
worker, `multiprocessing`) shares them, and that is meant: it goes on using the servers after its parent is gone.
"""

import fcntl
import os
from pathlib import Path


def open_lock(path: Path) -> int:
    """This will give a descriptor to lock, made if need be."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def share(lock: int) -> None:
    """This will hold the lock together with others, waiting for one who holds it alone."""
    fcntl.flock(lock, fcntl.LOCK_SH)


def own(lock: int) -> None:
    """This will hold the lock alone, waiting for all others."""
    fcntl.flock(lock, fcntl.LOCK_EX)


def try_own(lock: int) -> bool:
    """This will hold the lock alone if nobody holds it now. False when somebody does."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
