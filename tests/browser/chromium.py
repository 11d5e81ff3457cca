"""The Chromium that drives the stories: `python -m tests.browser.chromium`, or `make browser`, makes sure there is one.

Any will do: the one that CHROMIUM names, one that the machine has, or Playwright's own.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: Nobody but our own server is asked for anything, by the pages or by the browser itself.
ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
#: The font is for the emoji in people's posts.
DEBIAN_PACKAGES = ("chromium", "fonts-noto-color-emoji")


class CannotInstall(Exception):
    """A sentence that says what was tried and what to do."""


def find() -> str | None:
    """The browser's path, if there is one."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    paths = (shutil.which(name) for name in NAMES)
    return next((path for path in paths if path and _starts(path)), None) or _of_playwright()


def missing() -> str:
    """Why no story can be played: a sentence; "" if they can."""
    if find():
        return ""
    named = os.environ.get("CHROMIUM")
    return f"CHROMIUM names {named}, which does not exist" if named else "there is no Chromium: run `make browser`"


def launch(playwright: Playwright) -> Browser:
    # Playwright leaves the sandbox off unless told otherwise: root has none, and all pages are ours.
    return playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)


def install() -> bool:
    """This will install a browser by the first way that works. False if there is one already. Raises CannotInstall."""
    if not missing():
        return False
    if os.environ.get("CHROMIUM"):
        raise CannotInstall(f"{missing()}. Name another one, or unset it.")
    for commands in _ways():
        if all(_run(command) for command in commands) and find():
            return True
    raise CannotInstall(
        "No way led to a Chromium; what was tried is above. Install Chromium or Chrome by hand (on Debian: "
        "`apt-get install chromium`), or name one with CHROMIUM=/path/to/chrome, and try again."
    )


def _ways() -> Iterator[Sequence[Sequence[str]]]:
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", *DEBIAN_PACKAGES],
        )
    yield ([sys.executable, "-m", "playwright", "install", "chromium"],)


def _run(command: Sequence[str]) -> bool:
    say(f"browser: {' '.join(command)} …\n")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, check=False).returncode == 0


def _starts(path: str) -> bool:
    """Ubuntu has a script of that name that only recommends another way to install it."""
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def _of_playwright() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def say(words: str) -> None:
    """This will tell whoever waits, at once."""
    sys.stdout.write(words)
    sys.stdout.flush()


def main() -> None:
    try:
        new = install()
    except CannotInstall as error:
        sys.exit(f"browser: {error}")
    say(f"browser: {'installed' if new else 'there is one already'}: {find()}\n")


if __name__ == "__main__":
    main()
