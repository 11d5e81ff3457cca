"""All cases, in the order of the table."""

from . import infrastructure, media, refresh, steps, threads, troubles, workers
from .case import Case


def cases() -> list[Case]:
    return [
        *steps.cases(),
        *threads.cases(),
        *media.cases(),
        *refresh.cases(),
        *troubles.cases(),
        *workers.cases(),
        *infrastructure.cases(),
    ]
