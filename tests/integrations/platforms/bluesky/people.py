"""Builders: the accounts and texts of these tests."""

import base64
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.platforms.base import Draft
from integrations.platforms.bluesky import connect
from integrations.platforms.bluesky.client import BlueskyClient
from integrations.platforms.client import Account, Files, Part, Published
from tests.integrations.platforms.files import MemoryFiles
from tests.peers.pds import Pds, PdsAccount

NOW = datetime(2026, 11, 24, 9, 30, 0, 123456, UTC)
DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"

CLIENT = BlueskyClient()

Payload = dict[str, Any]


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


def parts(*drafts: Draft | str, now: datetime | None = None) -> list[Part]:
    """A thread of these, with a fresh key for each."""
    moment = now or datetime.now(UTC)
    whole = [Draft(draft) if isinstance(draft, str) else draft for draft in drafts]
    return [Part(draft, CLIENT.new_key(now=moment)) for draft in whole]


def prepare(
    who: Account, thread: Sequence[Part], *, files: Files | None = None, now: datetime | None = None
) -> Payload:
    """What `publish` will send for these parts."""
    (payload,) = CLIENT.prepare(who, thread, files=files or MemoryFiles(), now=now or datetime.now(UTC))
    return payload


def prepared(who: Account, *drafts: Draft | str, files: Files | None = None) -> Payload:
    """What `publish` will send for a thread of these, under fresh keys."""
    return prepare(who, parts(*drafts), files=files)


def publish(who: Account, payload: Payload) -> Published:
    return CLIENT.publish(who, payload, key="", after=None)


def find(who: Account, payload: Payload) -> Published | None:
    """Looking goes by the keys in the payload alone."""
    now = datetime.now(UTC)
    return CLIENT.find(who, payload, key="", after=None, sent_at=now, now=now, taken=lambda _: False)


def at(service: str, who: Account, **credentials: str) -> Account:
    """The same account, reached at another address or with other credentials."""
    held = {**who.credentials, "service": service, **credentials}
    return Account(who.integration_id, who.platform, who.remote_id, who.username, held)


def token(**claims: object) -> str:
    """An unsigned JWT."""
    return ".".join(
        base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in ("{}", json.dumps(claims), "signature")
    )


def session(**changes: object) -> dict[str, Any]:
    """What a server answers to a sign-in."""
    access = token(scope="com.atproto.appPass", exp=int(NOW.timestamp()) + 7200)
    return {"did": DID, "handle": "ann.test", "accessJwt": access, "refreshJwt": token(exp=1), **changes}
