"""/readyz of the real processes: green when all run, red in the right line soon after one ends."""

import json
import signal
import subprocess
import sys
import time

import requests

from .stack import PROJECT, Stack


def red(stack: Stack) -> list[str]:
    checks = requests.get(f"{stack.url}/readyz", timeout=30).json()["checks"]
    return [check["name"] for check in checks if not check["ok"]]


def until(stack: Stack, *names: str, within: float = 90) -> None:
    """This will wait until exactly these are red."""
    deadline = time.monotonic() + within
    while (found := red(stack)) != list(names):
        assert time.monotonic() < deadline, f"{found}: {stack.log('worker')[-3000:]}"
        time.sleep(0.2)


def test_it_is_ready_and_says_at_once_that_the_worker_ended(stack: Stack) -> None:
    until(stack)
    stack.end("worker", signal.SIGTERM)
    try:
        until(stack, "workers", within=20)
        assert requests.get(f"{stack.url}/healthz", timeout=30).ok
        assert requests.get(f"{stack.url}/readyz?only=database,migrations", timeout=30).ok
    finally:
        stack.begin("worker")
    until(stack)


def test_the_doctor_finds_the_real_processes_well(stack: Stack) -> None:
    until(stack)
    command = [sys.executable, "manage.py", "doctor", "--offline", "--json"]
    done = subprocess.run(command, cwd=PROJECT, env=stack.environ, text=True, capture_output=True, check=False)
    assert done.returncode == 2, "it warns of DEBUG, and that nobody is told"
    found = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert found["workers"]["what"] == "1 is running."
    assert {name for name, finding in found.items() if finding["state"] == "bad"} == set()
