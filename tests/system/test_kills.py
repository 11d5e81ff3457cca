"""Twenty equal requests at a time under one Idempotency-Key, while the web server's workers are killed: one post."""

import copy
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
import requests

from .stack import Program, Stack, free_port

AT_ONCE = 20
#: Within this time every request has its answer, however often its worker was killed. Seconds.
PATIENCE = 120


@pytest.fixture
def web(stack: Stack, tmp_path: Path) -> Iterator[Stack]:
    """A web server beside the stack's, with two workers that may be killed."""
    beside = copy.copy(stack)
    beside.folder, beside.processes, beside.port = tmp_path, {}, free_port()
    beside.url = f"http://127.0.0.1:{beside.port}"
    more = {"PORT": str(beside.port), "WEB_CONCURRENCY": "2", "FAILPOINTS": str(tmp_path)}
    beside.environ = {**stack.environ, **more}
    beside.begin("web")
    try:
        beside._wait_until_ready()
        yield beside
    finally:
        beside.end("web", signal.SIGTERM)


def workers(web: Stack) -> list[int]:
    master = str(web.processes["web"].pid)
    found = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [int(pid) for pid, parent in map(str.split, found.splitlines()) if parent == master]


def send(web: Stack, key: str) -> requests.Response | None:
    """This will send the request of this key once; None when nobody answered."""
    headers = {"Authorization": f"Bearer {web.key}", "Idempotency-Key": key}
    body = {"content": f"Said once: {key}", "platforms": ["twitter"]}
    try:
        return requests.post(f"{web.url}/v1/posts", json=body, headers=headers, timeout=30)
    except requests.RequestException:
        return None


def insist(web: Stack, key: str) -> requests.Response:
    """This will send the request again until it is answered, as a program does that must know."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = send(web, key)
        if answer is not None and answer.status_code != 409:
            return answer
        if answer is not None:
            assert answer.json()["code"] == "idempotency_key_in_use", answer.text
        assert time.monotonic() < deadline, web.log("web")
        time.sleep(0.05)


def all_insist(web: Stack, key: str) -> list[requests.Response]:
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        return list(crowd.map(lambda _: insist(web, key), range(AT_ONCE)))


def require_one(answers: list[requests.Response], program: Program, web: Stack, key: str) -> None:
    """All have the same answer, whoever asks later has it too, and there is one post."""
    answers = [*answers, insist(web, key)]
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({(answer.content, answer.headers["ETag"]) for answer in answers}) == 1
    assert answers[-1].headers["Idempotency-Replayed"] == "true"
    (post,) = program.call("GET", f"/v1/posts?q={key}", status=200)
    assert post["id"] == answers[0].json()["data"]["id"]


@pytest.mark.parametrize("step", ["answer_kept", "answer_committed"])
def test_a_worker_that_dies_at_the_worst_moment_leaves_one_post(web: Stack, program: Program, step: str) -> None:
    key = f"dies-at-{step}"
    (web.folder / f"{step}@{key}").write_text("kill")

    answers = all_insist(web, key)

    assert (web.folder / f"{step}@{key}.struck").exists()
    # Before the commit nothing is there, and one of the others is the first; after it, all of them are repeats.
    first = [answer for answer in answers if "Idempotency-Replayed" not in answer.headers]
    assert len(first) == (1 if step == "answer_kept" else 0)
    require_one(answers, program, web, key)


def test_workers_that_die_at_any_moment_leave_one_post_each(web: Stack, program: Program) -> None:
    chance, over, killed = random.Random(5), Event(), []

    def kill() -> None:
        """As often as the machine is fast: each time when somebody answers again."""
        while not over.wait(chance.uniform(0.02, 0.4)):
            web._wait_until_ready()
            for pid in chance.sample(found := workers(web), k=min(1, len(found))):
                with suppress(ProcessLookupError):  # it has been replaced meanwhile
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    with ThreadPoolExecutor(1) as killer:
        killing = killer.submit(kill)
        try:
            told: dict[str, list[requests.Response]] = {}
            while len(told) < 6 or len(killed) < 6:
                key = f"dies-anywhere-{len(told)}"
                told[key] = all_insist(web, key)
                assert not killing.done(), killing.result()
        finally:
            over.set()
        killing.result()

    for key, answers in told.items():
        require_one(answers, program, web, key)
