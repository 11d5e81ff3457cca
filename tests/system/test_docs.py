"""Every call that the README and the docs show, page by page, typed as it stands beside a running service."""

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from integrations.models import Scope
from tests import builders

from .seeding import Seeder
from .stack import PROJECT, Stack

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
#: What only the internet, or a person's own account there, can answer.
ELSEWHERE = ("https://example.com/holiday.jpg", "xxxx-xxxx-xxxx-xxxx")

#: curl, but what is refused ends the script; of what it answered, the id can be had.
CURL = """#!/bin/sh
command="$(PATH="${PATH#*:}" command -v curl)"
"$command" --silent --show-error --fail-with-body "$@" > answer || { cat answer >&2; exit 22; }
cat answer
"""
ID = """python3 -c 'import json; said = json.load(open("answer")); print(next(iter(said.values()))["id"])'"""


def calls(page: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    return [block for block in blocks if "$OP_URL" in block and not any(other in block for other in ELSEWHERE)]


def script(page: Path) -> str:
    """All blocks of a page, one after the other; what a reader would copy from an answer is taken from it."""
    typed = "\n".join(calls(page))
    typed = re.sub(r"(?m)^(\w+)=….*$", lambda found: f"{found[1]}=$({ID})", typed)
    return typed.replace('"<id>"', f'"\'"$({ID})"\'"')


def key_of(seed: Seeder, mode: str) -> str:
    """The key of a new workspace, for everything."""
    return seed(builders.api_key, seed(builders.workspace, mode), scopes=Scope.values)


@pytest.mark.parametrize("page", [page for page in PAGES if calls(page)], ids=lambda page: page.stem)
def test_it_does_what_the_page_shows(page: Path, stack: Stack, seed: Seeder, tmp_path: Path) -> None:
    typed, key = script(page), key_of(seed, "sandbox")
    live = key_of(seed, "live") if "$OP_LIVE_KEY" in typed else ""
    (tmp_path / ".openpost").mkdir()
    (tmp_path / ".openpost" / "demo.env").write_text(f"OP_URL={stack.url}\nOP_KEY={key}\n")
    for picture in ("picture.png", "holiday.jpg"):
        (tmp_path / picture).write_bytes(builders.PNG)
    shim = tmp_path / "bin" / "curl"
    shim.parent.mkdir()
    shim.write_text(CURL)
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f". .openpost/demo.env\n{typed}"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}", "OP_LIVE_KEY": live},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_it_finds_the_calls() -> None:
    assert {"README", "integrations", "keys", "media", "requests", "threads", "webhooks"} <= {
        page.stem for page in PAGES if calls(page)
    }
