import os
import re
from datetime import UTC, datetime, timedelta

from integrations.platforms.bluesky.tid import Clock, encode

from .people import NOW

# https://atproto.com/specs/tid#tid-syntax
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


def test_it_encodes_as_the_specification_says() -> None:
    assert encode(0, 0) == "2222222222222"
    assert encode((1 << 53) - 1, 1023) == "bzzzzzzzzzzzz"


def test_it_carries_the_moment_and_sorts_by_it() -> None:
    earlier, later = Clock().next(now=NOW), Clock().next(now=NOW + timedelta(microseconds=1))
    assert TID.fullmatch(earlier)
    assert earlier < later


def test_it_never_gives_a_key_twice_nor_goes_back_with_the_clock() -> None:
    clock = Clock()
    keys = [clock.next(now=NOW), clock.next(now=NOW), clock.next(now=NOW - timedelta(hours=1))]
    assert keys == sorted(set(keys))


def test_it_draws_another_clock_id_after_a_fork() -> None:
    clock = Clock()
    clock.next(now=NOW)
    ids = {clock._clock_id}
    # Sixteen processes that all draw the parent's id again: once in 2 to the power of 160.
    for _ in range(16):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            clock.next(now=datetime.now(UTC))
            os.write(write, str(clock._clock_id).encode())
            os._exit(0)
        os.waitpid(child, 0)
        ids.add(int(os.read(read, 10)))
        os.close(read)
        os.close(write)
    assert len(ids) > 1
