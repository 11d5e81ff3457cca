"""Beat that ends when it is told to."""

from types import FrameType
from typing import Any

from celery.apps import beat
from celery.platforms import signals


class Beat(beat.Beat):  # type: ignore[misc]  # Celery has no types
    """Celery's, but a signal only says that the loop is to end.

    Celery's own handler writes the schedule then and there. Django's connection may be in the middle of a query at
    that moment, and it is locked by the very thread that the handler runs in: beat would wait for itself for ever.
    The loop writes the schedule when it ends, CELERY_BEAT_MAX_LOOP_INTERVAL later at most.
    """

    def install_sync_handler(self, service: Any) -> None:
        def end(_signal: int, _frame: FrameType | None) -> None:
            service._is_shutdown.set()  # not stop(): it logs, which is no thing for a handler either

        signals.update(SIGTERM=end, SIGINT=end)
