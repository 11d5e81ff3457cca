"""kill -9 at every named step of the publish path, on every platform; twice where a take-over is killed too."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta

from .case import Case, Play, Scene

PLATFORMS = ("twitter", "bluesky", "sandbox")
#: How long a platform holds a call whose worker is killed meanwhile; seconds. Shorter than a lease: what a platform
#: takes after the next worker has looked, no engine can know (docs/reliability.md).
HOLD = 10

#: The steps, in the order a target meets them, and what is true at each.
STEPS = {
    "claimed": "a worker has taken it",
    "ready": "the token is good",
    "prepared": "the ledger says prepared",
    "sending": "the ledger says sending, the call is not made",
    "accepted": "the platform has it, nothing is stored",
    "recorded": "live is committed",
}
#: A first kill, and the kills of those that take over.
AGAIN = (
    ("sending", "looking"),
    ("accepted", "looking"),
    ("sending", "absent"),
    ("sending", "looking", "absent"),
)


def cases() -> list[Case]:
    found = []
    for platform in PLATFORMS:
        found += [Case(step, "kill -9", (platform,), killed_at(step)) for step in ("handed_off", *STEPS)]
        for steps in AGAIN:
            play, takes = killed_at(*steps), 40.0 * len(steps)
            found.append(Case(", then ".join(steps), "kill -9 each time", (platform,), play, takes=takes))
    shown_late = "kill -9; X shows it 33 s late"
    found.append(Case("accepted", shown_late, ("twitter",), killed_at("accepted", lag=33), takes=50))
    for platform in ("twitter", "bluesky"):
        for when in ("before", "after"):
            held = "the platform holds the call, " + ("not taken yet" if when == "before" else "taken")
            found.append(Case(held, "kill -9", (platform,), killed_while_held(when)))
    dispatcher = "kill -9 of the dispatcher"
    found.append(Case("handed_off", dispatcher, PLATFORMS, dispatcher_killed, drafted=False, alone=True))
    words = "#sandbox-slow"
    found.append(
        Case("the platform holds the call, not taken yet", "kill -9", ("sandbox",), killed_while_slow, words=words)
    )
    return found


def killed_at(*steps: str, lag: float = 0) -> Play:
    """Whoever reaches the step is killed there; the last kill is the fault that is recovered from.

    `lag`: X shows the account's posts so many seconds late.
    """

    def play(scenes: list[Scene]) -> float:
        [scene] = scenes
        if lag:
            scene.stack.x.lag(scene.account.remote_id, seconds=lag)
        for step in steps:
            scene.arm(step, "kill")
        scene.publish()
        return [scene.struck(step).at for step in steps][-1]

    return play


def dispatcher_killed(scenes: list[Scene]) -> float:
    """The dispatcher has handed off all that is due, and dies before the first message is sent."""
    for scene in scenes:
        scene.draft(at=datetime.now(UTC) + timedelta(hours=1))
        scene.arm("handed_off", "kill")
    for scene in scenes:
        scene.fall_due(seconds=2)
    # One of the batch is struck first, and takes the others' messages with it; later ticks pass the others unarmed.
    return first_struck(scenes, "handed_off")


def killed_while_held(when: str) -> Play:
    """The platform has read the request and takes its time; the worker dies meanwhile."""

    def play(scenes: list[Scene]) -> float:
        [scene] = scenes
        scene.trouble("send", "hang", when, seconds=HOLD)
        scene.arm("sending", "note")
        scene.publish()
        pid = scene.struck("sending").pid
        scene.befell("send")
        time.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        return time.time()

    return play


def killed_while_slow(scenes: list[Scene]) -> float:
    [scene] = scenes
    scene.arm("sending", "note")
    scene.publish()
    pid = scene.struck("sending").pid
    time.sleep(1)
    os.kill(pid, signal.SIGKILL)
    return time.time()


def first_struck(scenes: list[Scene], step: str) -> float:
    """When the first of these was struck at the step; the others are disarmed."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        strikes = [strike for scene in scenes if (strike := scene.stack.failpoints.struck(step, scene.target_id))]
        if strikes:
            for scene in scenes:
                scene.stack.failpoints.disarm(step, scene.target_id)
            return strikes[0].at
        time.sleep(0.02)
    raise TimeoutError(f"none of them reached {step}")
