"""A worker that is asked to stop, as at every restart of a dyno: it has 30 s until it is killed, and uses fewer.

It takes nothing new, and what has not reached the fence goes back at once. What is inside the fence may end, for
GRACE; then its lease is let go, so that another worker asks the platform right away, and the process ends.
"""

import logging
import os
import threading
from datetime import timedelta
from typing import Any

from celery.signals import worker_shutting_down
from django.db import Error, connection

from integrations.platforms.errors import NotNow
from openpost import clock
from posts import lifecycle
from posts.lifecycle import Failure

from .leases import keeper

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=15)

_LET_GO = Failure(
    "worker_stopped",
    "Its worker was stopped before it had ended; another one asks the platform first, if anything was sent.",
    retryable=True,
)
_asked = threading.Event()


def asked() -> bool:
    return _asked.is_set()


def require_running() -> None:
    """This will raise NotNow, due again at once, when this worker is about to end."""
    if asked():
        raise NotNow(
            "This worker is being stopped; another one goes on at once.",
            code="worker_stopping",
            retry_after=timedelta(0),
            waiting=True,
        )


@worker_shutting_down.connect
def stop(**_: Any) -> None:
    """This will let the process end within GRACE, whatever its jobs wait for."""
    if not _asked.is_set():
        _asked.set()
        threading.Thread(target=_end, name="stopping", daemon=True).start()


def _end() -> None:
    # Celery ends the process itself when all jobs have ended: then this thread goes with it.
    threading.Event().wait(GRACE.total_seconds())
    try:
        for claim in keeper.working():
            log.warning("%s is still being sent; this worker stops and another one looks", claim.target_id)
            lifecycle.let_go(claim, failure=_LET_GO, now=clock.now())
    except Error as error:
        log.warning("Leases could not be let go, they lapse by themselves: %s", error)
    finally:
        connection.close()
        os._exit(0)
