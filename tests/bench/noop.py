"""Celery and nothing else: a task that does nothing, under the service's own settings and the Procfile's worker."""

from openpost.celery import app

__all__ = ["app"]

TASK = "bench.nothing"
QUEUE = "bench"


@app.task(name=TASK)  # type: ignore[untyped-decorator]  # Celery has no types
def nothing(*_ids: str) -> None:
    """This will do nothing."""
