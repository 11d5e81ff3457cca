"""Installs the real servers that some tests talk to: `python -m tests.peers.install`, or `make peers`.

Needs npm, whatever the Node behind it: the Node that runs the server comes from the registry too, pinned like the rest
in package-lock.json. One native module is compiled if nobody has compiled it for this machine: that needs a C++
compiler, make and Python. All of it stays in tests/peers/node_modules.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
#: Written last: holds what was installed.
STAMP = MODULES / ".openpost-installed"
LOCK = HERE / "package-lock.json"
#: The oldest Node that runs the server. https://www.npmjs.com/package/@atproto/pds
NODE_MAJOR = 22


class CannotInstall(Exception):
    """A sentence that says what is missing and what to do."""


def node() -> Path | None:
    """The Node that runs the server: ours, or, where the registry has none for the machine, a new enough system's."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    ours = MODULES / f"node-{sys.platform}-{machine}" / "bin" / "node"
    if ours.exists():
        return ours
    system = shutil.which("node")
    if system is None:
        return None
    version = subprocess.run([system, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.strip().removeprefix("v").split(".")[0]
    return Path(system) if major.isdigit() and int(major) >= NODE_MAJOR else None


def missing() -> str:
    """Why the servers cannot be started: a sentence; "" if they can."""
    if not STAMP.exists():
        return "the real Bluesky server is not installed: run `make peers`"
    if STAMP.read_text() != _wanted():
        return "the real Bluesky server that is installed is not the pinned one: run `make peers`"
    return "" if node() else f"there is no Node {NODE_MAJOR} or newer for this machine"


def install() -> bool:
    """This will install what package-lock.json names. False if it is there already. Raises CannotInstall."""
    folder = os.open(HERE, os.O_RDONLY)
    try:
        # One at a time: npm begins by removing what is there.
        fcntl.flock(folder, fcntl.LOCK_EX)
        if not missing():
            return False
        npm = shutil.which("npm")
        if npm is None:
            raise CannotInstall("npm is not on this machine. Install Node.js (any version, with npm) and try again.")
        _step("1/2 downloading the packages", [npm, "ci", "--ignore-scripts", "--loglevel=error"], os.environ)
        runtime = node()
        if runtime is None:
            raise CannotInstall(f"The registry has no Node for this machine. Install Node {NODE_MAJOR} or newer.")
        _step("2/2 building the database module", [npm, "rebuild", "better-sqlite3", "--loglevel=error"], _for(runtime))
        _step("checking that it loads", [str(runtime), "-e", "new (require('better-sqlite3'))(':memory:')"], os.environ)
        STAMP.write_text(_wanted())
    finally:
        os.close(folder)
    return True


def _for(runtime: Path) -> dict[str, str]:
    """The environment in which npm builds for `runtime` instead of the Node it was started with."""
    environment = {**os.environ, "PATH": f"{runtime.parent}{os.pathsep}{os.environ['PATH']}", "JOBS": "max"}
    if MODULES in runtime.parents:
        # Its headers came with it; nothing else is downloaded.
        environment["npm_config_nodedir"] = str(runtime.parent.parent)
    return environment


def _step(what: str, command: list[str], environment: os._Environ[str] | dict[str, str]) -> None:
    _say(f"peers: {what} …")
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=HERE,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        output = ""
        while True:
            try:
                output, _ = process.communicate(timeout=5)
                break
            except subprocess.TimeoutExpired:
                _say(".")
    _say(f" {time.monotonic() - started:.0f} s\n")
    if process.returncode:
        raise CannotInstall(f"{output.strip()}\n\nThis failed while {what}; npm's own words are above.")


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


def _wanted() -> str:
    return f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {sys.platform} {platform.machine()}\n"


def main() -> None:
    started = time.monotonic()
    try:
        new = install()
    except CannotInstall as error:
        sys.exit(f"peers: {error}")
    _say(f"peers: installed in {time.monotonic() - started:.0f} s\n" if new else "peers: already installed\n")


if __name__ == "__main__":
    main()
