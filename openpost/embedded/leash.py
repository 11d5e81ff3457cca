"""A child process that does not outlive its parent, whatever ends the parent.

Linux tells the child by a signal (`PR_SET_PDEATHSIG`). Elsewhere there is no such thing: a parent that ends in order
stops its children itself, and only after a `kill -9` of the parent do they go on until somebody stops them.

The kernel watches the *thread* that forked, and forgets the wish when credentials change. So: start such children from
the main thread, and change credentials before `die_with_parent`.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1

# Loaded here and not in the child: between fork and exec as little as possible should happen.
libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(on_death: signal.Signals, *, before: Callable[[], None] | None = None) -> Callable[[], None]:
    """This will give a `preexec_fn` that leashes the child to the calling process. `before` runs in the child first."""
    parent = os.getpid()

    def leash() -> None:
        if before:
            before()
        if sys.platform == "linux":
            libc.prctl(PR_SET_PDEATHSIG, int(on_death), 0, 0, 0)
            if os.getppid() != parent:  # it died before the leash was on
                os._exit(1)

    return leash
