"""Workers that are told to stop, stand still and wake up too late, or whose clock is wrong."""

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from . import broker
from .case import Case, Expect, Play, Scene, Wrong
from .stack import QUEUES

PLATFORMS = ("twitter", "bluesky", "sandbox")
#: A dyno manager kills what has not gone by then (Heroku gives 30 s); seconds.
MUST_BE_GONE = 25
#: How long the second worker's call takes, while the first one wakes up; seconds.
SLOW = 5
#: The same where a post must also recover within its 45 s, of which X's looks alone leave about five.
WAKING = 3


def cases() -> list[Case]:
    found = []
    for platform in PLATFORMS:
        words = "#sandbox-slow" if platform == "sandbox" else ""
        found += [
            Case(step, "SIGSTOP; woken when another has it", (platform,), stopped_at(step), words=words, takes=50)
            for step in ("prepared", "sending", "accepted")
        ]
        found.append(Case("the call is short", "SIGTERM", (platform,), told_to_stop(SLOW), words=words))
    for platform, seconds in (("twitter", 27), ("bluesky", 36)):
        found.append(Case("the call hangs", "SIGTERM", (platform,), told_to_stop(seconds)))
    found += [
        Case(
            "one is sent, one prepared, two wait in the queue",
            "SIGTERM",
            ("solo",) * 4,
            told_to_stop_with_more,
            Expect(within=25),
            words="#sandbox-slow",
            takes=60,
        ),
        Case(
            "sending",
            "kill -9; workers' clocks ±1 min",
            PLATFORMS,
            wrong_clocks,
            check=not_early,
            alone=True,
            drafted=False,
        ),
    ]
    return found


def stopped_at(step: str) -> Play:
    """The process stands still at the step until another has taken over; then it goes on as if nothing had been."""

    def play(scenes: list[Scene]) -> float:
        [scene] = scenes
        scene.arm(step, "stop")
        scene.publish()
        strike = scene.struck(step)
        try:
            second = "recorded" if step == "accepted" else "sending"
            if step != "accepted":
                _slow_down(scene, WAKING)
            scene.arm(second, "note")
            if scene.struck(second).pid == strike.pid:
                raise RuntimeError("the process did not stand still")
            time.sleep(1)
        finally:
            os.kill(strike.pid, signal.SIGCONT)
        return strike.at

    return play


def told_to_stop(seconds: float) -> Play:
    def play(scenes: list[Scene]) -> float:
        [scene] = scenes
        _slow_down(scene, seconds)
        scene.arm("sending", "note")
        scene.publish()
        pid = scene.struck("sending").pid
        time.sleep(1)
        os.kill(pid, signal.SIGTERM)
        begun = time.time()
        _must_go(lambda: not _runs(pid))
        return begun

    return play


def told_to_stop_with_more(scenes: list[Scene]) -> float:
    """A worker alone with its queue. What it has not begun, and what has not reached the fence, goes back at once:
    the next worker, which comes as soon as it is gone, sends it long before a lease would have ended.
    """
    stack = scenes[0].stack
    sent, prepared, *waiting = scenes
    seat = stack.add_worker("solo", queues=(broker.queue_of(sent),), slots=2)
    try:
        stack.supervisor.wait_until(lambda: stack.supervisor.workers_ready(["solo"]), seconds=60, what="a worker")
        sent.arm("sending", "note")
        prepared.arm("prepared", "sleep 4")
        prepared.publish()
        prepared.struck("prepared")
        sent.publish()
        sent.struck("sending")
        for scene in waiting:
            scene.publish()
        pid = seat.pid
        os.kill(pid, signal.SIGTERM)
        begun = time.time()
        _must_go(lambda: not _runs(pid))
        for scene in scenes:
            scene.until("published", within=30)
    finally:
        stack.supervisor.remove("solo")
    return begun


def wrong_clocks(scenes: list[Scene]) -> float:
    """All workers, and who dispatches, live a minute too early or too late; each first worker is killed."""
    stack = scenes[0].stack
    names = []
    with broker.held_back(stack, "celery", *QUEUES):
        try:
            for number, off in enumerate((60, -60, 60, -60)):
                name = f"off-{number}"
                stack.add_worker(name, queues=("celery", *QUEUES), program=f"python -m tests.chaos.traveller {off}")
                names.append(name)
            stack.supervisor.wait_until(lambda: stack.supervisor.workers_ready(names), seconds=60, what="workers")
            for name in names:
                _must_be_off(stack.supervisor.log(name))
            for scene in scenes:
                scene.draft(at=datetime.now(UTC) + timedelta(hours=1))
                scene.arm("sending", "kill")
                scene.fall_due(seconds=5)
            begun = max(scene.struck("sending").at for scene in scenes)
            for scene in scenes:
                scene.until("published", within=60)
        finally:
            stack.supervisor.remove(*names)
    return begun


def _must_be_off(log: str) -> None:
    """The worker's own log has its own time."""
    stamp = next(line for line in log.splitlines() if "ready." in line)[:19]
    off = (datetime.fromisoformat(stamp).replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    if abs(abs(off) - 60) > 20:
        raise RuntimeError(f"the worker's clock is off by {off:.0f} s only")


def not_early(scene: Scene) -> list[str]:
    """By X's clock, which nobody has moved; the other two do not tell the time by one of their own."""
    if scene.platform != "twitter" or scene.due is None:
        return []
    due = scene.due.timestamp()
    return [f"{due - at:.1f} s early" for record in scene.account.records if (at := record.at) and at < due - 0.1]


def _slow_down(scene: Scene, seconds: float) -> None:
    """The platform takes the next call and is slow to say so; the sandbox network does it by its word."""
    if scene.platform != "sandbox":
        scene.trouble("send", "hang", "after", seconds=seconds)


def _must_go(gone: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not gone():
        if time.monotonic() - begun > MUST_BE_GONE:
            raise Wrong(f"the worker was still there {MUST_BE_GONE} s after SIGTERM")
        time.sleep(0.1)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
