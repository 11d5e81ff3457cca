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
def held_back(*queues: str) -> Iterator[None]:
    """This will keep the workers that run now from taking messages of these queues (none: of all that publish)."""
    for queue in queues or QUEUES:
        _tell_workers("cancel_consumer", queue)
    try:
        yield
    finally:
        for queue in queues or QUEUES:
            _tell_workers("add_consumer", queue)


def _tell_workers(command: str, queue: str) -> None:
    """Celery's remote control, on a connection of its own: Redis may have been restarted since the last one."""
    from openpost.celery import app

    with app.connection_for_write() as fresh:
        app.control.broadcast(command, arguments={"queue": queue}, reply=True, timeout=2, connection=fresh)


def wait_for_messages(redis: Redis, scenes: list[Scene]) -> None:
    """This will wait until each post's message lies in its queue. Errors: TimeoutError, if a worker took one."""
    deadline = time.monotonic() + 5
    while not all(redis.llen(queue_of(scene)) for scene in scenes):
        if time.monotonic() > deadline:
            raise TimeoutError("a message did not stay in its queue")
        time.sleep(0.05)


def ticks_per_second(stack: Stack) -> float:
    """How many ticks of the dispatcher come: counted in their queue, while nobody takes them."""
    with held_back("celery"), connection(stack) as redis:
        before = int(str(redis.llen("celery")))
        time.sleep(3)
        return (int(str(redis.llen("celery"))) - before) / 3


def queue_of(scene: Scene) -> str:
    return f"publish.{scene.account.network.queue}"
