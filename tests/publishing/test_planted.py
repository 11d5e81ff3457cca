"""Secrets are planted wherever the service holds one, everything goes wrong that can, and then they are looked for.

Everywhere: the lines of the log from DEBUG on, every column of every table that is not encrypted, every page of admin,
every answer of the API. What this process remembers of decrypted values is taken away here: what is hidden must be
hidden by what it is.
"""

import base64
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from integrations.models import Integration, WebhookDelivery, Workspace
from openpost import crypto, hiding, logs
from openpost.crypto import EncryptedJSONField
from publishing.refresh_ahead import refresh
from tests import builders
from tests.builders import ApiClient
from tests.integrations.conftest import _x_process, x
from tests.integrations.platforms.bluesky.doubles import Drops, Hangs, Says, answering
from tests.integrations.platforms.bluesky.people import DID
from tests.peers.x.process import XPeer

from .engine import step
from .webhooks.conftest import receiver
from .webhooks.driver import run, subscribe
from .webhooks.receiver import Answer, Receiver

__all__ = ["_x_process", "receiver", "x"]

pytestmark = pytest.mark.django_db

POST, TOKEN = "POST /2/tweets", "POST /2/oauth2/token"
PASSWORD = "planted-app-password-zq81"
APP = "planted-client-secret-kd72"


class Lines(logging.Handler):
    """Every line of every logger, as production writes it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = ""
        self.setFormatter(logs.formatter("json"))

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """From DEBUG on, but for libraries that say at DEBUG what they send: nobody runs them so."""
    monkeypatch.setattr(crypto, "remember", lambda _value: None)
    hiding._remembered.clear()
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def rows() -> str:
    """All that PostgreSQL holds and is not encrypted."""
    told = ""
    with connection.cursor() as cursor:
        for model in apps.get_models():
            plain = [one.column for one in model._meta.concrete_fields if not isinstance(one, EncryptedJSONField)]
            columns = ", ".join(f'"{column}"::text' for column in plain)
            cursor.execute(f'SELECT {columns} FROM "{model._meta.db_table}"')  # noqa: S608  # our own names
            told += "\n".join(f"{model._meta.label} {row}" for row in cursor.fetchall()) + "\n"
    return told


def pages(workspace: Workspace) -> str:
    """Every list of admin, and the page of each row that matters here, as a superuser sees them."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    told = ""
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        told += client.get(reverse(f"{name}_changelist")).content.decode()
        for row in model._default_manager.order_by("-pk")[:3]:
            told += client.get(reverse(f"{name}_change", args=[row.pk])).content.decode()
    return told


def answers(client: ApiClient) -> str:
    told = ""
    posts = client.get("/v1/posts").json()["data"]
    paths = ["/v1/posts", "/v1/integrations", "/v1/webhooks", "/v1/events", "/v1/keys", "/v1/me", "/v1/media"]
    paths += [f"/v1/posts/{post['id']}{more}" for post in posts for more in ("", "/timeline")]
    paths += [f"/v1/webhooks/{one['id']}/deliveries" for one in client.get("/v1/webhooks").json()["data"]]
    for path in paths:
        told += client.get(path).content.decode()
    return told


