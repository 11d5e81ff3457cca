"""The embedded PostgreSQL: made once, tuned for a developer's machine, on TCP only (a socket's path is short)."""

import errno
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from . import orphans, wheels
from .errors import EmbeddedError
from .identity import Identity, identity_for
from .leash import die_with_parent
from .place import Place, write_private

DATABASE = USER = "openpost"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # Shared memory in files of the data folder: Docker's /dev/shm is small, and nothing is left there after a crash.
    "dynamic_shared_memory_type": "mmap",
    # Small: one developer, everything in a few hundred megabytes.
    "shared_buffers": "32MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "1",
    "jit": "off",
    "huge_pages": "off",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
#: For tests: a crash of the machine may cost the data, a crash of the server may not.
FAST = {"fsync": "off", "full_page_writes": "off"}


class Postgres:
    """`durable` off is for tests, where the data may go with the machine."""

    title = "PostgreSQL"
    # Its "fast shutdown": connections are ended, the data is written, and the next start has nothing to repair.
    stop_signal = signal.SIGINT

    def __init__(self, place: Place, *, durable: bool) -> None:
        self.place = place
        self.durable = durable

    @cached_property
    def _bin(self) -> Path:
        version = self.place.data / "PG_VERSION"
        return wheels.postgres_bin(version.read_text().strip() if version.exists() else None)

    @cached_property
    def _identity(self) -> Identity:
        return identity_for(self.place.folder, self._bin / "postgres")

    @property
    def _password_file(self) -> Path:
        return self.place.folder / "password"

    def prepare(self) -> None:
        if self.place.data.exists():
            _hand_over(self.place.data, self._identity.owner)
            orphans.clear(self.place.data)
        else:
            self._make_data()

    def _make_data(self) -> None:
        # Under another name until it is whole: a first start that is killed half-way leaves nothing that looks done.
        draft = self.place.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        os.chown(draft, *self._identity.owner)
        write_private(self._password_file, secrets.token_hex(24))
        os.chown(self._password_file, *self._identity.owner)
        self._run(
            "initdb",
            f"--pgdata={draft}",
            f"--username={USER}",
            f"--pwfile={self._password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # Built in, so that no locale of the machine is needed, and sorting never changes with its C library.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *([] if self.durable else ["--no-sync"]),
        )
        self._run("postgres", "--single", "-D", draft, "postgres", say=f"CREATE DATABASE {DATABASE}\n")
        draft.rename(self.place.data)

    def _run(self, program: str, *arguments: str | Path, say: str = "") -> None:
        done = subprocess.run(  # noqa: S603
            [self._bin / program, *arguments],
            cwd=self.place.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            input=say,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=die_with_parent(signal.SIGKILL, before=self._identity.assume),
            check=False,
        )
        with self.place.log.open("a") as log:
            log.write(done.stdout)
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL's data could not be made in {self.place.folder}.", done.stdout)

    def command(self, port: int) -> list[str | Path]:
        settings = {**SETTINGS, "port": str(port), **({} if self.durable else FAST)}
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        return [self._bin / "postgres", "-D", self.place.data, *options]

    def before_exec(self) -> Callable[[], None] | None:
        return self._identity.assume

    def ready(self, port: int, pid: int) -> bool:
        # Its own word, as pg_ctl reads it: process, folder, start time, port, socket, address, memory, state.
        lines = orphans.postmaster_pid(self.place.data)
        return len(lines) >= 8 and int(lines[0]) == pid and lines[7].strip() == "ready"

    def may_pass(self, log: str) -> bool:
        return "Address already in use" in log or "is still in use" in log or "already exists" in log

    def url(self, port: int) -> str:
        return f"postgres://{USER}:{self._password_file.read_text()}@127.0.0.1:{port}/{DATABASE}"


def _hand_over(data: Path, owner: tuple[int, int]) -> None:
    """This will give the data to whom the server runs as now: root may have found another way since the last start."""
    if data.stat().st_uid == owner[0]:
        return
    if os.geteuid() != 0:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(data))
    # The folder itself last: until it has changed hands, the next start does it again.
    for folder, _, files in os.walk(data, topdown=False):
        for name in files:
            os.chown(Path(folder, name), *owner, follow_symlinks=False)
        os.chown(folder, *owner)
