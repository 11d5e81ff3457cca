"""How the publish engine speaks to a platform: the shape of every `client.py`. Loaded only by workers.

A publish is three calls. `prepare` may be repeated at will and may use the network (handles, blobs). Its answer is
frozen in the ledger, with the key, before `publish` is called: the one irreversible call. Whenever the outcome of
`publish` is not known, `find` is asked before anything is sent again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol
from uuid import UUID

from .base import Draft


@dataclass(frozen=True, slots=True)
class Account:
    """The account a client speaks for. Credentials never show in a repr, so never in a log or a traceback."""

    integration_id: UUID
    platform: str
    remote_id: str
    username: str
    credentials: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Published:
    """Where a live post is: the platform's own id for it and the address people open."""

    remote_id: str
    url: str


class Client(Protocol):
    """One platform's network. Every call has a timeout and raises only the four errors of `errors.py`.

    Raising: before a byte has left, or when the answer proves that nothing went out: Rejected, NotNow or
    Disconnected. In every other case, Unconfirmed; an exception we did not foresee is taken for Unconfirmed.
    """

    #: How long after `publish` began a `find` that finds nothing proves that nothing went out.
    absent_after: ClassVar[timedelta]
    #: How many looks in a row must find nothing, where reading may lag behind writing.
    absences: ClassVar[int]

    def new_key(self, *, now: datetime) -> str:
        """A fresh record or idempotency key, chosen once per part before anything is sent."""
        ...

    def prepare(self, account: Account, draft: Draft, *, key: str, now: datetime) -> dict[str, Any]:
        """The exact JSON that `publish` will send. Harmless to repeat."""
        ...

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str) -> Published:
        """Make it live: the irreversible call."""
        ...

    def find(
        self,
        account: Account,
        payload: Mapping[str, Any],
        *,
        key: str,
        sent_at: datetime,
        now: datetime,
        taken: Callable[[str], bool],
    ) -> Published | None:
        """Look whether the call that began at `sent_at` made it live; None when it is not to be seen.

        `now` is by the clock that stamped `sent_at`.
        `taken` says of an id there that it is known to be another post of ours.
        Raises NotNow or Disconnected when the platform could not be asked: that answers nothing.
        """
        ...
