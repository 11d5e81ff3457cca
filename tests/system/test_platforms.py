"""From the API over beat and worker to a real Bluesky server and to X's double: counted at the platform, not by us."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.models import Integration
from tests import builders
from tests.peers.pds import Pds, PdsAccount
from tests.peers.x.process import XPeer

from .seeding import Seeder
from .stack import Program, Stack

TEXT = "Grüße 👩‍👩‍👧‍👦 aus Köln: https://example.com/ä?b=1 #straßenfest"


def connected(stack: Stack, seed: Seeder, *command: str, secrets: list[str]) -> Program:
    """A program of a new live workspace with one account, connected as an operator does it in the shell."""
    workspace = seed(builders.workspace, "live")
    stack.manage("connect", *command, "--workspace", workspace.name, stdin="\n".join(secrets) + "\n")
    return Program(stack.url, seed(builders.api_key, workspace))


def publish(program: Program, content: str, platform: str, **more: Any) -> Any:
    body = {"content": content, "platforms": [platform], "schedule_at": datetime.now(UTC).isoformat(), **more}
    return program.call("POST", "/v1/posts", body, status=201)


@pytest.fixture
def account(pds: Pds) -> PdsAccount:
    return pds.create_account("alice")


@pytest.fixture
def bluesky(stack: Stack, seed: Seeder, pds: Pds, account: PdsAccount) -> Program:
    where = ["bluesky", "--identifier", account.handle, "--service", pds.base_url]
    return connected(stack, seed, *where, secrets=[account.app_password])


@pytest.mark.peer
def test_a_post_is_live_on_a_real_bluesky_server(bluesky: Program, pds: Pds, account: PdsAccount) -> None:
    post = bluesky.wait(publish(bluesky, f"{TEXT} @{account.handle}", "bluesky")["id"], "published", "failed")
    assert post["status"] == "published", post
    [record] = pds.list_records(account.did)
    assert record["value"]["text"] == f"{TEXT} @{account.handle}"
    encoded = record["value"]["text"].encode()
    marked = {}
    for facet in record["value"]["facets"]:
        [feature] = facet["features"]
        span = encoded[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        marked[feature["$type"].partition("#")[2]] = (span, feature.get("uri") or feature.get("tag") or feature["did"])
    assert marked == {
        "link": ("https://example.com/ä?b=1", "https://example.com/ä?b=1"),
        "tag": ("#straßenfest", "straßenfest"),
        "mention": (f"@{account.handle}", account.did),
    }
    url = post["post_targets"][0]["platform_post_url"]
    assert url == f"https://bsky.app/profile/{account.handle}/post/{record['uri'].rpartition('/')[2]}"


@pytest.mark.peer
def test_a_revoked_app_password_is_no_reason_to_log_in_for_every_post(
    bluesky: Program, pds: Pds, account: PdsAccount
) -> None:
    """A session is kept: three posts, and the server saw no further sign-in than the one that connected it."""
    pds.revoke_app_password(account)
    for number in range(3):
        bluesky.wait(publish(bluesky, f"Post {number}", "bluesky")["id"], "published")
    assert len(pds.list_records(account.did)) == 3


@pytest.mark.peer
def test_too_long_for_bluesky_is_refused_before_anything_is_sent(bluesky: Program) -> None:
    body = {"content": "ä" * 301, "platforms": ["bluesky"], "schedule_at": datetime.now(UTC).isoformat()}
    answer = bluesky.session.post(f"{bluesky.url}/v1/posts", json=body, timeout=30)
    assert answer.status_code == 400
    assert {name: answer.json()[name] for name in ("code", "count", "limit")} == {
        "code": "text_too_long", "count": 301, "limit": 300,
    }  # fmt: skip


@pytest.fixture
def author(x: XPeer) -> dict[str, str]:
    return x.user(f"bob{uuid.uuid4().hex[:8]}")


@pytest.fixture
def twitter(stack: Stack, seed: Seeder, x: XPeer, author: dict[str, str]) -> Program:
    tokens = x.tokens(author["id"])
    return connected(stack, seed, "twitter", secrets=[tokens["access_token"], tokens["refresh_token"]])


def test_a_post_is_live_on_x(twitter: Program, x: XPeer, author: dict[str, str]) -> None:
    settings = {"twitter": {"who_can_reply": "following"}}
    post = twitter.wait(publish(twitter, TEXT, "twitter", platform_settings=settings)["id"], "published", "failed")
    assert post["status"] == "published", post
    [tweet] = x.tweets(author["id"])
    assert post["post_targets"][0]["platform_post_url"] == f"https://x.com/{author['username']}/status/{tweet['id']}"


def looked_at(remote_id: str) -> bool:
    """Whether a worker has looked at the account's picture. Runs in the seeder."""
    later = timezone.now() + timedelta(days=6)
    return Integration.objects.filter(remote_id=remote_id, avatar_due_at__gt=later).exists()


def test_a_worker_looks_at_the_picture_of_a_new_account(
    twitter: Program, seed: Seeder, x: XPeer, author: dict[str, str]
) -> None:
    until = time.monotonic() + 20
    while not seed(looked_at, author["id"]):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert [one["path"] for one in x.requests(author["id"])].count("/2/users/me") == 2, "one to connect it, one to look"


def test_a_lost_answer_of_x_is_looked_up_and_not_sent_again(twitter: Program, x: XPeer, author: dict[str, str]) -> None:
    x.fault("POST /2/tweets", "drop", "after")
    post = twitter.wait(publish(twitter, "Lost & found 🎉", "twitter")["id"], "published", "failed")
    assert post["status"] == "published", post
    assert len(x.tweets(author["id"])) == 1


def test_an_expired_token_is_refreshed_before_the_post_goes_out(
    twitter: Program, x: XPeer, author: dict[str, str]
) -> None:
    x.expire(author["id"])
    post = twitter.wait(publish(twitter, "After a refresh", "twitter")["id"], "published", "failed")
    assert post["status"] == "published", post
    assert len(x.tweets(author["id"])) == 1


def test_revoked_access_is_said_and_nothing_goes_out(twitter: Program, x: XPeer, author: dict[str, str]) -> None:
    x.revoke(author["id"])
    post = twitter.wait(publish(twitter, "Revoked", "twitter")["id"], "failed")
    assert post["post_targets"][0]["error"]["code"] == "account_disconnected"
    assert x.tweets(author["id"]) == []
