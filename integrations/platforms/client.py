"""How the publish engine speaks to a platform: the shape of every `client.py`. Loaded only by workers.

A publish is three calls. `prepare` may be repeated at will and may use the network (handles, blobs). Its answer is
frozen in the ledger, with the keys, before `publish` is called: the one irreversible call. Whenever the outcome of
`publish` is not known, `find` is asked before anything is sent again.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO, ClassVar, Protocol
from uuid import UUID

from .base import Draft, Medium


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
    """Where a live part is: the platform's own id for it and the address people open.

    `rest`: the parts of the thread that went out in the same call, after the first.
    """

    remote_id: str
    url: str
    rest: "tuple[Published, ...]" = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a thread that is to go out, the key we chose for it, and its place: 0 is the thread's first."""

    draft: Draft
    key: str
    number: int = 0


class Files(Protocol):
    """The files of a post, and what the platform gave for each of them. Harmless to ask again and again.

    What was uploaded once is kept with the account, so that the next try, or another post, need not do it again.
    Every method raises NotNow when this worker is about to end.
    """

    def open(self, medium: Medium) -> AbstractContextManager[BinaryIO]:
        """The file's bytes, to be read piece by piece: it may be larger than memory."""
        ...

    def kept(self, medium: Medium, *, form: str) -> dict[str, Any] | None:
        """What `keep` was given last for this file in this form, while it is good; else None."""
        ...

    def keep(
        self, medium: Medium, reference: Mapping[str, Any], *, form: str, until: datetime, ready: bool = True, said: str
    ) -> None:
        """This will keep what the platform gave for the file (JSON, no secrets), until that time.

        `form` tells apart what was made of one file: `card thumb`, or the alt text's digest where the platform keeps
        that with the file. `ready`: False while the platform still works on it. `said` is the sentence for the post's
        timeline, such as "clip.mp4 was uploaded to X (12 MB)."
        """
        ...

    def tell(self, said: str) -> None:
        """This will add a sentence to the post's timeline about something that was prepared without a file."""
        ...


class Client(Protocol):
    """One platform's network. Every call has a timeout and raises only the four errors of `errors.py`.

    Raising: before a byte has left, or when the answer proves that nothing went out: Rejected, NotNow or
    Disconnected. In every other case, Unconfirmed; an exception we did not foresee is taken for Unconfirmed.
    """

    #: How long after `publish` began a `find` that finds nothing proves that nothing went out.
    absent_after: ClassVar[timedelta]
    #: How many looks in a row must find nothing, where reading may lag behind writing.
    absences: ClassVar[int]
    #: A thread goes out in one call, all of it or nothing; else part after part, each a call.
    whole_threads: ClassVar[bool]

    def new_key(self, *, now: datetime) -> str:
        """A fresh record or idempotency key, chosen once per part before anything is sent. They rise in order."""
        ...

    def prepare(
        self, account: Account, parts: Sequence[Part], *, files: Files, now: datetime
    ) -> Sequence[dict[str, Any]]:
        """The exact JSON of each call that `publish` will make: one per part, or one for all (`whole_threads`).

        `parts` are those that are not live yet, in order. Uploads happen here. Harmless to repeat. A platform that
        still works on a file is NotNow with `waiting`.
        """
        ...

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str, after: Published | None) -> Published:
        """Make it live: the irreversible call. `after`: the live part that this one answers, in the same thread."""
        ...

    def find(
        self,
        account: Account,
        payload: Mapping[str, Any],
        *,
        key: str,
        after: Published | None,
        sent_at: datetime,
        now: datetime,
        taken: Callable[[str], bool],
    ) -> Published | None:
        """Look whether the call that began at `sent_at` made it live; None when it is not to be seen.

        `now` is by the clock that stamped `sent_at`.
        `taken` says of an id there that it is known to be another post of ours, or another part of this one.
        Raises NotNow or Disconnected when the platform could not be asked: that answers nothing.
        """
        ...
