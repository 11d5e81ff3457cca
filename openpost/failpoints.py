"""Named steps at which a test can make a process die, stand still or wait: how the tests prove what a crash does.

Outside tests `reach` does nothing at all. With the setting FAILPOINTS, which refuses to be on without DEBUG, it names a
folder: a file `<step>@<subject>` or `<step>` in it strikes the first process that gets there, once. What the file says
is done: `kill` (SIGKILL to ourselves), `stop` (SIGSTOP), `sleep <seconds>` or `note`. The file is then renamed to
`<its name>.struck` and holds the process's id.
"""

import os
import signal
import time
from pathlib import Path

from django.conf import settings


def _nothing(step: str, subject: object = "") -> None:
    """This will do nothing: production has no failpoints."""


def _strike(step: str, subject: object = "") -> None:
    """This will do what a test has armed for this step, if anything."""
    for name in (f"{step}@{subject}", step):
        armed = Path(settings.FAILPOINTS) / name
        taken = armed.with_name(f"{name}.{os.getpid()}")
        try:
            armed.rename(taken)  # of several processes, one succeeds
        except FileNotFoundError:
            continue
        what, _, seconds = taken.read_text().strip().partition(" ")
        taken.write_text(str(os.getpid()))
        taken.rename(armed.with_name(f"{name}.struck"))
        match what:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
                time.sleep(1)  # another thread may be the one that takes the signal: this one must not run on meanwhile
            case "sleep":
                time.sleep(float(seconds))
        return


reach = _strike if settings.FAILPOINTS else _nothing
