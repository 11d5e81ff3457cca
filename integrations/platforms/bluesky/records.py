"""The records a post is made of: the posts of its thread, and the gates that say who may answer or quote. Pure.

https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..base import Facet
from .rules import Bluesky
from .settings import QUOTE_RULES, REPLY_RULES

THREADGATE = "app.bsky.feed.threadgate"
POSTGATE = "app.bsky.feed.postgate"
_FACET = "app.bsky.richtext.facet"


def post(
    text: str,
    *,
    created: datetime,
    facets: Sequence[dict[str, Any]],
    settings: Mapping[str, Any],
    embed: Mapping[str, Any] | None,
    reply: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """One post's record. `reply`: `{"root": ref, "parent": ref}`, each `{"uri": str, "cid": str}`."""
    record: dict[str, Any] = {"$type": Bluesky.collection, "text": text, "createdAt": timestamp(created)}
    if facets:
        record["facets"] = list(facets)
    if languages := settings.get("languages"):
        record["langs"] = languages
    if labels := settings.get("labels"):
        values = [{"val": label} for label in dict.fromkeys(labels)]
        record["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    if embed:
        record["embed"] = embed
    if reply:
        record["reply"] = reply
    return record


def facets(found: Sequence[Facet], *, resolve: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """The facets as JSON. `resolve` gives the DID of a handle in lower case, or None: then it stays plain text.

    It is asked once per handle.
    """
    dids = {handle: resolve(handle) for handle in dict.fromkeys(_handle(one) for one in found if one.kind == "mention")}
    made = []
    for one in found:
        value = dids[_handle(one)] if one.kind == "mention" else one.value
        if value:
            made.append(_facet(one, value))
    return made


def threadgate(settings: Mapping[str, Any], *, of: str, created: datetime) -> dict[str, Any] | None:
    """Who may reply to the thread that begins at the URI `of`; None for everyone."""
    rules = REPLY_RULES[settings.get("who_can_reply", "everyone")]
    return None if rules is None else _gate(THREADGATE, "allow", rules, of=of, created=created)


def postgate(settings: Mapping[str, Any], *, of: str, created: datetime) -> dict[str, Any] | None:
    """Who may quote the post at the URI `of`; None for everyone."""
    rules = QUOTE_RULES[settings.get("who_can_quote", "everyone")]
    return None if rules is None else _gate(POSTGATE, "embeddingRules", rules, of=of, created=created)


def timestamp(moment: datetime) -> str:
    # https://atproto.com/specs/lexicon#datetime
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _handle(mention: Facet) -> str:
    return mention.value.lower()


def _facet(one: Facet, value: str) -> dict[str, Any]:
    name = {"link": "uri", "tag": "tag", "mention": "did"}[one.kind]
    return {
        "$type": _FACET,
        "features": [{"$type": f"{_FACET}#{one.kind}", name: value}],
        "index": {"$type": f"{_FACET}#byteSlice", "byteStart": one.start, "byteEnd": one.end},
    }


def _gate(collection: str, name: str, rules: Sequence[str], *, of: str, created: datetime) -> dict[str, Any]:
    return {
        "$type": collection,
        "post": of,
        name: [{"$type": rule} for rule in rules],
        "createdAt": timestamp(created),
    }
