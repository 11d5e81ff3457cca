"""All cases, in the order of the table."""

from . import infrastructure, refresh, steps, troubles, workers
from .case import Case


def cases() -> list[Case]:
    return [*steps.cases(), *refresh.cases(), *troubles.cases(), *workers.cases(), *infrastructure.cases()]
