"""An account at the strict double of X, and the client that speaks for it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.platforms.base import Draft, Medium
from integrations.platforms.client import Account, Client, Part, Published
from integrations.platforms.twitter.client import build
from tests.integrations.platforms.files import MemoryFiles
from tests.peers.x.process import XPeer


@dataclass
class Desk:
    """What the publish engine would do, in short."""

    x: XPeer
    account: Account
    client: Client
    files: MemoryFiles = field(default_factory=MemoryFiles)

    def publish(self, text: str, *media: Medium, after: Published | None = None, **settings: Any) -> Published:
        return self.send(self.payload(text, *media, **settings), after=after)

    def send(self, payload: dict[str, Any], *, after: Published | None = None) -> Published:
        return self.client.publish(self.account, payload, key="", after=after)

    def payload(self, text: str, *media: Medium, **settings: Any) -> dict[str, Any]:
        return self.prepare(Draft(text, settings, media=media))[0]

    def prepare(self, *drafts: Draft, number: int = 0, now: datetime | None = None) -> list[dict[str, Any]]:
        """`number` is the place of the first of them in its thread."""
        parts = [Part(draft, f"key {place}", place) for place, draft in enumerate(drafts, number)]
        return list(self.client.prepare(self.account, parts, files=self.files, now=now or timezone.now()))

    def find(
        self,
        text: str,
        sent_at: datetime | None = None,
        *,
        after: Published | None = None,
        payload: dict[str, Any] | None = None,
        taken: frozenset[str] = frozenset(),
    ) -> Published | None:
        return self.client.find(
            self.account,
            payload or self.payload(text),
            key="",
            after=after,
            sent_at=sent_at or timezone.now() - timedelta(seconds=5),
            now=timezone.now(),
            taken=taken.__contains__,
        )

    def live(self) -> list[dict[str, Any]]:
        """X's own records."""
        return self.x.tweets(self.account.remote_id)

    def uploads(self) -> list[dict[str, Any]]:
        """X's own records of the account's media."""
        return self.x.media(self.account.remote_id)

    def calls(self, path: str = "/2/media") -> list[str]:
        """What was asked of X under that path, in order, ids left out: `POST append`."""
        asked = [one for one in self.x.requests(self.account.remote_id) if one["path"].startswith(path)]
        return [f"{one['method']} {one['path'].rpartition('/')[2]}" for one in asked]


@pytest.fixture
def account(x: XPeer) -> Account:
    user = x.user("ada", "Ada Lovelace")
    return account_for(user, x.tokens(user["id"]))


@pytest.fixture
def desk(x: XPeer, account: Account) -> Desk:
    return Desk(x, account, build())


def account_for(user: dict[str, str], tokens: dict[str, Any]) -> Account:
    return Account(uuid.uuid4(), "twitter", user["id"], user["username"], credentials=tokens)
