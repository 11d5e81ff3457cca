"""Where one server keeps its things: `<home>/<name>/` and `<home>/logs/<name>.log`."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

LOG_LIMIT = 5 * 1024 * 1024


@dataclass(frozen=True)
class Place:
    """One server's folder. `name` is `postgres` or `redis`."""

    home: Path
    name: str

    @property
    def folder(self) -> Path:
        return self.home / self.name

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.home / "logs" / f"{self.name}.log"

    @property
    def clients_lock(self) -> Path:
        """Shared by every process that uses the server; its keeper waits to own it, and then nobody is left."""
        return self.folder / "flock" / "clients"

    @property
    def keeper_lock(self) -> Path:
        """Owned by the one keeper for its life."""
        return self.folder / "flock" / "keeper"

    @property
    def start_lock(self) -> Path:
        """Owned by the one client that starts a keeper, until the server answers."""
        return self.folder / "flock" / "start"

    @property
    def _address(self) -> Path:
        return self.folder / "address.json"

    def make(self) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.folder, self.clients_lock.parent, self.log.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))

    def publish(self, url: str) -> None:
        """This will tell clients where the server is. The address holds its password: for the owner's eyes only."""
        write_private(self._address, json.dumps({"url": url}))

    def published(self) -> str | None:
        """This will give the server's address, or None while it has none."""
        try:
            url: str = json.loads(self._address.read_text())["url"]
        except FileNotFoundError:
            return None
        return url

    def unpublish(self) -> None:
        self._address.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """This will put the text there with mode 0600, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
