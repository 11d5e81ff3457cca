"""GET and POST /v1/integrations/{platform}/connect."""

import logging
import subprocess
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from integrations import keys
from integrations.models import ApiKey, Integration, SignIn
from integrations.models.api_key import digest
from integrations.platforms import registry
from tests import builders
from tests.builders import ApiClient
from tests.integrations.platforms.bluesky.doubles import Drops, Says, answering
from tests.integrations.platforms.bluesky.people import DID, session
from tests.integrations.test_sign_in import at_x
from tests.peers.pds import Pds
from tests.peers.x.process import XPeer

pytestmark = pytest.mark.django_db

X, BLUESKY = "/v1/integrations/x/connect", "/v1/integrations/bluesky/connect"
UNSPOKEN = [name for name, rules in registry.PLATFORMS.items() if not rules.client]


def live() -> ApiClient:
    return builders.client(builders.workspace("live"))


# X: the browser -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x", "twitter"])
def test_it_gives_the_address_to_send_the_person_to(x: XPeer, name: str) -> None:
    answer = live().get(f"/v1/integrations/{name}/connect")
    said = answer.json()
    assert said.keys() == {"auth_type", "url", "state", "redirect_uri"}
    assert said["auth_type"] == "oauth"
    query = parse_qs(urlsplit(said["url"]).query)
    assert (query["state"], query["redirect_uri"]) == ([said["state"]], [said["redirect_uri"]])
    assert query["code_challenge_method"] == ["S256"]
    assert "no-store" in answer["Cache-Control"]
    assert SignIn.objects.get().api_key == ApiKey.objects.get()


def test_it_connects_the_account_of_whoever_goes_there(x: XPeer) -> None:
    user, workspace = x.user("ada", "Ada Lovelace"), builders.workspace("live")
    client = builders.client(workspace)
    said = client.get(X).json()
    begun = type("Begun", (), said)
    assert Client().get(at_x(begun)).status_code == 200  # type: ignore[arg-type]
    (listed,) = client.get("/v1/integrations").json()["data"]
    assert (listed["platform"], listed["username"], listed["status"]) == ("twitter", "ada", "active")
    assert Integration.objects.get().remote_id == user["id"]


def test_it_gives_every_caller_a_state_of_its_own(x: XPeer) -> None:
    client = live()
    states = {client.get(X).json()["state"] for _ in range(3)}
    assert len(states) == 3
    assert set(SignIn.objects.values_list("state_hash", flat=True)) == {digest(state) for state in states}


def test_it_says_what_whoever_runs_this_must_configure(settings: Settings) -> None:
    settings.X_CLIENT_ID = ""
    body = builders.error(live().get(X), 501)
    assert (body["code"], "X_CLIENT_ID" in body["error"]) == ("app_not_configured", True)


