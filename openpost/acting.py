"""Who is acting: the person or key behind the request that is being answered, and from where.

Set where a request comes in, read where something is decided or put on record for good. Without a request it is the
machine: a worker, or somebody at its command line.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


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


def become(actor: Actor) -> None:
    """This will make `actor` the one who acts until the request has been answered: an API key has been shown."""
    _current.set(actor)


def middleware(get_response: GetResponse) -> GetResponse:
    """This will say who acts while a request is answered: at first the person who is signed in, or nobody yet."""

    def named(request: HttpRequest) -> HttpResponse:
        who = Actor(Kind.PERSON, address=client_address(request))
        # Without the cookie there is no session to ask, and the answer need not vary by it.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            user = request.user
            who = replace(who, id=str(user.pk), name=user.get_username(), user=user)
        with as_actor(who):
            return get_response(request)

    return named


def client_address(request: HttpRequest) -> str:
    """The address a request comes from, as far as it can be believed; "" when there is none.

    Each proxy of ours adds to `X-Forwarded-For` whom it has spoken to. So of the names in it, the last TRUSTED_PROXIES
    were written by ours, and the first of these is the client. What stands before them anybody may have made up.
    """
    written = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    proxies = settings.TRUSTED_PROXIES
    found = written[-proxies] if 0 < proxies <= len(written) else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(found))
    except ValueError:
        return ""
