"""What can befall the messages on their way: here they are held back, lost, doubled and forgotten."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from .case import Scene
from .stack import QUEUES, Stack


@contextmanager
def connection(stack: Stack) -> Iterator[Redis]:
    with Redis.from_url(stack.redis.url) as redis:
        yield redis


@contextmanager
def held_back(stack: Stack, *queues: str) -> Iterator[None]:
    """This will keep the workers that run now from taking messages of these queues (none: of all that publish)."""
    workers = len(stack.supervisor.workers())
    for queue in queues or QUEUES:
        _tell("cancel_consumer", queue, workers)
    try:
        yield
    finally:
        for queue in queues or QUEUES:
            _tell("add_consumer", queue, workers)


def _tell(command: str, queue: str, workers: int) -> None:
    """Celery's remote control, on a connection of its own: Redis may have been restarted since the last one.

    So many workers answer; one that is just being started again does not, and is not waited for long.
    """
    from openpost.celery import app

    with app.connection_for_write() as fresh:
        app.control.broadcast(
            command, arguments={"queue": queue}, reply=True, limit=workers, timeout=2, connection=fresh
        )


def wait_for_messages(redis: Redis, scenes: list[Scene]) -> None:
    """This will wait until each post's message lies in its queue. Errors: TimeoutError, if a worker took one."""
    deadline = time.monotonic() + 5
    while not all(redis.llen(queue_of(scene)) for scene in scenes):
        if time.monotonic() > deadline:
            raise TimeoutError("a message did not stay in its queue")
        time.sleep(0.05)


def ticks_per_second(stack: Stack) -> float:
    """How many ticks of the dispatcher come: counted in their queue, while nobody takes them."""
    with held_back(stack, "celery"), connection(stack) as redis:
        before = int(str(redis.llen("celery")))
        time.sleep(3)
        return (int(str(redis.llen("celery"))) - before) / 3


def queue_of(scene: Scene) -> str:
    return f"publish.{scene.account.network.queue}"
