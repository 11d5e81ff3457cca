"""`python -m openpost.embedded`: started by a client, see client.py. Not for people."""

import os
import sys
from pathlib import Path

from .keeper import keep


def main() -> None:
    home, name, durable, keeper_lock, report = sys.argv[1:]
    if os.fork():
        os._exit(0)  # the client is not the keeper's parent, so it need not bury it
    for descriptor in (int(keeper_lock), int(report)):
        os.set_inheritable(descriptor, False)
    keep(Path(home), name, durable=durable == "durable", report=int(report))


main()