def found(secrets: set[str], *places: str) -> list[str]:
    """Of these secrets, and of the first half of each, what stands in one of these places; with where it does."""
    wanted = {form for secret in secrets for form in (secret, secret[: max(12, len(secret) // 2)])}
    return [place[max(0, at - 80) : at + 80] for place in places for form in wanted if (at := place.find(form)) >= 0]


def test_no_secret_comes_out_on_any_way_to_x(x: XPeer, settings: Settings, lines: Lines) -> None:
    settings.X_CLIENT_SECRET = APP
    user, workspace = x.user("ada"), builders.workspace("live")
    pair = x.tokens(user["id"])
    ada = builders.integration(workspace, remote_id=user["id"], username="ada", credentials=pair)
    access, renewing = str(pair["access_token"]), str(pair["refresh_token"])
    basic = base64.b64encode(f"{settings.X_CLIENT_ID}:{APP}".encode()).decode()
    said = f"Bearer {access} {renewing} Basic {basic} {APP}"
    bodies: list[Any] = [
        {"title": said, "detail": said, "errors": [{"message": said}]},
        f"<html>{said}</html>",
        "x" * 3990 + access,
    ]
    for status in (400, 401, 403, 429, 500, 503):
        for body in bodies:
            x.fault(POST, "answer", status=status, body=body)
            target = builders.due(workspace, content=f"{status} {len(str(body))} {timezone.now()}")
            step(target)
    x.fault(POST, "drop", "after")
    step(builders.due(workspace, content="lost"))
    for status in (400, 401, 500):
        Integration.objects.filter(id=ada.id).update(status="active", token_expires_at=timezone.now())
        x.fault(TOKEN, "answer", status=status, body={"error": "invalid_client", "error_description": said})
        step(builders.due(workspace, content=f"refresh {status}"))
        x.fault(TOKEN, "answer", status=status, body={"error": "invalid_client", "error_description": said})
        refresh(integration_id=ada.id)

    client = builders.client(workspace)
    secrets = {access, renewing, basic, APP}
    assert found(secrets, lines.text, rows(), pages(workspace), answers(client)) == []
    assert "[secret]" in rows(), "what the platform answered is kept, without them"


def test_no_secret_comes_out_on_any_way_to_bluesky(lines: Lines) -> None:
    held = {
        "access_jwt": "planted-access-jwt-8812345",
        "refresh_jwt": "planted-refresh-jwt-99123",
        "app_password": PASSWORD,
    }
    said = " ".join(held.values())
    workspace = builders.workspace("live")
    bad: list[Says | Hangs | Drops] = [
        Says(400, {"error": "InvalidRequest", "message": said}),
        Says(401, {"error": "ExpiredToken", "message": said}),
        Says(429, said),
        Says(500, f"<h1>{said}</h1>"),
        Says(200, said),
        Drops(),
    ]
    for number, answer in enumerate(bad):
        with answering(answer) as server:
            account = {**held, "service": server.base_url, "pds": server.base_url, "did": DID, "handle": "ann.test"}
            ann = builders.integration(workspace, "bluesky", remote_id=f"{DID}{number}", credentials=account)
            due = builders.post(workspace, f"hello {number}", integrations=[ann.id], at=timezone.now())
            step(builders.target(due))
            Integration.objects.filter(id=ann.id).update(token_expires_at=timezone.now(), status="active")
            refresh(integration_id=ann.id)
            ann.refresh_from_db()
            logging.getLogger("test").error("refreshed: %s %r", ann.credentials, ann.credentials)

    assert found(set(held.values()), lines.text, rows(), pages(workspace), answers(builders.client(workspace))) == []


def test_no_secret_of_a_webhook_comes_back(receiver: Receiver, lines: Lines) -> None:
    workspace = builders.workspace()
    endpoint = subscribe(workspace, receiver)
    secret = receiver.secret
    bare = secret.removeprefix("whsec_")
    for status in (200, 400, 500):
        receiver.answer = lambda _came, status=status: Answer(status, f"{secret} {bare} ".encode() * 10)  # type: ignore[misc]
        builders.published(workspace, content=f"hello {status}")
        run()
        endpoint.refresh_from_db()

    assert WebhookDelivery.objects.exclude(answer_body="").count() >= 3
    assert found({secret, bare}, lines.text, rows(), pages(workspace), answers(builders.client(workspace))) == []


def test_no_secret_comes_out_of_a_request_that_fails(
    lines: Lines, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = builders.workspace("live")
    key = builders.api_key(workspace, scopes=("read", "write", "admin"))
    client = ApiClient(headers={"Authorization": f"Bearer {key}"})
    told = ""
    with answering(Says(401, {"error": "AuthenticationRequired", "message": PASSWORD}), Says(500, PASSWORD)) as server:
        body = {"identifier": "ann.test", "password": PASSWORD, "service": server.base_url}
        for _ in range(2):
            told += client.post("/v1/integrations/bluesky/connect", body).content.decode()
        told += client.post("/v1/integrations/bluesky/connect", {**body, "password": [PASSWORD]}).content.decode()
        told += client.post("/v1/integrations/bluesky/connect", {**body, PASSWORD[:5]: 1}).content.decode()
    for path, wrong in (("/v1/posts", {"platforms": 5}), ("/v1/keys", {"name": ""}), ("/v1/webhooks", {"url": "x"})):
        told += client.post(path, wrong).content.decode()
    made = client.post("/v1/keys", {"name": "one more"}).json()["data"]["key"]

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(f"unforeseen: Bearer {key} password={PASSWORD}")

    with monkeypatch.context() as patch:
        patch.setattr("integrations.keys._require_room", broken)
        client.raise_request_exception = False
        answer = client.post("/v1/keys", {"name": "a third"})
    assert answer.status_code == 500
    told += answer.content.decode()
    person = Client()
    for _ in range(2):
        told += person.post("/admin/login/", {"username": "ada", "password": PASSWORD}).content.decode()

    assert "unforeseen" in lines.text
    assert found({key, made, PASSWORD}, lines.text, rows(), told, pages(workspace), answers(client)) == []


def test_this_test_would_find_one(lines: Lines) -> None:
    """Whatever is looked through is looked through: a secret in a column, a page, an answer and a line is found."""
    workspace = builders.workspace(name=PASSWORD)
    builders.post(workspace, PASSWORD)
    logging.getLogger("test").info("said %s", PASSWORD)

    for place in (lines.text, rows(), pages(workspace), answers(builders.client(workspace))):
        assert found({PASSWORD}, place)


def test_what_was_decrypted_says_nothing_of_itself() -> None:
    workspace = builders.workspace()
    builders.integration(workspace, credentials={"access_token": PASSWORD, "more": [PASSWORD]})
    held = Integration.objects.get(username__startswith="somebody").credentials

    assert held["access_token"] == PASSWORD
    assert PASSWORD not in f"{held} {held!r} {(held,)}"
