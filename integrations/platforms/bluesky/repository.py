"""An account's repository: on which server it is, what a record in it is called, and what stands there."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import libipld
from atproto_client import models

from ..client import Account
from .bounded import Bounds
from .rules import Bluesky
from .xrpc import query

POST = Bluesky.collection
#: Before the digest in every record's CID: version 1, DAG-CBOR, SHA-256 of 32 bytes.
#: https://atproto.com/specs/data-model#link-and-cid-formats
_CID_PREFIX = bytes((0x01, 0x71, 0x12, 0x20))


def server(account: Account) -> str:
    """The address of the server that holds the account's records."""
    return str(account.credentials.get("pds") or account.credentials["service"])


def token(account: Account) -> str:
    return str(account.credentials["access_jwt"])


def uri(account: Account, key: str, collection: str = POST) -> str:
    return f"at://{account.remote_id}/{collection}/{key}"


def post_at(account: Account, key: str, *, of: str = "", within: Bounds | None = None) -> dict[str, Any]:
    """The post at a key, of the account itself or `of` somebody else: `uri`, `cid`, `value`. Raises Failed.

    Anybody may read it, so no token is sent: one that has expired would hide it. Of people on other servers our own
    asks the network.
    """
    where = models.ComAtprotoRepoGetRecord.Params(repo=of or account.remote_id, collection=POST, rkey=key)
    return query(server(account), "com.atproto.repo.getRecord", where, within=within)


def cid_of(record: Mapping[str, Any]) -> str:
    """What the server will call exactly this record: the digest of its one canonical form."""
    return str(libipld.encode_cid(_CID_PREFIX + sha256(libipld.encode_dag_cbor(_linked(record))).digest()))


def _linked(value: Any) -> Any:
    """The value with its links to files as the encoder knows them: as bytes."""
    if isinstance(value, Mapping):
        if value.keys() == {"$link"}:
            return libipld.decode_multibase(value["$link"])[1]
        return {name: _linked(item) for name, item in value.items()}
    return [_linked(item) for item in value] if isinstance(value, list) else value
