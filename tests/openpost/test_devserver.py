"""`make run`'s own part, with a project that only pretends to be one: what it starts, says, and leaves behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.openpost.servers import PROJECT, kill_all, running, soon

MANAGE = """
import sys
if sys.argv[1] == "demo":
    _, _, _, env_file, _, url = sys.argv
    with open(env_file, "w") as file:
        file.write(f"OP_URL={url}\\nOP_KEY=the-key\\nOP_ADMIN_USER=the-user\\nOP_ADMIN_PASSWORD=the-password\\n")
"""
WEB = """
import http.server, os
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""
PROCFILE = """
release: false
web: python web.py
worker: sh -c 'trap "" TERM; echo "$DATABASE_URL on $PORT"; while :; do sleep 0.1; done'
beat: python -c "import time, sys; time.sleep(1000)"
"""


class DevServer:
    """A `python -m openpost.devserver` in a folder of its own, with servers that only stand for servers."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.port = env.get("PORT") or str(free_port())
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "openpost.devserver"],
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name != "OPENPOST_HOME"}
            | {"DATABASE_URL": "postgres://given", "REDIS_URL": "redis://given", "PORT": self.port}
            | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def said_until(self, text: str) -> str:
        assert self.popen.stdout
        said = ""
        for line in self.popen.stdout:
            said += line
            if text in line:
                return said
        raise AssertionError(said)

    def end(self) -> tuple[int, str]:
        said, _ = self.popen.communicate(timeout=20)
        return self.popen.returncode, said


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "a clone"
    for package in ("embedded", "devserver"):
        shutil.copytree(PROJECT / "openpost" / package, folder / "openpost" / package)
    (folder / "manage.py").write_text(MANAGE)
    (folder / "web.py").write_text(WEB)
    (folder / "Procfile").write_text(PROCFILE)
    yield folder
    kill_all(folder)
    assert soon(lambda: not running(folder))


def test_it_says_what_a_newcomer_needs_and_gives_the_processes_their_environment(folder: Path) -> None:
    server = DevServer(folder)
    said = server.said_until("curl -X POST")
    assert f'curl -X POST http://127.0.0.1:{server.port}/v1/posts -H "Authorization: Bearer the-key"' in said
    assert "the-user / the-password" in said
    assert f"worker | postgres://given on {server.port}" in said
    server.popen.kill()
    server.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_everything_when_asked_also_what_does_not_want_to(folder: Path, number: signal.Signals) -> None:
    server = DevServer(folder)
    server.said_until("curl -X POST")
    assert len(running(folder)) > 3
    server.popen.send_signal(number)
    server.said_until("Stopping")
    server.popen.send_signal(number)  # asked twice, it waits no longer
    code, said = server.end()
    assert code == 0
    assert "Everything is stopped." in said
    assert not running(folder)


def test_it_stops_its_servers_too(folder: Path) -> None:
    server = DevServer(folder, DATABASE_URL="postgres://given", REDIS_URL="")
    server.said_until("curl -X POST")
    assert [
        command
        for command in running(folder).values()
        if "redis-server" in command or "-m openpost.embedded" in command
    ]
    server.popen.terminate()
    server.said_until("Stopping")
    server.popen.terminate()
    server.end()
    assert not running(folder)
    assert not list((folder / ".openpost").rglob("address.json"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_it_takes_everything_with_it_when_it_is_killed(folder: Path) -> None:
    server = DevServer(folder, REDIS_URL="")
    server.said_until("curl -X POST")
    server.popen.kill()
    server.end()
    assert soon(lambda: not running(folder))


def test_it_runs_once_per_clone(folder: Path) -> None:
    first = DevServer(folder)
    first.said_until("curl -X POST")
    code, said = DevServer(folder).end()
    assert code == 1
    assert "runs already in this clone" in said
    first.popen.kill()
    first.end()
    DevServer(folder).said_until("curl -X POST")


def test_it_says_that_the_port_is_taken(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = DevServer(folder, PORT=port).end()
    assert code == 1
    assert f"Port {port} cannot be used" in said
    assert DevServer(folder, PORT="http").end()[0] == 1


def test_it_says_which_process_ended_and_stops_the_others(folder: Path) -> None:
    (folder / "Procfile").write_text(PROCFILE.replace("while :; do sleep 0.1; done", "exit 7"))
    code, said = DevServer(folder).end()
    assert code == 1
    assert "worker ended with code 7, so everything is stopped." in said
    assert not running(folder)


def test_it_shows_why_a_migration_failed(folder: Path) -> None:
    (folder / "manage.py").write_text("raise SystemExit('no such column')")
    code, said = DevServer(folder).end()
    assert code == 1
    assert "no such column" in said
