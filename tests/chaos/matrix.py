"""All cases, in the order of the table."""

from . import steps
from .case import Case


def cases() -> list[Case]:
    return [*steps.cases()]
