"""Publishing to Bluesky, on whatever server the account lives.

The record key is ours and the whole record is frozen before it is sent: `putRecord` with `swapRecord: null` creates it
or, when the very same record is there already, does nothing. So the same payload may be sent without end, and there
is one post. (`createRecord` answers a second time with HTTP 500.)
https://docs.bsky.app/docs/api/com-atproto-repo-put-record
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from atproto_client import models

from ..client import Account, Client, Files, Part, Published
from ..errors import Rejected, Unconfirmed
from . import sorting, tid
from .bounded import Bounds
from .facets import facets
from .rules import Bluesky
from .xrpc import Failed, bounds, procedure, query

COLLECTION = Bluesky.collection
WEB = "https://bsky.app"

_keys = tid.Clock()


def build() -> Client:
    """The client the registry names."""
    return BlueskyClient()


class BlueskyClient:
    """Keeps no state: the account, with its session and its server, comes with each call."""

    # The write is atomic and reading is not cached: what is not there was not written. And if it were written a moment
    # later, sending it again would change nothing.
    absent_after: ClassVar[timedelta] = timedelta(0)
    absences: ClassVar[int] = 1
    whole_threads: ClassVar[bool] = True

    def new_key(self, *, now: datetime) -> str:
        """A record key: a TID no other call will give."""
        return _keys.next(now=now)

    def prepare(
        self, account: Account, parts: Sequence[Part], *, files: Files, now: datetime
    ) -> Sequence[dict[str, Any]]:
        """The body of `putRecord`. Looks up the mentioned handles; raises NotNow when that was not possible."""
        (part,) = parts
        draft, key = part.draft, part.key
        record: dict[str, Any] = {"$type": COLLECTION, "text": draft.text, "createdAt": _timestamp(now)}
        within = bounds()  # for all handles together
        found = facets(draft.text, resolve=lambda handle: _did(account, handle, within=within))
        if found:
            record["facets"] = found
        call = {
            "repo": account.remote_id,
            "collection": COLLECTION,
            "rkey": key,
            "validate": True,
            "record": record,
            "swapRecord": None,
        }
        return [call]

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str, after: Published | None) -> Published:
        try:
            answer = procedure(
                server(account), "com.atproto.repo.putRecord", payload, token=account.credentials["access_jwt"]
            )
        except Failed as failed:
            raise sorting.sending(failed) from failed
        if answer.get("uri") != _uri(account, key):
            raise Unconfirmed("Bluesky's answer was not about this post.", detail=str(answer))
        return _published(account, key)

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
        """Raises Rejected when another post stands at the key: ours was not written and nothing was overwritten."""
        where = models.ComAtprotoRepoGetRecord.Params(repo=account.remote_id, collection=COLLECTION, rkey=key)
        try:
            answer = query(server(account), "com.atproto.repo.getRecord", where)
        except Failed as failed:
            if failed.error == "RecordNotFound":
                return None
            raise sorting.asking(failed) from failed
        if _words(answer.get("value")) != _words(payload["record"]):
            raise Rejected(
                f"A different post stands where this one belongs: {_published(account, key).url}. "
                "It was left as it is. Look at it; if this one shall go out too, duplicate it and publish the copy.",
                code="key_taken",
                detail=str(answer),
            )
        return _published(account, key)


def server(account: Account) -> str:
    """The address of the server that holds the account's posts."""
    return str(account.credentials.get("pds") or account.credentials["service"])


def _did(account: Account, handle: str, *, within: Bounds) -> str | None:
    """The DID behind a handle; None when the server knows that there is none."""
    try:
        answer = query(
            server(account),
            "com.atproto.identity.resolveHandle",
            models.ComAtprotoIdentityResolveHandle.Params(handle=handle),
            within=within,
        )
    except Failed as failed:
        if failed.answer and failed.answer.status == 400:
            return None
        raise sorting.asking(failed) from failed
    return str(answer["did"]) if answer.get("did") else None


def _words(record: object) -> dict[str, Any]:
    """What a post says, without what another preparing of the same post may have found."""
    fields = record if isinstance(record, dict) else {}
    return {name: value for name, value in fields.items() if name not in ("createdAt", "facets")}


def _timestamp(now: datetime) -> str:
    # https://atproto.com/specs/lexicon#datetime
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _uri(account: Account, key: str) -> str:
    return f"at://{account.remote_id}/{COLLECTION}/{key}"


def _published(account: Account, key: str) -> Published:
    who = account.username or account.remote_id
    return Published(remote_id=_uri(account, key), url=f"{WEB}/profile/{quote(who, safe=':')}/post/{key}")
