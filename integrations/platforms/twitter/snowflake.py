"""X's ids carry the millisecond at which X made them.

https://docs.x.com/fundamentals/x-ids
"""

from datetime import UTC, datetime, timedelta

#: The zero of the ids' clock: 4 Nov 2010, 01:42:54.657 UTC.
EPOCH = datetime.fromtimestamp(1288834974.657, tz=UTC)


def time_of(post_id: str) -> datetime:
    """When X made the post with this id, to the millisecond, by X's clock."""
    return EPOCH + timedelta(milliseconds=int(post_id) >> 22)