def test_it_takes_no_tokens_of_x(x: XPeer) -> None:
    body = builders.error(live().post(X, {"access_token": "a", "refresh_token": "b"}))
    assert body["code"] == "sign_in_in_the_browser"
    assert x.requests() == []


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("platform", UNSPOKEN)
def test_it_says_which_platforms_cannot_be_connected_yet(platform: str, method: str) -> None:
    body = builders.error(getattr(live(), method)(f"/v1/integrations/{platform}/connect"), 501)
    assert body["code"] == "platform_not_available"
    assert registry.PLATFORMS[platform].label in body["error"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("platform", ["myspace", "%00", "1"])
def test_it_knows_no_other_platforms(platform: str, method: str) -> None:
    builders.error(getattr(live(), method)(f"/v1/integrations/{platform}/connect"), 404)


def test_it_takes_a_key_that_writes(x: XPeer) -> None:
    client = builders.client(builders.workspace("live"), "read")
    for answer in (client.get(X), client.post(BLUESKY, {})):
        assert builders.error(answer, 403)["required_scope"] == "write"
    assert not SignIn.objects.exists()


# Bluesky: name and app password ---------------------------------------------------------------------------------------


def test_it_says_what_bluesky_needs() -> None:
    said = live().get(BLUESKY).json()
    assert said["auth_type"] == "credentials"
    assert [(one["name"], one["required"], one["secret"]) for one in said["fields"]] == [
        ("identifier", True, False),
        ("password", True, True),
        ("service", False, False),
    ]
    assert said["fields"][2]["default"] == "https://bsky.social"


@pytest.mark.peer
def test_it_connects_at_a_real_server(pds: Pds) -> None:
    person, workspace = pds.create_account("ann"), builders.workspace("live")
    body = {"identifier": person.handle, "password": person.app_password, "service": pds.base_url}
    answer = builders.client(workspace).post(BLUESKY, body)
    assert answer.status_code == 201
    said = answer.json()["data"]
    assert (said["platform"], said["username"], said["status"]) == ("bluesky", person.handle, "active")
    row = Integration.objects.get(id=said["id"])
    assert (row.workspace, row.remote_id) == (workspace, person.did)
    assert person.app_password not in answer.content.decode()


@pytest.mark.peer
def test_it_connects_again_and_keeps_the_id(pds: Pds) -> None:
    person, client = pds.create_account("ann"), live()
    body = {"identifier": person.handle, "password": person.app_password, "service": pds.base_url}
    first = client.post(BLUESKY, body).json()["data"]
    Integration.objects.update(status="needs_refresh", status_reason="Revoked.")
    again = client.post(BLUESKY, {**body, "identifier": person.did}).json()["data"]
    assert (again["id"], again["status"], again["status_reason"]) == (first["id"], "active", None)


@pytest.mark.peer
@pytest.mark.parametrize("wrong", ["password", "main password", "name"])
def test_it_connects_nobody_whom_the_server_does_not_know(pds: Pds, wrong: str) -> None:
    person = pds.create_account("ann")
    body = {"identifier": person.handle, "password": person.app_password, "service": pds.base_url}
    body |= {
        "password": {"password": "wrong"},
        "main password": {"password": person.main_password},
        "name": {"identifier": "nobody.test"},
    }[wrong]
    said = builders.error(live().post(BLUESKY, body))
    assert said["code"] == ("app_password_required" if wrong == "main password" else "invalid_credentials")
    assert not Integration.objects.exists()


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (Says(429, {"error": "RateLimitExceeded"}, {"Retry-After": "60"}), 429, "rate_limited"),
        (Says(401, {"error": "AccountTakedown"}), 400, "account_disconnected"),
        (Says(503, {}), 502, "platform_unavailable"),
        (Says(200, {"hello": "world"}), 502, "platform_unavailable"),
        (Drops(), 502, "unreachable"),
    ],
)
def test_it_says_whose_fault_it_was(answer: Says | Drops, status: int, code: str) -> None:
    with answering(answer) as server:
        response = live().post(BLUESKY, {"identifier": "a", "password": "s3cret", "service": server.base_url})
    assert builders.error(response, status)["code"] == code
    assert response.get("Retry-After") == ("61" if status == 429 else None)
    assert not Integration.objects.exists()


@pytest.mark.parametrize("service", ["https://10.0.0.1", "https://169.254.169.254", "ftp://a.example", "https://u:p@a"])
def test_it_asks_no_address_that_is_not_a_public_server(service: str) -> None:
    said = builders.error(live().post(BLUESKY, {"identifier": "a", "password": "s3cret", "service": service}))
    assert (said["code"], said["field"]) == ("invalid_service", "/service")
    assert "u:p" not in said["error"]


@pytest.mark.parametrize(
    "service", ["http://127.0.0.1", "http://localhost:8000", "https://[::1]", "http://bsky.social"]
)
def test_it_asks_neither_itself_nor_an_open_line_in_production(settings: Settings, service: str) -> None:
    settings.SERVICES_ON_LOOPBACK = False
    said = builders.error(live().post(BLUESKY, {"identifier": "a", "password": "s3cret", "service": service}))
    assert said["code"] == "invalid_service"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": "a"}, "/identifier"),
        ({"identifier": "a"}, "/password"),
        ({"identifier": "", "password": "a"}, "/identifier"),
        ({"identifier": 5, "password": "a"}, "/identifier"),
        ({"identifier": "a", "password": ["a"]}, "/password"),
        ({"identifier": "a", "password": "p" * 1001}, "/password"),
        ({"identifier": "a", "password": "a", "service": None}, "/service"),
    ],
)
def test_it_names_what_is_missing_or_wrong(body: dict[str, Any], field: str) -> None:
    assert builders.error(live().post(BLUESKY, body))["field"] == field


