"""The keeper: one small process beside each server, which starts it, says where it is, and stops it.

Every client shares the lock `clients` for as long as it lives. The keeper waits to own that lock: when it does, no
client is left, and none can come until the keeper is gone.
"""

import os
import signal
import subprocess
import threading
from pathlib import Path

from . import flocks
from .errors import EmbeddedError
from .place import Place
from .postgres import Postgres
from .redis import Redis
from .server import Server, start

SERVERS: dict[str, type[Postgres] | type[Redis]] = {"postgres": Postgres, "redis": Redis}
STOP_SECONDS = 8


def keep(home: Path, name: str, *, durable: bool, report: int) -> None:
    """This will run the server until no client is left. `report` is a pipe: empty for a good start, else a sentence."""
    place = Place(home, name)
    server: Server = SERVERS[name](place, durable=durable)
    try:
        process, url = start(server)
        place.publish(url)
    except PermissionError as error:
        os.write(report, f"{error.filename} belongs to another user: start as that user, or move it away.".encode())
        return
    except (EmbeddedError, OSError, subprocess.SubprocessError) as error:
        os.write(report, (str(error) or repr(error)).encode())
        return
    os.write(report, b"ok")
    os.close(report)
    signal.signal(signal.SIGTERM, lambda *_: process.send_signal(server.stop_signal))
    threading.Thread(target=_stop_when_alone, args=(server, process), daemon=True).start()
    # If it ends by itself its log says why. The next client that asks gets a new one.
    process.wait()
    place.unpublish()


def _stop_when_alone(server: Server, process: subprocess.Popen[bytes]) -> None:
    flocks.own(flocks.open_lock(server.place.clients_lock))
    server.place.unpublish()
    process.send_signal(server.stop_signal)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
