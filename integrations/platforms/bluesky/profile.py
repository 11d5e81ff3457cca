"""What an account says of itself in its profile. Loaded by workers.

The profile is a record, and the picture a file, of the account's own server: anybody may read both there. So no other
service is asked, which would have to know that server, and no token is sent.
"""

from datetime import datetime
from urllib.parse import urlencode

from atproto_client import models

from ..client import Account
from . import sorting
from .repository import server
from .xrpc import Failed, bounds, query

WITHIN = 8.0  # seconds


def picture(account: Account, *, now: datetime) -> str:
    """The address of the account's picture; "" for an account without one. Raises a PublishError.

    https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/actor/profile.json
    https://docs.bsky.app/docs/api/com-atproto-sync-get-blob
    """
    where = models.ComAtprotoRepoGetRecord.Params(
        repo=account.remote_id, collection="app.bsky.actor.profile", rkey="self"
    )
    try:
        answer = query(server(account), "com.atproto.repo.getRecord", where, within=bounds(WITHIN))
    except Failed as failed:
        if failed.error == "RecordNotFound":
            return ""
        raise sorting.asking(failed) from failed
    try:
        named = {"did": account.remote_id, "cid": str(answer["value"]["avatar"]["ref"]["$link"])}
    except (KeyError, TypeError):
        return ""
    return f"{server(account)}/xrpc/com.atproto.sync.getBlob?{urlencode(named)}"
