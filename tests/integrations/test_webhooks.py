"""/v1/webhooks: made, changed, rotated, tested, replayed, removed; and that nobody else sees them."""

import hmac
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook

from integrations.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, Workspace
from integrations.webhooks import endpoints, fan_out, signing
from openpost.crypto import encrypt
from tests import builders
from tests.builders import ApiClient, error

pytestmark = pytest.mark.django_db

URL = "https://example.com/hook"
FIELDS = {
    "id", "url", "description", "events", "enabled", "disabled_at", "disabled_reason", "failing_since",
    "last_delivered_at", "last_failed_at", "previous_secret_until", "created_at", "updated_at",
}  # fmt: skip


@pytest.fixture
def room() -> Workspace:
    return builders.workspace()


@pytest.fixture
def client(room: Workspace) -> ApiClient:
    return builders.client(room)


def made(client: ApiClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", {"url": URL, **body})
    assert answer.status_code == 201, answer.content
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_it_shows_the_secret_once(client: ApiClient) -> None:
    data = made(client, events=["post.failed", "post.published", "post.failed"], description="Our site")
    assert set(data) == FIELDS | {"secret"}
    assert data["secret"].startswith("whsec_")
    assert data["events"] == ["post.published", "post.failed"], "each once, in the documentation's order"
    assert (data["url"], data["description"], data["enabled"]) == (URL, "Our site", True)
    one = client.get(f"/v1/webhooks/{data['id']}").json()["data"]
    assert one == {name: data[name] for name in FIELDS}
    assert client.get("/v1/webhooks").json() == {"data": [one], "next_cursor": None}
    changed = client.patch(f"/v1/webhooks/{data['id']}", {"description": "Another"})
    assert set(changed.json()["data"]) == FIELDS


def test_the_secret_is_kept_encrypted(client: ApiClient) -> None:
    secret = made(client)["secret"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM integrations_webhookendpoint")
        assert secret.removeprefix("whsec_") not in cursor.fetchone()[0]


def test_its_secret_moves_to_the_newest_key(client: ApiClient, settings: Settings) -> None:
    made(client)
    old, new = settings.CREDENTIAL_KEYS[0], "7:" + settings.CREDENTIAL_KEYS[0].partition(":")[2]
    settings.CREDENTIAL_KEYS = [new, old]
    assert encrypt("").startswith("7$")
    call_command("rotate_credentials_key")
    settings.CREDENTIAL_KEYS = [new]
    assert WebhookEndpoint.objects.get().secrets[0].startswith("whsec_")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/url"),
        ({"url": 5}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": "example.com/hook"}, "/url"),
        ({"url": "ftp://example.com/hook"}, "/url"),
        ({"url": "https://"}, "/url"),
        ({"url": "https://a:b@example.com/"}, "/url"),
        ({"url": "https://exa mple.com/"}, "/url"),
        ({"url": "https://example.com/\n"}, "/url"),
        ({"url": "https://10.0.0.1/hook"}, "/url"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "/url"),
        ({"url": "https://[fd00::1]/"}, "/url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "/url"),
        ({"url": "https://example.com/" + "x" * 2000}, "/url"),
        ({"url": URL, "events": "post.published"}, "/events"),
        ({"url": URL, "events": ["post.exploded"]}, "/events/0"),
        ({"url": URL, "events": [["post.published"]]}, "/events/0"),
        ({"url": URL, "events": ["webhook.test"]}, "/events/0"),
        ({"url": URL, "description": "x" * 256}, "/description"),
    ],
)
def test_it_refuses_what_cannot_be_an_endpoint(client: ApiClient, body: dict[str, Any], field: str) -> None:
    assert error(client.post("/v1/webhooks", body))["field"] == field
    assert not WebhookEndpoint.objects.exists()


def test_production_takes_https_only_and_nothing_on_the_machine_itself(client: ApiClient, settings: Settings) -> None:
    assert made(client, url="http://127.0.0.1:8080/hook")
    settings.WEBHOOKS_TO_LOOPBACK = False
    assert error(client.post("/v1/webhooks", {"url": "http://example.com/hook"}))["code"] == "invalid_address"
    assert error(client.post("/v1/webhooks", {"url": "https://127.0.0.1/hook"}))["code"] == "address_not_public"


def test_a_workspace_has_so_many(client: ApiClient) -> None:
    for _ in range(endpoints.MOST):
        made(client)
    assert error(client.post("/v1/webhooks", {"url": URL}), 409)["code"] == "too_many_webhooks"


def test_it_changes_what_is_named_and_nothing_else(client: ApiClient) -> None:
    data = made(client, events=["post.failed"], description="Ours")
    path = f"/v1/webhooks/{data['id']}"
    now = client.patch(path, {"events": []}).json()["data"]
    assert (now["events"], now["description"], now["url"]) == ([], "Ours", URL)
    assert error(client.patch(path, {"url": "nonsense"}))["field"] == "/url"
    assert error(client.patch(path, {"enabled": "no"}))["field"] == "/enabled"
    off = client.patch(path, {"enabled": False}).json()["data"]
    assert (off["enabled"], off["disabled_reason"]) == (False, "It was switched off.")
    assert error(client.post(f"{path}/test"), 409)["code"] == "webhook_disabled"
    on = client.patch(path, {"enabled": True}).json()["data"]
    assert (on["enabled"], on["disabled_reason"], on["disabled_at"]) == (True, None, None)


def test_it_names_an_event_that_does_not_exist(client: ApiClient) -> None:
    refused = error(client.post("/v1/webhooks", {"url": URL, "events": ["post.failed", "post.exploded"]}))
    assert (refused["code"], refused["field"]) == ("invalid_event_type", "/events/1")


def test_it_has_not_been_updated_by_a_change_that_changes_nothing(client: ApiClient) -> None:
    said = {"url": URL, "events": ["post.failed"], "description": "Ours"}
    before = made(client, **said)

    for nothing in ({}, said, {"enabled": True}):
        after = client.patch(f"/v1/webhooks/{before['id']}", nothing).json()["data"]
        assert after["updated_at"] == before["updated_at"]


def test_it_gives_a_new_secret_beside_the_old_one(client: ApiClient) -> None:
    data = made(client)
    path = f"/v1/webhooks/{data['id']}/rotate-secret"
    answer = client.post(path, {"overlap_seconds": 3600})
    assert answer.status_code == 201
    new = answer.json()["data"]
    assert set(new) == FIELDS | {"secret"}
    endpoint = WebhookEndpoint.objects.get()
    assert endpoints.good_secrets(endpoint, now=timezone.now()) == [new["secret"], data["secret"]]
    assert endpoints.good_secrets(endpoint, now=timezone.now() + timedelta(hours=2)) == [new["secret"]]
    assert error(client.post(path, {"overlap_seconds": -1}))["field"] == "/overlap_seconds"


def test_it_keeps_each_older_secret_as_long_as_it_was_to_and_no_longer_than_the_last(client: ApiClient) -> None:
    first = made(client)
    path = f"/v1/webhooks/{first['id']}/rotate-secret"
    second, third, fourth = (
        client.post(path, {"overlap_seconds": seconds}).json()["data"]["secret"] for seconds in (3600, 86400, 7200)
    )
    endpoint, now = WebhookEndpoint.objects.get(), timezone.now()

    def good(**later: float) -> list[str]:
        return endpoints.good_secrets(endpoint, now=now + timedelta(**later))

    assert good() == [fourth, third, second, first["secret"]]
    assert good(minutes=90) == [fourth, third, second]
    assert good(hours=3) == [fourth]
    fifth = client.post(path, {"overlap_seconds": 0}).json()["data"]["secret"]
    endpoint.refresh_from_db()
    assert good() == endpoint.secrets == [fifth]


def test_it_signs_with_every_secret_that_is_good(client: ApiClient) -> None:
    path = f"/v1/webhooks/{made(client)['id']}/rotate-secret"
    for _ in range(2):
        client.post(path, {})
    endpoint = WebhookEndpoint.objects.get()
    event = OutboxEvent(type="webhook.test", data={}, happened_at=timezone.now())

    headers = signing.headers(event, b"{}", secrets=endpoint.secrets, now=timezone.now())

    plain = [hmac.new(secret.encode(), b"{}", "sha256").hexdigest() for secret in endpoint.secrets]
    assert headers["X-OpenPost-Signature"] == plain[0]
    assert headers["X-OpenPost-Signature-Previous"] == f"{plain[1]} {plain[2]}"
    for secret in endpoint.secrets:
        assert Webhook(secret).verify("{}", headers) == {}


def test_it_keeps_so_many_secrets(client: ApiClient) -> None:
    path = f"/v1/webhooks/{made(client)['id']}/rotate-secret"
    for _ in range(endpoints.MOST_SECRETS - 1):
        assert client.post(path, {}).status_code == 201

    refused = error(client.post(path, {}), 409)

    assert (refused["code"], refused["field"]) == ("too_many_secrets", "/overlap_seconds")
    assert client.post(path, {"overlap_seconds": 0}).status_code == 201
    assert len(WebhookEndpoint.objects.get().secrets) == 1


def test_it_makes_one_for_one_idempotency_key(client: ApiClient) -> None:
    first, second = (
        client.post("/v1/webhooks", {"url": URL}, headers={"Idempotency-Key": "once"}).json()["data"] for _ in range(2)
    )
    assert first == second
    assert WebhookEndpoint.objects.count() == 1


def test_its_log_says_what_became_of_each_event(client: ApiClient, room: Workspace) -> None:
    data = made(client, events=["post.published"])
    post = builders.published(room)
    fan_out.place(now=timezone.now())
    (row,) = client.get(f"/v1/webhooks/{data['id']}/deliveries").json()["data"]
    event = OutboxEvent.objects.get(type="post.published")
    assert row["event_id"] == str(event.public_id)
    assert (row["event"], row["status"], row["attempts"], row["error"]) == ("post.published", "pending", 0, None)
    assert row["data"]["post_id"] == str(post.id)
    assert row["next_attempt_at"]

    path = f"/v1/webhooks/{data['id']}/deliveries"
    assert client.get(f"{path}?status=failed").json()["data"] == []
    assert len(client.get(f"{path}?status=pending").json()["data"]) == 1
    assert error(client.get(f"{path}?status=lost"))["field"] == "status"


def test_the_log_goes_page_by_page(client: ApiClient, room: Workspace) -> None:
    data = made(client, events=["post.published"])
    for _ in range(5):
        builders.published(room)
        fan_out.place(now=timezone.now())
    path, seen, cursor = f"/v1/webhooks/{data['id']}/deliveries?limit=2", [], ""
    while True:
        page = client.get(path + cursor).json()
        seen += [row["data"]["post_id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 5


def test_it_sends_a_test_and_sends_again(client: ApiClient, room: Workspace) -> None:
    data = made(client)
    path = f"/v1/webhooks/{data['id']}"
    answer = client.post(f"{path}/test")
    assert answer.status_code == 202
    sent = answer.json()["data"]
    assert (sent["event"], sent["status"]) == ("webhook.test", "pending")

    WebhookDelivery.objects.update(status="delivered", due_at=None, attempts=1)
    answer = client.post(f"{path}/deliveries/{sent['id']}/replay")
    assert answer.status_code == 202
    assert (answer.json()["data"]["status"], answer.json()["data"]["attempts"]) == ("pending", 1)

    begun = timezone.now()
    builders.published(room)
    fan_out.place(now=timezone.now())
    WebhookDelivery.objects.filter(event__type="post.published").update(
        status="failed", due_at=None, error_code="unwelcome_answer"
    )
    answer = client.post(f"{path}/replay", {"since": begun.isoformat()})
    assert (answer.status_code, answer.json()) == (202, {"data": {"replayed": 1}})
    assert error(client.post(f"{path}/replay", {}))["field"] == "/since"


def test_it_is_gone_when_it_is_deleted(client: ApiClient) -> None:
    data = made(client)
    client.post(f"/v1/webhooks/{data['id']}/test")
    assert client.delete(f"/v1/webhooks/{data['id']}").status_code == 204
    error(client.get(f"/v1/webhooks/{data['id']}"), 404)
    assert not WebhookDelivery.objects.exists()


def test_a_stranger_finds_nothing(client: ApiClient) -> None:
    data = made(client)
    sent = client.post(f"/v1/webhooks/{data['id']}/test").json()["data"]
    path, stranger = f"/v1/webhooks/{data['id']}", builders.stranger()
    never = error(stranger.get("/v1/webhooks/00000000-0000-4000-8000-000000000000"), 404)
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"url": "https://example.org/mine"}),
        stranger.delete(path),
        stranger.post(f"{path}/test"),
        stranger.post(f"{path}/rotate-secret", {}),
        stranger.post(f"{path}/replay", {"since": "2026-01-01T00:00:00Z"}),
        stranger.get(f"{path}/deliveries"),
        stranger.post(f"{path}/deliveries/{sent['id']}/replay"),
    ):
        assert error(answer, 404)["error"] == never["error"]
    assert stranger.get("/v1/webhooks").json()["data"] == []
    own = made(stranger)
    error(stranger.post(f"/v1/webhooks/{own['id']}/deliveries/{sent['id']}/replay"), 404)
    assert WebhookEndpoint.objects.filter(url=URL).count() == 2


def test_a_key_that_only_reads_changes_nothing(client: ApiClient, room: Workspace) -> None:
    data, reader = made(client), builders.client(room, "read")
    assert reader.get("/v1/webhooks").status_code == 200
    error(reader.post("/v1/webhooks", {"url": URL}), 403)
    error(reader.post(f"/v1/webhooks/{data['id']}/rotate-secret", {}), 403)
    error(reader.delete(f"/v1/webhooks/{data['id']}"), 403)
