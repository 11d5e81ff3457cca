"""The three platforms: accounts, bad days to script, and the platforms' own records.

Nothing here asks our own tables what went out. The sandbox network's records are a table of its own, which knows
nothing of posts and targets. Import this only when Django is set up (stack.py).
"""

import secrets
import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import connection as database
from django.db import transaction

from integrations import connect, keys
from integrations.models import Integration, Mode, Workspace
from integrations.platforms.bluesky import connect as bluesky_sign_in
from integrations.platforms.connecting import Connection
from integrations.platforms.twitter import connect as x_sign_in

from .account import Account, Network, Record
from .stack import Stack


class Rooms:
    """The two workspaces, one live and one sandbox, with a key each."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        self.live = connect.create_workspace(name="Live", mode=Mode.LIVE, now=now)
        self.sandbox = connect.create_workspace(name="Sandbox", mode=Mode.SANDBOX, now=now)
        self.live_key = keys.create_key(workspace=self.live, name="Chaos")[1]
        self.sandbox_key = keys.create_key(workspace=self.sandbox, name="Chaos")[1]
        database.close()


class X:
    platform = queue = "twitter"
    CALLS: ClassVar = {
        "send": "POST /2/tweets",
        "send_thread": "POST /2/tweets",
        "upload": "POST /2/media/upload",
        "look": "GET /2/users/:id/tweets",
        "refresh": "POST /2/oauth2/token",
    }

    def __init__(self, stack: Stack, rooms: Rooms) -> None:
        self.peer = stack.x
        self._rooms = rooms

    def account(self) -> Account:
        user = self.peer.user(f"u{secrets.token_hex(5)}")
        tokens = self.peer.tokens(user["id"])
        found = x_sign_in.connect_with_tokens(
            access_token=tokens["access_token"], refresh_token=tokens["refresh_token"], now=datetime.now(UTC)
        )
        return _connected(self, self._rooms.live, self._rooms.live_key, found)

    def records(self, account: Account) -> list[Record]:
        tweets = self.peer.tweets(account.remote_id)
        texts = {tweet["id"]: tweet["written"] for tweet in tweets}
        return [
            Record(
                tweet["written"],
                tweet["at"] / 1000,
                texts.get(tweet["body"].get("reply", {}).get("in_reply_to_tweet_id")),
                len(tweet["media_keys"]),
            )
            for tweet in tweets
            if tweet["by"] == "api"
        ]

    def trouble(self, account: Account, call: str, do: str, when: str = "before", **how: Any) -> None:
        self.peer.fault(self.CALLS[call], do, when, user=account.remote_id, **how)

    def befell(self, account: Account, call: str) -> list[float]:
        method, path = self.CALLS[call].replace(":id", account.remote_id).split()
        asked = self.peer.requests(account.remote_id)
        return [one["at"] for one in asked if one["fault"] and (one["method"], one["path"]) == (method, path)]


class Bluesky:
    platform = queue = "bluesky"
    CALLS: ClassVar = {
        "send": "putRecord",
        "send_thread": "applyWrites",
        "upload": "uploadBlob",
        "look": "getRecord",
        "refresh": "refreshSession",
    }

    def __init__(self, stack: Stack, rooms: Rooms) -> None:
        self.pds = stack.pds
        self.bad_network = stack.network
        self._rooms = rooms

    def account(self) -> Account:
        person = self.pds.create_account("chaos")
        found = bluesky_sign_in.connect(
            identifier=person.handle,
            password=person.app_password,
            service=self.bad_network.url,
            now=datetime.now(UTC),
        )
        account = _connected(self, self._rooms.live, self._rooms.live_key, found)
        account.more["person"] = person
        return account

    def records(self, account: Account) -> list[Record]:
        # When a record was written the server does not say; `createdAt` is the author's word.
        records = self.pds.list_records(account.remote_id)
        texts = {record["uri"]: record["value"]["text"] for record in records}
        return [
            Record(
                value["text"],
                None,
                texts.get(value.get("reply", {}).get("parent", {}).get("uri")),
                len(value.get("embed", {}).get("images", ())),
            )
            for value in (record["value"] for record in records)
        ]

    def trouble(self, account: Account, call: str, do: str, when: str = "before", **how: Any) -> None:
        self.bad_network.fault(self.CALLS[call], do, when, user=account.remote_id, **how)

    def befell(self, account: Account, call: str) -> list[float]:
        asked = [one for one in list(self.bad_network.requests) if one["user"] == account.remote_id]
        return [one["at"] for one in asked if one["fault"] and one["path"].endswith(self.CALLS[call])]


class Sandbox:
    """Its bad days are words in the text, which the product itself ships: it has no `trouble`."""

    platform = "sandbox"

    def __init__(self, stack: Stack, rooms: Rooms, queue: str) -> None:
        self.queue = queue
        self._stack = stack
        self._rooms = rooms

    def account(self) -> Account:
        name = f"sandbox-{secrets.token_hex(6)}"
        row = Integration.objects.create(
            workspace=self._rooms.sandbox,
            platform=self.queue,
            remote_id=name,
            username=name,
            connected_at=datetime.now(UTC),
        )
        database.close()
        return Account(self, str(row.id), name, self._rooms.sandbox_key)

    def records(self, account: Account) -> list[Record]:
        rows = self._stack.sql(
            "SELECT one.text, extract(epoch FROM one.received_at)::float8, before.text, jsonb_array_length(one.media)"
            " FROM integrations_sandboxpost one LEFT JOIN integrations_sandboxpost before ON before.id = one.answers_id"
            " WHERE one.integration_id = %s ORDER BY one.received_at",
            uuid.UUID(account.integration_id),
        )
        return [
            Record(str(text), float(str(at)), str(answers) if answers else None, int(str(files)))
            for text, at, answers, files in rows
        ]

    def trouble(self, account: Account, call: str, do: str, when: str = "before", **how: Any) -> None:
        raise NotImplementedError("write its words into the text")

    def befell(self, account: Account, call: str) -> list[float]:
        raise NotImplementedError("its words leave no trace of their own")


def all_networks(stack: Stack) -> dict[str, Network]:
    """By the names that cases use. `solo` are sandbox accounts whose queue none of the usual workers takes from."""
    rooms = Rooms()
    return {
        "twitter": X(stack, rooms),
        "bluesky": Bluesky(stack, rooms),
        "sandbox": Sandbox(stack, rooms, "mastodon"),
        "solo": Sandbox(stack, rooms, "threads"),
    }


def _connected(network: Network, workspace: Workspace, key: str, found: Connection) -> Account:
    with transaction.atomic():
        row = connect.connect(workspace=workspace, platform=network.queue, connection=found, now=datetime.now(UTC))
        # A look at its picture would take what is to befall a post.
        Integration.objects.filter(id=row.id).update(avatar_due_at=None)
    database.close()  # some cases restart PostgreSQL, and a connection kept until then would be dead
    return Account(network, str(row.id), row.remote_id, key)
