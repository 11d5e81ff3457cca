"""What the development server says."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

COLOURS = {"web": "36", "worker": "33", "beat": "35"}


def say(text: str = "", *, end: str = "\n") -> None:
    """This will print at once. When nobody listens any more (a closed terminal or pipe) we go on, to stop in order."""
    try:
        sys.stdout.write(text + end)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def step(text: str, *, silent: bool = True) -> Iterator[None]:
    """This will print the text, and the seconds that its block took: on the same line if the block prints nothing."""
    say(f"  {text} ... ", end="" if silent else "\n")
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        say()
        raise
    say(f"{'' if silent else '  ready after '}{time.monotonic() - begun:.1f} s")


def prefixed(name: str, width: int) -> Callable[[str], None]:
    """This will give a printer of lines that begin with the name of the process."""
    label = f"{name:<{width}} |"
    if sys.stdout.isatty():
        label = f"\033[{COLOURS.get(name, '32')}m{label}\033[0m"
    return lambda line: say(f"{label} {line}")


def banner(url: str, demo: dict[str, str]) -> str:
    """This will give what a newcomer needs to know, with a curl that works as pasted."""
    # The shell fills in the time when it is pasted: one printed here would be past by then.
    at = """'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'"""
    body = f'{{"content": "Hello world", "platforms": ["twitter", "bluesky"], "schedule_at": "{at}"}}'
    return f"""
  OpenPost is serving. Ctrl-C stops everything.

    Address   {url}
    Admin     {url}/admin/
    Login     {demo["OP_ADMIN_USER"]} / {demo["OP_ADMIN_PASSWORD"]}
    API key   {demo["OP_KEY"]}

  Publish to the sandbox network:

curl -X POST {url}/v1/posts -H "Authorization: Bearer {demo["OP_KEY"]}" -H "Content-Type: application/json" -d '{body}'
"""
