"""The whole examination, in the order in which things depend on each other."""

from collections.abc import Callable, Iterator

from django.db import DatabaseError
from redis.exceptions import RedisError

from ..health import service
from ..health.bounded import own_connection
from ..health.finding import Finding, bad
from . import accounts, addresses, keeping, mail, servers

Look = Callable[[], Iterator[Finding]]


def examine(*, offline: bool) -> Iterator[Finding]:
    """This will look at everything, one finding after the other; what is away does not keep it from the rest."""
    found = service.look()
    yield from found
    there = {finding.name: finding.ok for finding in found}
    yield from addresses.configured()
    yield from mail.configured()
    yield from keeping.files()
    if there["redis"]:
        yield from _look("redis_eviction", servers.redis)
    for name, look in _IN_THE_DATABASE.items():
        yield from _look(name, look) if there["database"] else iter([_unknown(name)])
    yield from _look("accounts", lambda: accounts.look(offline=offline)) if there["database"] else iter(())
    if not offline:
        yield from addresses.reachable()
        yield from mail.reachable()
        yield from servers.clocks_of_platforms()


def _look(name: str, look: Look) -> Iterator[Finding]:
    """What breaks off says so in its own line."""
    try:
        with own_connection():
            yield from look()
    except (DatabaseError, RedisError, OSError) as error:
        yield bad(name, f"It could not be looked at ({type(error).__name__}).", "See the lines above.")


def _unknown(name: str) -> Finding:
    return bad(name, service.UNKNOWN, "See the line about the database.")


_IN_THE_DATABASE: dict[str, Look] = {
    "postgresql": servers.postgresql,
    "clock": servers.clock_of_the_database,
    "encryption": keeping.encrypted,
    "redirect_uris": addresses.changed,
    "alerts": mail.heard,
}
