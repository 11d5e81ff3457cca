"""An account at the strict double of X, and the client that speaks for it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.platforms.base import Draft
from integrations.platforms.client import Account, Client, Published
from integrations.platforms.twitter.client import build
from tests.peers.x.process import XPeer


@dataclass
class Desk:
    """What the publish engine would do, in short."""

    x: XPeer
    account: Account
    client: Client

    def publish(self, text: str, **settings: str) -> Published:
        return self.client.publish(self.account, self.payload(text, **settings), key="")

    def payload(self, text: str, **settings: str) -> dict[str, Any]:
        return self.client.prepare(self.account, Draft(text, settings), key="", now=timezone.now())

    def find(self, text: str, sent_at: datetime | None = None) -> Published | None:
        sent_at = sent_at or timezone.now() - timedelta(seconds=5)
        return self.client.find(
            self.account, self.payload(text), key="", sent_at=sent_at, now=timezone.now(), taken=lambda _: False
        )

    def live(self) -> list[dict[str, Any]]:
        """X's own records."""
        return self.x.tweets(self.account.remote_id)


@pytest.fixture
def account(x: XPeer) -> Account:
    user = x.user("ada", "Ada Lovelace")
    return account_for(user, x.tokens(user["id"]))


@pytest.fixture
def desk(x: XPeer, account: Account) -> Desk:
    return Desk(x, account, build())


def account_for(user: dict[str, str], tokens: dict[str, Any]) -> Account:
    return Account(uuid.uuid4(), "twitter", user["id"], user["username"], credentials=tokens)
