"""Looking whether there is anything to tell people of, and telling them.

Not by beat: it could not tell that beat is dead, nor that the broker is away. Every worker process looks by its own
timer; of all of them one does each round. When no worker lives, a web process does it whenever somebody asks /readyz.
"""

import logging
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from celery.signals import worker_ready
from django.db import DatabaseError, connection, transaction

from integrations.webhooks import fan_out
from openpost import clock

from . import pulse
from .alerts import causes, sending
from .health import service
from .health.finding import Finding

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=15)
#: Whoever makes alerts holds this advisory lock. A number of our own choice, like every such key.
LOCK = 0x0_4F50_414C  # "OPAL"


def round_(*, now: datetime) -> None:
    """This will do one round, unless another process has just done it, or does."""
    if not pulse.beat(now=now, name=pulse.WATCH, every=EVERY):
        return
    findings = service.look()
    # Events have their places by beat's tick, else: this may be what is told.
    fan_out.place(now=now)
    with transaction.atomic():
        if _alone():
            causes.of_the_feed(now=now)
            causes.of_late_posts(now=now)
            causes.of_the_service(findings, now=now)
            causes.cure(now=now)
            causes.forget(now=now)
            sending.write(now=now)
    sending.send(now=now)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


class Watch:
    """A worker's own timer."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """This will look again and again until the process ends. Celery calls it after each reconnection, too."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY.total_seconds()):
            look_and_tell()


def look_and_tell() -> None:
    """This will do one round in this thread, whatever goes wrong in it."""
    try:
        round_(now=clock.now())
    except DatabaseError as error:
        log.warning("Nobody could be told of anything: %s", error)
    except Exception:
        log.exception("A round of alerts broke; the next begins anew")
    finally:
        connection.close()


watch = Watch()
_stand_in: threading.Thread | None = None
_standing_in = threading.Lock()


def if_nobody_does(findings: Iterable[Finding]) -> None:
    """This will do a round in a thread of this web process when no worker is there to do it."""
    global _stand_in
    seen = {finding.name: finding.ok for finding in findings}
    if seen["workers"] or not seen["database"] or not _standing_in.acquire(blocking=False):
        return
    try:
        if _stand_in is None or not _stand_in.is_alive():
            _stand_in = threading.Thread(target=look_and_tell, name="watch", daemon=True)
            _stand_in.start()
    finally:
        _standing_in.release()


def _begin(**_: Any) -> None:
    watch.begin()


worker_ready.connect(_begin)