def test_it_may_be_repeated_under_one_key() -> None:
    client = live()
    with answering(Says(body=session())) as server:
        body = {"identifier": "ann.test", "password": "s3cret", "service": server.base_url}
        first, again = (client.post(BLUESKY, body, headers={"Idempotency-Key": "one"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert len(server.asked) == 1
    assert Integration.objects.get().remote_id == DID


def test_a_strangers_connect_is_in_their_workspace_alone() -> None:
    workspace = builders.workspace("live")
    stranger = builders.client(builders.workspace("live"))
    with answering(Says(body=session())) as server:
        stranger.post(BLUESKY, {"identifier": "a", "password": "s3cret", "service": server.base_url})
    assert builders.client(workspace).get("/v1/integrations").json()["data"] == []
    assert len(stranger.get("/v1/integrations").json()["data"]) == 1


def test_connecting_loads_nothing_that_only_workers_need() -> None:
    places = {
        place.replace(":", ".")
        for rules in registry.PLATFORMS.values()
        for place in (rules.sign_in, rules.revoke, rules.oauth and f"{rules.oauth}:exchange")
        if place
    }
    code = f"""
import sys, django
django.setup()
from django.utils.module_loading import import_string
for place in {sorted(places)}: import_string(place)
print([name for name in sys.modules if name.startswith(("tweepy", "atproto", "httpx"))])
"""
    environment = builders.environment() | {"DJANGO_SETTINGS_MODULE": "openpost.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


# The sandbox --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["bluesky", "x", "mastodon"])
def test_a_sandbox_account_is_brought_back_without_a_word_to_the_real_platform(x: XPeer, platform: str) -> None:
    workspace = builders.workspace()
    client, account = builders.client(workspace), builders.account(workspace, registry.by_name(platform).name)  # type: ignore[union-attr]
    client.delete(f"/v1/integrations/{account.id}")
    asks = client.get(f"/v1/integrations/{platform}/connect").json()
    assert asks["auth_type"] == "credentials"
    body = {field["name"]: "anything" for field in asks["fields"]}
    answer = client.post(f"/v1/integrations/{platform}/connect", body)
    assert answer.status_code == 201
    assert (answer.json()["data"]["id"], answer.json()["data"]["status"]) == (str(account.id), "active")
    assert x.requests() == []
    assert workspace.integrations.count() == len(registry.PLATFORMS)


def test_a_key_that_was_revoked_meanwhile_connects_nothing(x: XPeer) -> None:
    x.user("ada")
    begun = type("Begun", (), live().get(X).json())
    keys.revoke_key(api_key=ApiKey.objects.get(), now=timezone.now())
    assert Client().get(at_x(begun)).status_code == 400  # type: ignore[arg-type]


# Nothing leaks ------------------------------------------------------------------------------------------------------


def test_no_credential_is_in_any_answer_or_log(x: XPeer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    workspace = builders.workspace("live")
    key = builders.api_key(workspace, scopes=["read", "write", "admin"])
    client = ApiClient(headers={"Authorization": f"Bearer {key}"})
    x.user("ada")
    state = client.get(X)
    page = Client().get(at_x(type("Begun", (), state.json())))  # type: ignore[arg-type]
    verifier = SignIn.objects.get().verifier
    with answering(Says(body=session())) as server:
        body = {"identifier": "ann.test", "password": "s3cret-password", "service": server.base_url}
        made = client.post(BLUESKY, body)
        again = client.post(BLUESKY, {**body, "service": "https://10.0.0.1"})
        accounts = list(Integration.objects.all())
        secrets = [str(value) for account in accounts for value in account.credentials.values()]
        answers = [state, page, made, again, client.get("/v1/integrations"), client.get("/v1/keys")]
        for account in accounts:
            paths = ("", "/health", "/next-slot")
            answers += [client.get(f"/v1/integrations/{account.id}{path}") for path in paths]
            answers.append(client.delete(f"/v1/integrations/{account.id}"))
    public = {"ann.test", DID, server.base_url, "", "tweet.read tweet.write users.read media.write offline.access"}
    secrets = [secret for secret in secrets if secret not in public] + [verifier, key, "s3cret-password"]
    assert len(secrets) > 5
    for answer in answers:
        told = str(answer.headers) + answer.content.decode()
        assert [secret for secret in secrets if secret in told] == []
    assert [secret for secret in secrets if secret in caplog.text] == []
