"""How many threads of a web process may wait for servers that people have named, such as Bluesky servers of their own.

Such a server may take all the time that it is given, so a workspace asks one at a time, and all together few: the rest
of the threads stays free for everybody else.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock

from .platforms.errors import NotNow

#: Of one process, which has 8 threads unless told otherwise.
AT_ONCE = 3
#: When to come back: a server has about this long for its answer.
COME_BACK = timedelta(seconds=8)

_lock = Lock()
_asking: set[uuid.UUID] = set()


@contextmanager
def place(workspace_id: uuid.UUID) -> Iterator[None]:
    """This will hold one of the places; raises NotNow (`rate_limited`) when there is none for the workspace."""
    with _lock:
        if workspace_id in _asking or len(_asking) >= AT_ONCE:
            raise NotNow(
                "Other servers are being asked for accounts at this moment; try again in a few seconds.",
                code="rate_limited",
                retry_after=COME_BACK,
            )
        _asking.add(workspace_id)
    try:
        yield
    finally:
        with _lock:
            _asking.discard(workspace_id)
