"""All cases, in the order of the table."""

from . import refresh, steps, troubles
from .case import Case


def cases() -> list[Case]:
    return [*steps.cases(), *refresh.cases(), *troubles.cases()]
