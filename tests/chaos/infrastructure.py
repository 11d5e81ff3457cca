"""Bad days of the ground we stand on. Each strikes everybody, so each runs alone, with a post per platform."""

import signal
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis

from . import broker
from .case import Case, Play, Scene, Wrong

PLATFORMS = ("twitter", "bluesky", "sandbox")
#: What a request may take when there is no broker; seconds.
REQUEST_WITHOUT_BROKER = 5.0
#: How long X and Bluesky hold the call, as the sandbox network does by its word; seconds.
SLOW = 5


def cases() -> list[Case]:
    def case(step: str, fault: str, play: Play, *, words: str = "", drafted: bool = True) -> Case:
        return Case(step, fault, PLATFORMS, play, alone=True, words=words, drafted=drafted)

    slow = "#sandbox-slow"
    return [
        case("the message is in its queue", "the queue is deleted", message_lost),
        case("the message is in its queue", "it comes four times, and once more later", message_doubled),
        case("the platform holds the call", "the message comes again", message_again, words=slow),
        case("the message is in its queue", "FLUSHALL; posts before it", flushed),
        case("after FLUSHALL", "posts that come later", published_after_flush),
        case("published while Redis is away", "Redis is stopped for 20 s", redis_stopped),
        case("the platform holds the call", "PostgreSQL restarts", postgres_restarted, words=slow),
        case("its time comes", "beat is stopped for 30 s", beat_stopped, drafted=False),
        case("its time comes", "two beats", two_beats, drafted=False),
    ]


def message_lost(scenes: list[Scene]) -> float:
    stack = scenes[0].stack
    with broker.held_back(stack), broker.connection(stack) as redis:
        _publish(scenes)
        broker.wait_for_messages(redis, scenes)
        redis.delete(*map(broker.queue_of, scenes))
        return time.time()


def message_doubled(scenes: list[Scene]) -> float:
    """Four workers get it at once; a fifth when it is long live."""
    stack = scenes[0].stack
    with broker.connection(stack) as redis:
        messages = _copied(redis, scenes, times=4)
        begun = time.time()
        for scene in scenes:
            scene.until("published", within=20)
        for queue, found in messages.items():
            redis.lpush(queue, *found)
        time.sleep(3)
    return begun


def message_again(scenes: list[Scene]) -> float:
    """It comes again while the first worker is inside its call: who takes it up now sends a second time."""
    stack = scenes[0].stack
    for scene in scenes:
        scene.arm("sending", "note")
        if scene.platform != "sandbox":
            scene.trouble("send", "hang", seconds=SLOW)
    with broker.connection(stack) as redis:
        messages = _copied(redis, scenes, times=1)
        for scene in scenes:
            scene.struck("sending")
            queue = broker.queue_of(scene)
            redis.lpush(queue, *messages[queue])
        begun = time.time()
        for scene in scenes:
            if (found := scene.target()["status"]) != "publishing":
                raise RuntimeError(f"the call on {scene.platform} was over when the message came again: {found}")
        return begun


def _copied(redis: Redis, scenes: list[Scene], *, times: int) -> dict[str, Any]:
    """This will publish, have each message come so many times, and give the messages by queue."""
    with broker.held_back(scenes[0].stack):
        _publish(scenes)
        broker.wait_for_messages(redis, scenes)
        messages: dict[str, Any] = {broker.queue_of(one): redis.lrange(broker.queue_of(one), 0, -1) for one in scenes}
        for queue, found in messages.items():
            if times > 1:
                redis.lpush(queue, *found * (times - 1))
    return messages


def flushed(scenes: list[Scene]) -> float:
    stack = scenes[0].stack
    with broker.held_back(stack), broker.connection(stack) as redis:
        _publish(scenes)
        broker.wait_for_messages(redis, scenes)
        redis.flushall()
        return time.time()


def published_after_flush(scenes: list[Scene]) -> float:
    """What the broker kept of its own, its queues' names and bindings, is gone as well: hints must still arrive."""
    with broker.connection(scenes[0].stack) as redis:
        redis.flushall()
    time.sleep(2)
    _publish(scenes)
    return time.time()


def redis_stopped(scenes: list[Scene]) -> float:
    stack = scenes[0].stack
    stack.redis.stop()
    stopped = time.monotonic()
    for scene in scenes:
        begun = time.monotonic()
        scene.publish()
        if (took := time.monotonic() - begun) > REQUEST_WITHOUT_BROKER:
            raise Wrong(f"without Redis a request took {took:.1f} s")
    time.sleep(max(0.0, stopped + 20 - time.monotonic()))
    _still_waiting(scenes)
    stack.redis.start()
    return time.time()


def postgres_restarted(scenes: list[Scene]) -> float:
    stack = scenes[0].stack
    for scene in scenes:
        if scene.platform != "sandbox":
            scene.trouble("send", "hang", "after", seconds=4)
        scene.arm("sending", "note")
    _publish(scenes)
    for scene in scenes:
        scene.struck("sending")
    time.sleep(1)
    stack.postgres.stop()
    stack.postgres.start()
    return time.time()


def beat_stopped(scenes: list[Scene]) -> float:
    stack = scenes[0].stack
    stack.supervisor.hold("beat", signal.SIGKILL)
    _fall_due(scenes, seconds=5)
    time.sleep(30)
    _still_waiting(scenes)
    stack.supervisor.release("beat")
    return time.time()


def two_beats(scenes: list[Scene]) -> float:
    stack = scenes[0].stack
    stack.supervisor.add("beat-2", stack.supervisor.seats["beat"].command, stack.environ)
    try:
        stack.supervisor.wait_until(lambda: broker.ticks_per_second(stack) > 1.5, seconds=40, what="two beats")
        moment = _fall_due(scenes, seconds=5)
        for scene in scenes:
            scene.until("published", within=25)
    finally:
        stack.supervisor.remove("beat-2")
    return moment


def _still_waiting(scenes: list[Scene]) -> None:
    """A fault that keeps nothing from going out would prove nothing."""
    for scene in scenes:
        if (status := scene.target()["status"]) != "pending":
            raise RuntimeError(f"the fault kept nothing back: {status}")


def _publish(scenes: list[Scene]) -> None:
    for scene in scenes:
        scene.publish()


def _fall_due(scenes: list[Scene], *, seconds: float) -> float:
    """This will write posts that are due in so many seconds; gives the moment (Unix seconds)."""
    for scene in scenes:
        scene.draft(at=datetime.now(UTC) + timedelta(hours=1))
        scene.fall_due(seconds=seconds)
    return time.time() + seconds
