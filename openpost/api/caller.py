"""What the API's manners must know of whoever makes a request, and no more: whose they are, and by which key."""

import uuid
from typing import Protocol, cast

from rest_framework.request import Request


class Caller(Protocol):
    """The `user` of an authenticated request."""

    @property
    def tenant_id(self) -> uuid.UUID:
        """Whose things the caller sees and makes."""

    @property
    def key_id(self) -> uuid.UUID:
        """The API key that was shown."""


def caller_of(request: Request) -> Caller | None:
    """This will give who makes the request; None at an address that asks for no key."""
    return cast("Caller | None", request.user)
