"""The embedded Redis: broker of hints, so its data is kept when that is easy and its loss costs nothing."""

import json
import secrets
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from . import wheels
from .place import Place, write_private


class Redis:
    """`durable` keeps a snapshot on disk, also when it is stopped."""

    title = "Redis"
    stop_signal = signal.SIGTERM

    def __init__(self, place: Place, *, durable: bool) -> None:
        self.place = place
        self.durable = durable
        # It lives no longer than the server: a new one each time.
        self._password = secrets.token_hex(24)

    def prepare(self) -> None:
        self.place.data.mkdir(mode=0o700, exist_ok=True)
        for half_written in self.place.data.glob("temp-*.rdb"):
            half_written.unlink()

    def command(self, port: int) -> list[str | Path]:
        # A file, since everybody may read another's command line.
        config = self.place.folder / "redis.conf"
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {self._password}",
            f"dir {json.dumps(str(self.place.data), ensure_ascii=False)}",
            "save 60 1" if self.durable else 'save ""',
            "appendonly no",
            # A full disk must not stop hints.
            "stop-writes-on-bgsave-error no",
            "databases 16",
            "loglevel notice",
        ]
        write_private(config, "\n".join(lines) + "\n")
        return [wheels.redis_server(), config]

    def before_exec(self) -> Callable[[], None] | None:
        return None

    def ready(self, port: int, pid: int) -> bool:
        # Only ours knows the password.
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                return connection.makefile("rb").read(12) == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False

    def may_pass(self, log: str) -> bool:
        return "Address already in use" in log

    def url(self, port: int) -> str:
        return f"redis://:{self._password}@127.0.0.1:{port}/0"
