"""What a look at one thing has found. Pure: for /readyz, `manage.py doctor`, the home page and the alerts alike."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"  # it works, and may not for long, or not as well as it could
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`name` is stable, for programs; `what` was found and what to `do` are sentences, the second "" when all is well.

    Neither holds a secret.
    """

    name: str
    state: State
    what: str
    do: str = ""

    @property
    def ok(self) -> bool:
        return self.state != State.BAD


def good(name: str, what: str) -> Finding:
    return Finding(name, State.OK, what)


def warning(name: str, what: str, do: str) -> Finding:
    return Finding(name, State.WARNING, what, do)


def bad(name: str, what: str, do: str) -> Finding:
    return Finding(name, State.BAD, what, do)
