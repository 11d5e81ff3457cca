"""Posts that a post answers or quotes, by the addresses people gave. Looked up before anything is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..client import Account
from ..errors import NotNow, Rejected
from . import sorting
from .bounded import Bounds
from .repository import post_at
from .settings import POST_ADDRESS
from .xrpc import Failed

Ref = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """Where a post goes in a thread: below `parent`, in the thread that begins with `root`."""

    root: Ref
    parent: Ref

    def record(self) -> dict[str, Any]:
        return {"root": dict(self.root), "parent": dict(self.parent)}


def quoted(account: Account, address: str, *, within: Bounds) -> Ref:
    """The post to quote. Raises Rejected (`post_not_found`) or NotNow."""
    return _ref(_found(account, address, "quote", within=within))


def answered(account: Account, address: str, *, within: Bounds) -> Reply:
    """The place of a reply to the post at `address`. Raises Rejected (`post_not_found`) or NotNow."""
    parent = _found(account, address, "reply_to", within=within)
    here, value = _ref(parent), parent["value"].get("reply")
    if value is None:
        return Reply(here, here)
    root = value.get("root") if isinstance(value, dict) else None
    if not (isinstance(root, dict) and root.get("uri") and root.get("cid")):
        raise Rejected(
            f"The post at {address} does not say to which thread it belongs, so nobody can answer it. "
            "Duplicate the post, change the setting reply_to, and publish the copy.",
            code="post_not_found",
            detail=str(parent)[:500],
        )
    return Reply(_ref(root), here)


def _found(account: Account, address: str, setting: str, *, within: Bounds) -> dict[str, Any]:
    place = POST_ADDRESS.fullmatch(address)
    if place is None:
        raise Rejected(f"{setting} is not the address of a post: {address}", code="post_not_found")
    try:
        found = post_at(account, place["key"], of=place["who"], within=within)
    except Failed as failed:
        # Also for somebody whom nobody knows.
        if failed.answer and failed.answer.status in (400, 404) and failed.answer.error:
            raise Rejected(
                f"There is no post at {address} (the setting {setting}); it may have been deleted. "
                "Duplicate the post, change the setting, and publish the copy.",
                code="post_not_found",
                detail=failed.detail,
            ) from failed
        raise sorting.asking(failed) from failed
    if not (isinstance(found.get("value"), dict) and found.get("uri") and found.get("cid")):
        raise NotNow(f"The server did not say what stands at {address}.", detail=str(found)[:500])
    return found


def _ref(found: Mapping[str, Any]) -> Ref:
    return {"uri": str(found["uri"]), "cid": str(found["cid"])}
