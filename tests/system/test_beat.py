"""Beat ends when it is told to, whatever it is doing."""

import signal
import time

import psycopg

from .stack import Stack


def test_it_ends_when_told_so_in_the_middle_of_a_query(stack: Stack) -> None:
    with psycopg.connect(stack.environ["DATABASE_URL"]) as holder:
        holder.execute("LOCK django_celery_beat_periodictasks IN ACCESS EXCLUSIVE MODE")
        with psycopg.connect(stack.environ["DATABASE_URL"], autocommit=True) as watcher:
            deadline = time.monotonic() + 60
            waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            while not watcher.execute(waiting).fetchone():
                assert time.monotonic() < deadline, stack.log("beat")
                time.sleep(0.05)
        beat = stack.processes["beat"]
        beat.send_signal(signal.SIGTERM)
        time.sleep(0.5)
    try:
        assert beat.wait(timeout=60) == 0
    finally:
        stack.end("beat", signal.SIGKILL)
        stack.begin("beat")
