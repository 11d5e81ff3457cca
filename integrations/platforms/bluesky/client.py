"""Publishing to Bluesky, on whatever server the account lives.

The record keys are ours and whole records are frozen before they are sent. A single post goes by `putRecord` with
`swapRecord: null`, which creates it or, when the very same record is there already, does nothing: the same payload may
be sent without end, and there is one post. (`createRecord` answers a second time with HTTP 500.) A thread, or a post
with a gate, goes by one `applyWrites`: all of it or nothing. A second time that is refused with HTTP 500, since its
keys are taken: then looking shows that they are ours.
https://docs.bsky.app/docs/api/com-atproto-repo-put-record
https://docs.bsky.app/docs/api/com-atproto-repo-apply-writes
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from ..client import Account, Client, Files, Part, Published
from ..errors import Rejected, Unconfirmed
from . import preparing, sorting, tid
from .repository import POST, cid_of, post_at, server, token, uri
from .xrpc import Failed, body_of, bounds, procedure

WEB = "https://bsky.app"
_CREATE = "com.atproto.repo.applyWrites#create"
# https://github.com/bluesky-social/atproto/blob/main/packages/pds/src/api/com/atproto/repo/applyWrites.ts
MOST_WRITES = 200
MOST_BYTES = 1_000_000

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
        """The body of the one call. Looks up handles and posts, uploads files, reads the pages of cards."""
        posts = preparing.posts(account, parts, files=files, now=now)
        gates = preparing.gates(account, parts, now=now)
        if len(posts) == 1 and not gates:
            ((key, record),) = posts
            return [_put(account, key, record)]
        return [_apply(account, [*((POST, key, record) for key, record in posts), *gates])]

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str, after: Published | None) -> Published:
        """Raises Unconfirmed when the server does not name the very records that were sent."""
        method = "applyWrites" if "writes" in payload else "putRecord"
        try:
            answer = procedure(server(account), f"com.atproto.repo.{method}", payload, token=token(account))
        except Failed as failed:
            raise sorting.sending(failed) from failed
        if not _is_about(answer, account, payload):
            raise Unconfirmed("Bluesky's answer was not about this post.", detail=str(answer))
        return _published(account, payload)

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
        """Raises Rejected when another post stands at one of the keys: ours was not written, nothing overwritten.

        Where one part is just as it was sent, all are: they were written together. One with the same words only is of
        another preparing, of a thread that may have had other parts: then each must be there.
        """
        within = bounds()  # for all keys together
        sent, here = list(_sent(payload)), []
        for place, record in sent:
            try:
                answer = post_at(account, place, within=within)
            except Failed as failed:
                if failed.error == "RecordNotFound":
                    continue
                raise sorting.asking(failed) from failed
            if _words(answer.get("value")) != _words(record):
                raise _taken(account, place, answer)
            if answer.get("cid") == cid_of(record):
                return _published(account, payload)
            here.append((place, answer))
        if here and len(here) < len(sent):
            raise _taken(account, *here[0])
        return _published(account, payload) if here else None


def _put(account: Account, key: str, record: dict[str, Any]) -> dict[str, Any]:
    return {
        "repo": account.remote_id,
        "collection": POST,
        "rkey": key,
        "validate": True,
        "record": record,
        "swapRecord": None,
    }


def _apply(account: Account, writes: Sequence[tuple[str, str, dict[str, Any]]]) -> dict[str, Any]:
    call = {
        "repo": account.remote_id,
        "validate": True,
        "writes": [
            {"$type": _CREATE, "collection": collection, "rkey": key, "value": value}
            for collection, key, value in writes
        ],
    }
    if len(writes) > MOST_WRITES or len(body_of(call)) > MOST_BYTES:
        raise Rejected(
            "The thread is larger than Bluesky takes in one piece. Duplicate the post and shorten the copy.",
            code="thread_too_long",
        )
    return call


def _sent(payload: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The posts of a payload, the first of the thread first: keys and records."""
    if "writes" not in payload:
        yield payload["rkey"], payload["record"]
    for write in payload.get("writes", ()):
        if write["collection"] == POST:
            yield write["rkey"], write["value"]


def _is_about(answer: Mapping[str, Any], account: Account, payload: Mapping[str, Any]) -> bool:
    """Whether the server says of exactly the records we sent that they are there."""
    if "writes" not in payload:
        return bool(answer.get("uri") == uri(account, payload["rkey"]))
    results = answer.get("results")
    said = [result for result in results if isinstance(result, dict)] if isinstance(results, list) else []
    return [(result.get("uri"), result.get("cid")) for result in said] == [
        (uri(account, write["rkey"], write["collection"]), cid_of(write["value"])) for write in payload["writes"]
    ]


def _taken(account: Account, place: str, answer: Mapping[str, Any]) -> Rejected:
    return Rejected(
        f"A different post stands where this one belongs: {_one(account, place).url}. It was left as it "
        "is. Look at it; if this one shall go out too, duplicate it and publish the copy.",
        code="key_taken",
        detail=str(answer),
    )


def _words(record: object) -> dict[str, Any]:
    """What a post says, without what another preparing of the same post may have found."""
    fields = record if isinstance(record, dict) else {}
    return {name: fields.get(name) for name in ("text", "langs", "labels")}


def _published(account: Account, payload: Mapping[str, Any]) -> Published:
    first, *rest = (_one(account, key) for key, _ in _sent(payload))
    return Published(first.remote_id, first.url, rest=tuple(rest))


def _one(account: Account, key: str) -> Published:
    who = account.username or account.remote_id
    return Published(remote_id=uri(account, key), url=f"{WEB}/profile/{quote(who, safe=':')}/post/{key}")
