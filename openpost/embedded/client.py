"""A process that uses the servers: it starts them if need be, and holds them for its life."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from . import flocks
from .errors import EmbeddedError
from .place import Place

PROJECT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 10

# The lock by which this process holds each server, by the server's folder. Never closed but by `release`.
_held: dict[Path, int] = {}
_mutex = threading.Lock()


@dataclass(frozen=True)
class Services:
    """Where the servers are: whole URLs with their passwords; empty for one that was not asked for."""

    database_url: str
    redis_url: str


def ensure(home: Path, *, postgres: bool = True, redis: bool = True, durable: bool = True) -> Services:
    """This will give the servers whose data is in `home`, started if they do not run, until this process ends.

    With `durable` off they are fast and may lose their data with the machine's power, for tests; servers that already
    run stay as they are. Calling it again is cheap. Errors: EmbeddedError.
    """
    home = home.resolve()
    with _mutex:
        return Services(
            database_url=_hold(Place(home, "postgres"), durable=durable) if postgres else "",
            redis_url=_hold(Place(home, "redis"), durable=durable) if redis else "",
        )


def release(home: Path) -> None:
    """This will let the servers go, and wait until those that nobody else uses have stopped."""
    with _mutex:
        places = [Place(home.resolve(), name) for name in ("postgres", "redis")]
        let_go = [place for place in places if place.folder in _held]
        for place in let_go:
            os.close(_held.pop(place.folder))
        for place in let_go:
            _wait_for_keeper(place)


def _hold(place: Place, *, durable: bool) -> str:
    try:
        place.make()
        if place.folder not in _held:
            clients = flocks.open_lock(place.clients_lock)
            flocks.share(clients)  # waits while a keeper is stopping
            _held[place.folder] = clients
        return _find_or_start(place, durable=durable)
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} belongs to another user: start as that user, or move it away."
        ) from error


def _find_or_start(place: Place, *, durable: bool) -> str:
    """This will give the server's URL. We are a client by now: a running keeper stays.

    Only who owns `start` starts a keeper, and lets go of it when the server answers. So an address is either there and
    good, or its starter was killed and the keeper will publish it in a moment.
    """
    start = flocks.open_lock(place.start_lock)
    keeper = flocks.open_lock(place.keeper_lock)
    try:
        flocks.own(start)
        while not flocks.try_own(keeper):
            if url := place.published():
                return url
            time.sleep(0.02)
        place.unpublish()  # of a keeper that was killed
        _start_keeper(place, keeper, durable=durable)
        if url := place.published():
            return url
        raise EmbeddedError(f"The embedded {place.name} stopped right after its start: see {place.log}.")
    finally:
        os.close(keeper)
        os.close(start)


def _start_keeper(place: Place, keeper_lock: int, *, durable: bool) -> None:
    read_end, write_end = os.pipe()
    mode = "durable" if durable else "fast"
    with place.log.open("ab") as log, os.fdopen(read_end, "rb") as report:
        subprocess.run(  # noqa: S603
            [sys.executable, "-m", "openpost.embedded", place.home, place.name, mode, str(keeper_lock), str(write_end)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # The keeper owns its lock from the first moment: it is the same lock, handed on.
            pass_fds=(keeper_lock, write_end),
            start_new_session=True,  # Ctrl-C is for us
            check=False,
        )
        os.close(write_end)
        said = report.read().decode()
    if said != "ok":
        raise EmbeddedError(said or f"The embedded {place.name} did not start: see {place.log}.")


def _wait_for_keeper(place: Place) -> None:
    """This will wait for a keeper that is stopping; one that has other clients takes its address back never."""
    begun = time.monotonic()
    keeper = flocks.open_lock(place.keeper_lock)
    try:
        while not flocks.try_own(keeper):
            waited = time.monotonic() - begun
            if waited > STOP_SECONDS or (waited > 0.5 and place.published()):
                return
            time.sleep(0.02)
    finally:
        os.close(keeper)
