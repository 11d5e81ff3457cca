"""`python -m openpost.devserver`: servers, migrations, demo data, then the Procfile's processes until Ctrl-C.

Imports neither Django nor Celery: this process only waits, and should weigh little.
"""

import os
import shlex
import signal
import socket
import sys
import time
from pathlib import Path
from typing import NoReturn

from honcho.environ import parse_procfile

from openpost.embedded import EmbeddedError, ensure, flocks, release

from .console import banner, prefixed, say, step
from .processes import SIGNALS, Processes

PROJECT = Path(__file__).resolve().parents[2]
HEALTHY_SECONDS = 60


class StartError(Exception):
    """The service cannot run; the text says why, in a sentence for the developer."""


class AskedToStop(Exception):
    """Ctrl-C, or a signal that means the same."""


def main() -> int:
    home = Path(os.environ.get("OPENPOST_HOME") or PROJECT / ".openpost").resolve()
    try:
        for number in SIGNALS:
            signal.signal(number, _interrupt)
        _run(home, PROJECT)
    except AskedToStop:
        code = 0
    except (StartError, EmbeddedError) as error:
        say(f"  {error}")
        code = 1
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # what is left takes a moment and needs no hurry
    release(home)
    if code == 0:
        say("  Everything is stopped.")
    return code


def _run(home: Path, project: Path) -> NoReturn:
    port = _port()
    url = f"http://127.0.0.1:{port}"
    say(f"OpenPost in {project}")
    only_one = _only_one(home)
    _require_free(port)
    env = _environment(home, port, url)
    processes = Processes(cwd=project)
    demo_file = home / "demo.env"
    manage = f"{shlex.quote(sys.executable)} manage.py"
    try:
        with step("Migrations"):
            _manage(processes, f"{manage} migrate --noinput", env)
        with step("Demo data"):
            _manage(processes, f"{manage} demo --env-file {shlex.quote(str(demo_file))} --url {url}", env)
        with step("Web, worker and beat", silent=False):
            _start(processes, project, env)
            _wait_until_healthy(processes, port)
        say(banner(url, _read_env(demo_file)))
        while True:
            _look(processes)
            processes.wait(1)
    finally:
        if processes.asked_to_stop:
            say("\n  Stopping ... (Ctrl-C again does not wait for what is running)")
        processes.stop()
        os.close(only_one)


def _interrupt(*_: object) -> NoReturn:
    raise AskedToStop


def _port() -> int:
    named = os.environ.get("PORT") or "8000"
    if not (named.isdigit() and 0 < int(named) < 65536):
        raise StartError(f"PORT is {named!r}, which is not a port: choose a number from 1 to 65535.")
    return int(named)


def _only_one(home: Path) -> int:
    home.mkdir(mode=0o700, exist_ok=True)
    lock = flocks.open_lock(home / "devserver")
    if not flocks.try_own(lock):
        raise StartError("`make run` runs already in this clone: stop that one first.")
    return lock


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartError(
                f"Port {port} cannot be used ({error.strerror}): choose one with `make run PORT=…`."
            ) from error


def _environment(home: Path, port: int, url: str) -> dict[str, str]:
    """This will give the children's environment, the servers in it running."""
    env = dict(os.environ)
    missing = {name: not env.get(name) for name in ("DATABASE_URL", "REDIS_URL")}
    if any(missing.values()):
        first = "" if (home / "postgres" / "data").exists() else " (the first start makes the database)"
        with step(f"PostgreSQL and Redis{first}"):
            services = ensure(home, postgres=missing["DATABASE_URL"], redis=missing["REDIS_URL"])
        env["DATABASE_URL"] = env.get("DATABASE_URL") or services.database_url
        env["REDIS_URL"] = env.get("REDIS_URL") or services.redis_url
    env.setdefault("DEBUG", "1")
    env.setdefault("BIND", "127.0.0.1")
    programs = str(Path(sys.executable).parent)
    return env | {
        "PORT": str(port),
        "OPENPOST_URL": url,
        "PATH": f"{programs}{os.pathsep}{env.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }


def _manage(processes: Processes, command: str, env: dict[str, str]) -> None:
    code, said = processes.run("manage", command, env)
    if processes.asked_to_stop:
        raise AskedToStop
    if code != 0:
        raise StartError(f"`{command}` ended with code {code}:\n{said}")


def _start(processes: Processes, project: Path, env: dict[str, str]) -> None:
    commands = parse_procfile((project / "Procfile").read_text()).processes
    del commands["release"]  # the migrations above
    width = max(map(len, commands))
    for name, command in commands.items():
        processes.start(name, command, env, prefixed(name, width))


def _wait_until_healthy(processes: Processes, port: int) -> None:
    give_up = time.monotonic() + HEALTHY_SECONDS
    while not _healthy(port):
        if time.monotonic() > give_up:
            raise StartError(f"web did not answer on port {port} within {HEALTHY_SECONDS} s.")
        _look(processes)
        processes.wait(0.1)


def _healthy(port: int) -> bool:
    # By hand: an HTTP library is a third of this process's weight.
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            return b" 200 " in connection.makefile("rb").readline()
    except OSError:
        return False


def _look(processes: Processes) -> None:
    """This will notice that we were asked to stop, or that a process is gone."""
    if processes.asked_to_stop:
        raise AskedToStop
    if ended := processes.ended():
        name, code = ended
        raise StartError(f"{name} ended with code {code}, so everything is stopped.")


def _read_env(path: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {name: value.strip("\"'") for name, value in pairs}


sys.exit(main())
