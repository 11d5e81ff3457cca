"""`make run` in this clone, on a free port; the README's own curl; the post live; everything stopped again."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
FIRST_RUN_SECONDS = 180
SECOND_RUN_SECONDS = 10


def readme_block(holding: str) -> str:
    """The one shell block of the README that holds this text, as it stands there."""
    blocks = re.findall(r"```(?:sh|bash|console)\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    found = [block for block in blocks if holding in block]
    assert len(found) == 1, f"{len(found)} blocks of the README hold {holding!r}"
    return found[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def start(clone: Path, port: int, within: float) -> subprocess.Popen[bytes]:
    begun = time.monotonic()
    environ = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "DEBUG")}
    running = subprocess.Popen(["make", "run"], cwd=clone, env=environ | {"PORT": str(port)}, start_new_session=True)
    while not ((clone / ".openpost/demo.env").exists() and answers(f"http://127.0.0.1:{port}/healthz")):
        assert running.poll() is None, f"make run ended with {running.returncode}"
        assert time.monotonic() - begun < within, f"not serving within {within} s"
        time.sleep(0.1)
    print(f"serving after {time.monotonic() - begun:.1f} s", flush=True)
    return running


def publish(clone: Path) -> None:
    """Paste the README's curl, and wait until what it made is live."""
    answer = subprocess.run(
        ["bash", "-euc", readme_block("curl -X POST")], cwd=clone, capture_output=True, text=True, check=True
    ).stdout
    begun = time.monotonic()
    post = json.loads(answer)["data"]
    facts = dict(line.split("=", 1) for line in (clone / ".openpost/demo.env").read_text().splitlines())
    request = urllib.request.Request(
        f"{facts['OP_URL']}/v1/posts/{post['id']}", headers={"Authorization": f"Bearer {facts['OP_KEY']}"}
    )
    while post["status"] != "published":
        assert time.monotonic() - begun < 20, f"not published: {post}"
        time.sleep(0.05)
        with urllib.request.urlopen(request, timeout=5) as reply:
            post = json.load(reply)["data"]
    print(f"published {time.monotonic() - begun:.2f} s after the answer", flush=True)
    for target in post["post_targets"]:
        with urllib.request.urlopen(target["platform_post_url"], timeout=5) as page:
            assert post["content"].encode() in page.read()


def processes_of(clone: Path) -> list[str]:
    """Every process that runs from this clone, by what it has open or was called with."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                place = (entry / "cwd").readlink()
            except OSError:
                continue
            if str(clone) in command or place.is_relative_to(clone):
                found.append(f"{entry.name} {command}")
    return found


def stop(running: subprocess.Popen[bytes], clone: Path) -> None:
    os.kill(running.pid, signal.SIGTERM)
    running.wait(timeout=30)
    deadline = time.monotonic() + 5
    while left := processes_of(clone):
        assert time.monotonic() < deadline, f"left over: {left}"
        time.sleep(0.1)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="openpost-smoke-"))
    clone = folder / "openpost"
    try:
        subprocess.run(["git", "clone", "-q", str(PROJECT), str(clone)], check=True)
        port = free_port()
        for within in (FIRST_RUN_SECONDS, SECOND_RUN_SECONDS):
            running = start(clone, port, within)
            try:
                publish(clone)
            finally:
                stop(running, clone)
        assert not subprocess.check_output(["git", "status", "--short"], cwd=clone), "make run changed the work tree"
    finally:
        shutil.rmtree(folder)
    print("Nothing left over.")


if __name__ == "__main__":
    sys.exit(main())
