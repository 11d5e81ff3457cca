"""Builders: the accounts and texts of these tests."""

import base64
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from integrations.platforms.base import Draft
from integrations.platforms.bluesky import connect
from integrations.platforms.bluesky.client import BlueskyClient
from integrations.platforms.client import Account
from tests.peers.pds import Pds, PdsAccount

NOW = datetime(2026, 11, 24, 9, 30, 0, 123456, UTC)
DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"

CLIENT = BlueskyClient()


def account(service: str, **credentials: str) -> Account:
    """An account at `service`, as far as we know."""
    held = {
        "service": service, "pds": "", "did": DID, "handle": "ann.test",
        "access_jwt": "access", "refresh_jwt": "refresh", "app_password": "app-pass-word", **credentials,
    }  # fmt: skip
    return Account(uuid.uuid4(), "bluesky", held["did"], held["handle"], held)


def connected(pds: Pds, person: PdsAccount) -> Account:
    """The account of a real person, connected by app password as our command does it."""
    made = connect.connect(
        identifier=person.handle, password=person.app_password, service=pds.base_url, now=datetime.now(UTC)
    )
    return Account(uuid.uuid4(), "bluesky", made.remote_id, made.username, made.tokens.credentials)


def prepared(who: Account, text: str) -> tuple[str, dict[str, Any]]:
    """A fresh key, and what `publish` will send under it."""
    now = datetime.now(UTC)
    key = CLIENT.new_key(now=now)
    return key, CLIENT.prepare(who, Draft(text), key=key, now=now)


def token(**claims: object) -> str:
    """An unsigned JWT."""
    return ".".join(
        base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in ("{}", json.dumps(claims), "signature")
    )


def session(**changes: object) -> dict[str, Any]:
    """What a server answers to a sign-in."""
    access = token(scope="com.atproto.appPass", exp=int(NOW.timestamp()) + 7200)
    return {"did": DID, "handle": "ann.test", "accessJwt": access, "refreshJwt": token(exp=1), **changes}
