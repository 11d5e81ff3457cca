"""DELETE /v1/integrations/{id}: an account is let go of; its posts stay, and it can be connected again."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from integrations import connect, refresh_claim, tokens
from integrations.models import Integration
from integrations.platforms.connecting import Connection, Tokens
from integrations.platforms.errors import Disconnected
from openpost import clock
from posts.models import PostTarget
from publishing import publish
from tests import builders
from tests.peers.pds import Pds
from tests.peers.x.process import XPeer

pytestmark = pytest.mark.django_db


def at_x(x: XPeer) -> Integration:
    """A live account at the double of X."""
    user = x.user("ada", "Ada")
    found = Connection(user["id"], "ada", "Ada", Tokens(x.tokens(user["id"]), timezone.now() + timedelta(hours=2)))
    return connect.connect(
        workspace=builders.workspace("live"), platform="twitter", connection=found, now=timezone.now()
    )


def let_go(account: Integration) -> dict[str, Any]:
    answer = builders.client(account.workspace).delete(f"/v1/integrations/{account.id}")
    assert answer.status_code == 200, answer.content
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_it_forgets_the_credentials_ends_the_access_at_x_and_keeps_the_account(x: XPeer) -> None:
    account = at_x(x)
    said = let_go(account)
    assert (said["id"], said["status"], said["ended_at_platform"]) == (str(account.id), "disconnected", True)
    assert "Disconnected by API key “Tests”" in said["status_reason"]
    row = Integration.objects.get()
    assert (row.credentials, row.token_expires_at, row.username) == ({}, None, "ada")
    assert not x.families()[0]["alive"]


def test_it_says_how_many_scheduled_posts_wait_for_the_account_and_keeps_them() -> None:
    workspace = builders.workspace()
    scheduled = [builders.post(workspace, at=builders.soon(hours=hour)) for hour in (1, 2)]
    builders.post(workspace)
    builders.published(workspace)
    said = let_go(builders.account(workspace))
    assert (said["scheduled_posts"], said["ended_at_platform"]) == (2, None)
    for post in scheduled:
        post.refresh_from_db()
        assert (post.status, builders.target(post).status) == ("scheduled", "pending")


@pytest.mark.parametrize("fault", [{"do": "drop"}, {"do": "answer", "status": 503}])
def test_it_lets_go_also_when_x_cannot_be_told_and_says_so(x: XPeer, fault: dict[str, Any]) -> None:
    account = at_x(x)
    x.fault("POST /2/oauth2/revoke", **fault)
    assert let_go(account)["ended_at_platform"] is False
    assert Integration.objects.get().credentials == {}
    assert x.families()[0]["alive"]


def test_it_may_be_asked_twice_and_asks_the_platform_once(x: XPeer) -> None:
    account = at_x(x)
    first = let_go(account)
    again = let_go(account)
    assert (again["status"], again["ended_at_platform"]) == ("disconnected", None)
    assert again["status_reason"] == first["status_reason"]
    assert len([one for one in x.requests() if one["path"] == "/2/oauth2/revoke"]) == 2  # one per token


def test_what_is_disconnected_takes_no_new_posts() -> None:
    workspace = builders.workspace()
    let_go(builders.account(workspace))
    answer = builders.client(workspace).post("/v1/posts", {"content": "a", "platforms": ["twitter"]})
    builders.error(answer)


def test_connecting_again_brings_the_account_and_its_posts_back(x: XPeer) -> None:
    account = at_x(x)
    post = builders.post(account.workspace, at=builders.soon())
    let_go(account)
    found = Connection(account.remote_id, "ada", "", Tokens({"access_token": "new"}, None))
    again = connect.connect(workspace=account.workspace, platform="twitter", connection=found, now=timezone.now())
    assert (again.id, again.status, again.display_name) == (account.id, "active", "Ada")
    assert again.credentials == {"access_token": "new"}
    assert builders.target(post).integration_id == account.id


@pytest.mark.parametrize("account_id", ["254504b6-0afc-4c73-b074-89da5a1793d8", "1", "twitter"])
def test_it_does_not_know_an_account_that_is_not_there(account_id: str) -> None:
    builders.error(builders.client(builders.workspace()).delete(f"/v1/integrations/{account_id}"), 404)


def test_a_stranger_disconnects_nothing_of_ours() -> None:
    account = builders.account(builders.workspace())
    builders.error(builders.stranger().delete(f"/v1/integrations/{account.id}"), 404)
    assert Integration.objects.get(id=account.id).status == "active"


# Races --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_refresh_under_way_brings_no_credentials_back(x: XPeer) -> None:
    account = at_x(x)
    Integration.objects.update(token_expires_at=timezone.now())
    claim = refresh_claim.take(Integration.objects.get(), now=clock.now())
    assert claim
    fenced = refresh_claim.fence(claim, now=clock.now())
    assert fenced
    let_go(account)
    late = Tokens({"access_token": "late"}, None)
    assert not refresh_claim.store(fenced, late, now=clock.now())
    row = Integration.objects.get()
    assert (row.status, row.credentials) == ("disconnected", {})
    with pytest.raises(Disconnected):
        tokens.account_of(row, now=clock.now())


@pytest.mark.django_db(transaction=True)
def test_of_many_that_disconnect_at_once_one_tells_the_platform(x: XPeer) -> None:
    account = at_x(x)
    client = builders.client(account.workspace)

    def delete(_: int) -> Any:
        try:
            return client.delete(f"/v1/integrations/{account.id}").json()["data"]["ended_at_platform"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(delete, range(6)))
    assert sorted(answers, key=str) == [None] * 5 + [True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("moment", "status", "live"),
    [("before the call", "failed", 0), ("before X reads it", "failed", 0), ("before X answers", "published", 1)],
)
def test_a_post_being_published_meanwhile_ends_truthfully(x: XPeer, moment: str, status: str, live: int) -> None:
    account = at_x(x)
    target = builders.due(account.workspace)
    if moment == "before the call":
        let_go(account)
        work(target)
    else:
        x.fault("POST /2/tweets", "hang", "before" if moment == "before X reads it" else "after", seconds=1)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_while_x_thinks, account)
            work(target)
    if target.status == "pending":  # X refused the token; the next try is told that the account is gone
        work(target)
    assert (target.status, len(x.tweets(account.remote_id))) == (status, live)
    row = Integration.objects.get()
    assert (row.status, row.credentials) == ("disconnected", {})


def work(target: PostTarget) -> None:
    """A worker takes the target up now."""
    now = clock.now()
    PostTarget.objects.filter(id=target.id).update(in_hand=True, due_at=now)
    publish.publish(target_id=target.id, token=now)
    target.refresh_from_db()


def _while_x_thinks(account: Integration) -> None:
    time.sleep(0.4)
    try:
        let_go(account)
    finally:
        connection.close()


@pytest.mark.peer
def test_it_ends_the_session_at_a_real_bluesky_server(pds: Pds) -> None:
    person = pds.create_account("ann")
    workspace = builders.workspace("live")
    body = {"identifier": person.handle, "password": person.app_password, "service": pds.base_url}
    said = builders.client(workspace).post("/v1/integrations/bluesky/connect", body).json()["data"]
    account = Integration.objects.get(id=said["id"])
    refresh_jwt = account.credentials["refresh_jwt"]
    assert let_go(account)["ended_at_platform"] is True
    again = httpx.post(
        f"{pds.base_url}/xrpc/com.atproto.server.refreshSession", headers={"Authorization": f"Bearer {refresh_jwt}"}
    )
    assert (again.status_code, again.json()["error"]) == (400, "ExpiredToken")
