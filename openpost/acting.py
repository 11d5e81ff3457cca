"""Who is acting: the person or key behind the request that is being answered, and from where.

Set where a request comes in, read where something is decided or put on record for good. Without a request it is the
machine: a worker, or somebody at its command line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    PERSON = "person"
    KEY = "key"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` and `name` are the person's or the key's (never the key itself); `address` is an IP address, or ""."""

    kind: Kind
    id: str = ""
    name: str = ""
    address: str = ""
    #: The person, as Django knows them.
    user: Any = None


_MACHINE = Actor(Kind.MACHINE)
_current: ContextVar[Actor] = ContextVar("actor", default=_MACHINE)


def current() -> Actor:
    return _current.get()


@contextmanager
def as_actor(actor: Actor) -> Iterator[None]:
    """This will make `actor` the one who acts, until the block ends."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)
