"""What a thread becomes before it is sent: the records of its posts and its gates. All of it may be repeated."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from atproto_client import models

from ..base import Facet
from ..client import Account, Files, Part
from . import embeds, records, sorting
from .bounded import Bounds
from .facets import facets
from .references import Reply, answered, quoted
from .repository import cid_of, server, uri
from .xrpc import Failed, bounds, query

Record = dict[str, Any]


def posts(account: Account, parts: Sequence[Part], *, files: Files, now: datetime) -> list[tuple[str, Record]]:
    """The records of the thread's posts, each with its key. Each answers the one before.

    What may be refused or may have to wait comes before what would have to be made anew with each try.
    """
    settings = parts[0].draft.settings
    within = bounds()  # for all posts and handles together
    quote = quoted(account, settings["quote"], within=within) if "quote" in settings else None
    reply = answered(account, settings["reply_to"], within=within) if "reply_to" in settings else None
    found = [facets(part.draft.text) for part in parts]
    linked = [_with_dids(account, one, within=within) for one in found]
    below = [embeds.media(account, part.draft.media, files=files, now=now) for part in parts]
    if quote:
        below[0] = embeds.quoting(quote, below[0])
    if settings.get("link_card", True):
        cards = embeds.Cards(account, files=files)
        below = [embed or cards.first(one) for embed, one in zip(below, found, strict=True)]
    made: list[tuple[str, Record]] = []
    for number, part in enumerate(parts):
        record = records.post(
            part.draft.text,
            created=now + timedelta(milliseconds=number),  # readers may sort by it
            facets=linked[number],
            settings=settings,
            embed=below[number],
            reply=reply.record() if reply else None,
        )
        made.append((part.key, record))
        this = {"uri": uri(account, part.key), "cid": cid_of(record)}
        reply = Reply(reply.root if reply else this, this)
    return made


def gates(account: Account, parts: Sequence[Part], *, now: datetime) -> list[tuple[str, str, Record]]:
    """What says who may reply, beside the first post, and who may quote, beside each: collection, key and record."""
    settings = parts[0].draft.settings
    root = parts[0].key
    gate = records.threadgate(settings, of=uri(account, root), created=now)
    made = [(records.THREADGATE, root, gate)] if gate else []
    for part in parts:
        gate = records.postgate(settings, of=uri(account, part.key), created=now)
        made += [(records.POSTGATE, part.key, gate)] if gate else []
    return made


def _with_dids(account: Account, found: Sequence[Facet], *, within: Bounds) -> list[dict[str, Any]]:
    return records.facets(found, resolve=lambda handle: _did(account, handle, within=within))


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
