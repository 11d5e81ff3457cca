"""One tick: hand what is due to the workers."""

from datetime import datetime

from posts import hints, lifecycle

#: How many targets one tick hands out: the next one comes a second later.
BATCH = 500


def dispatch(*, now: datetime) -> int:
    """This will send a message for every due target, at most BATCH, and give their number.

    The rows are handed off first and the messages sent after the commit. A message that is lost is made good by the
    clock; so when the broker is away, the rest of the batch is not even tried.
    """
    due = lifecycle.hand_off(now=now, most=BATCH)
    for target_id, token, platform in due:
        if not hints.look_now(target_id=target_id, token=token, platform=platform):
            break
    return len(due)
