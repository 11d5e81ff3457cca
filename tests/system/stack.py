"""The whole service as its own processes, as the Procfile names them, on a database and a Redis of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import requests

from openpost.embedded import ensure, release

PROJECT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 120
SECONDS_TO_END = 60
#: Characters of a log, from its end, that say why its process is stuck.
TAIL = 3000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Stack:
    """web, worker and beat. `url` and `key` are a program's; `environ` is what every process runs with.

    `name` tells its database from that of another stack. `facts` are those that `manage.py demo` tells a newcomer:
    OP_ADMIN_USER, OP_ADMIN_PASSWORD, … `code` is the folder of the version that is started from now on,
    `before` what stands before its command.
    """

    def __init__(self, folder: Path, *, name: str = "system", **environ: str) -> None:
        self.folder = folder
        self.code = PROJECT
        self.before: tuple[str, ...] = ()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = os.environ["DATABASE_URL"]
        self.database = f"openpost_{name}_{os.getpid()}"
        self.environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "openpost.settings",
            "DATABASE_URL": urlsplit(self.server)._replace(path=f"/{self.database}").geturl(),
            # A worker of ours would take the messages of a test that looks at its queue.
            "REDIS_URL": ensure(folder / "redis", postgres=False, durable=False).redis_url,
            "OPENPOST_URL": self.url,
            "PORT": str(self.port),
            "BIND": "127.0.0.1",
            "API_RATE_LIMIT": "0",
            "LOG_LEVEL": "INFO",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **environ,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """This will start the processes of these names, or all."""
        self.create_database()
        self.manage("migrate", "--noinput")
        self.manage("demo", "--env-file", str(self.folder / "demo.env"), "--url", self.url)
        self.facts = dict(line.split("=", 1) for line in (self.folder / "demo.env").read_text().splitlines())
        self.key = self.facts["OP_KEY"]
        for name in names or ("web", "worker", "beat"):
            self.begin(name)
        self._wait_until_ready()

    def create_database(self) -> None:
        """This will make an empty one."""
        self._maintain(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)", f"CREATE DATABASE {self.database}")

    def stop(self) -> None:
        """This will end all processes, whichever of them is stuck, and remove the database."""
        with ExitStack() as whatever_happens:
            whatever_happens.callback(release, self.folder / "redis")
            whatever_happens.callback(self._maintain, f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
            for name in self.processes:
                whatever_happens.callback(self.end, name, signal.SIGTERM)

    def begin(self, name: str, *, called: str = "") -> None:
        """This will start one process of the Procfile; one of several needs a name of its own."""
        called = called or name
        lines = dict(line.split(": ", 1) for line in (self.code / "Procfile").read_text().splitlines() if ": " in line)
        with (self.folder / f"{called}.log").open("ab") as log:
            self.processes[called] = subprocess.Popen(
                [*self.before, "sh", "-c", f"exec {lines[name]}"],
                cwd=self.code,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def end(self, name: str, how: signal.Signals) -> int:
        """This will end one process and all its children, and give its exit code.

        One that does not end by itself is killed; the error has the end of its log.
        """
        process = self.processes.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, how)
        try:
            return process.wait(timeout=SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=SECONDS_TO_END)
            said = self.log(name)[-TAIL:]
            raise AssertionError(f"{name} did not end within {SECONDS_TO_END} s of {how.name}:\n{said}") from None

    def manage(self, *command: str, stdin: str = "") -> str:
        """This will run manage.py, and give what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=self.code, env=self.environ, input=stdin, text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _maintain(self, *statements: str) -> None:
        with psycopg.connect(urlsplit(self.server)._replace(path="/postgres").geturl(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                assert process.poll() is None, self.log(name)
            try:
                served = requests.get(f"{self.url}/healthz", timeout=20).ok
                if served and ("worker" not in self.processes or re.search(r"\bready\b", self.log("worker"))):
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.1)
        raise AssertionError("not ready: " + "".join(map(self.log, self.processes)))


class Program:
    """Somebody's program: it knows an address and a key, and nothing else."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {key}"

    def call(self, method: str, path: str, body: Any = None, *, status: int) -> Any:
        answer = self.session.request(method, self.url + path, json=body, timeout=60)
        assert answer.status_code == status, answer.text
        return answer.json()["data"] if answer.content else None

    def wait(self, post_id: str, *statuses: str, within: float = 60) -> Any:
        """This will give the post as soon as it has one of the statuses."""
        deadline = time.monotonic() + within
        while True:
            post = self.call("GET", f"/v1/posts/{post_id}", status=200)
            if post["status"] in statuses:
                return post
            assert time.monotonic() < deadline, f"not {statuses} within {within} s: {post}"
            time.sleep(0.05)
