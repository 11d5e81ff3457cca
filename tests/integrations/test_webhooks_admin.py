"""Webhooks in admin: how each goes at a glance, what can be done again, and no secret."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import AuditEntry, Role, WebhookDelivery, WebhookEndpoint, Workspace
from integrations.webhooks import deliveries, endpoints, fan_out
from tests import builders

from .test_admin import staff

pytestmark = pytest.mark.django_db

LIST = "admin:integrations_webhookendpoint_changelist"


@pytest.fixture
def room() -> Workspace:
    return builders.workspace()


@pytest.fixture
def endpoint(room: Workspace) -> WebhookEndpoint:
    return endpoints.create(workspace=room, url="https://example.com/hook", events=["post.failed"])[0]


def page_of(row: WebhookEndpoint | WebhookDelivery) -> str:
    return reverse(f"admin:integrations_{row._meta.model_name}_change", args=[row.pk])


def run(row: WebhookEndpoint | WebhookDelivery, action: str) -> str:
    return reverse(f"admin:integrations_{row._meta.model_name}_run", args=[row.pk, action])


def test_it_shows_how_each_goes_and_no_secret(admin_client: Client, room: Workspace, endpoint: WebhookEndpoint) -> None:
    builders.failed(room)
    fan_out.place(now=timezone.now())
    (secret,) = endpoint.secrets
    states: list[tuple[str, dict[str, Any]]] = [
        ("Nothing sent yet", {}),
        ("Delivered", {"delivered_at": timezone.now()}),
        ("Failing", {"failures": 2, "failing_since": timezone.now(), "failed_at": timezone.now()}),
        ("Disabled", {"disabled_at": timezone.now(), "disabled_reason": "It answered 410 Gone."}),
    ]
    for health, columns in states:
        WebhookEndpoint.objects.update(**columns)
        for url in (reverse(LIST), page_of(endpoint)):
            page = admin_client.get(url).content.decode()
            assert f">{health}</span>" in page
            assert secret.removeprefix("whsec_") not in page
    page = admin_client.get(page_of(endpoint)).content.decode()
    assert "It answered 410 Gone." in page
    assert "post.failed" in page
    (delivery,) = WebhookDelivery.objects.all()
    assert page_of(delivery) in page
    row = admin_client.get(page_of(delivery)).content.decode()
    assert "The platform refused it." in row
    assert secret.removeprefix("whsec_") not in row
    assert admin_client.get(reverse("admin:integrations_outboxevent_changelist")).status_code == 200


@pytest.mark.parametrize(("health", "found"), [("failing", 0), ("disabled", 1), ("well", 0)])
def test_it_filters_by_health(admin_client: Client, endpoint: WebhookEndpoint, health: str, found: int) -> None:
    endpoints.change(endpoint=endpoint, enabled=False, now=timezone.now())
    page = admin_client.get(reverse(LIST), {"health": health}).content.decode()
    assert page.count(page_of(endpoint)) == found


def test_its_buttons_send_a_test_disable_enable_and_send_again(
    admin_client: Client, room: Workspace, endpoint: WebhookEndpoint
) -> None:
    for action in ("send_test", "disable", "enable", "send_again"):
        assert admin_client.get(run(endpoint, action)).status_code == 405
    admin_client.post(run(endpoint, "send_test"))
    assert WebhookDelivery.objects.get().event.type == "webhook.test"
    admin_client.post(run(endpoint, "disable"))
    endpoint.refresh_from_db()
    assert endpoint.disabled_at
    answer = admin_client.post(run(endpoint, "send_test"), follow=True)
    assert "The webhook is disabled" in answer.content.decode()
    builders.failed(room)
    fan_out.place(now=timezone.now())
    admin_client.post(reverse(LIST), {"action": "enable", "_selected_action": [str(endpoint.id)]})
    admin_client.post(run(endpoint, "send_again"))
    assert WebhookDelivery.objects.filter(event__type="post.failed", due_at__isnull=False).count() == 1
    told = set(
        AuditEntry.objects.filter(subject_id=str(endpoint.id), actor_name="admin").values_list("action", flat=True)
    )
    assert told == {"webhook.tested", "webhook.disabled", "webhook.changed", "webhook.sent_again"}


def test_a_delivery_is_sent_again_by_its_button(admin_client: Client, endpoint: WebhookEndpoint) -> None:
    sent = deliveries.test(endpoint=endpoint, now=timezone.now())
    WebhookDelivery.objects.update(status="delivered", due_at=None)
    assert admin_client.get(run(sent, "replay")).status_code == 405
    admin_client.post(run(sent, "replay"))
    sent.refresh_from_db()
    assert sent.status == "pending"


def test_an_editor_neither_sees_nor_changes_one(endpoint: WebhookEndpoint) -> None:
    client = staff(endpoint.workspace, Role.EDITOR)
    assert client.get(page_of(endpoint)).status_code == 403
    assert client.post(run(endpoint, "disable")).status_code == 403
    client.post(reverse(LIST), {"action": "disable", "_selected_action": [str(endpoint.id)]})
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None


ADD = "/admin/integrations/webhookendpoint/add/"


def test_it_makes_a_webhook_and_shows_its_secret_once(room: Workspace) -> None:
    client = Client()
    client.force_login(builders.member(room, Role.ADMIN))
    said = {"workspace": str(room.id), "url": "https://example.com/hook", "events": ["post.failed"], "description": ""}
    answer = client.post(ADD, said)
    made = WebhookEndpoint.objects.get()
    assert (made.workspace, made.url, made.events) == (room, "https://example.com/hook", ["post.failed"])
    (secret,) = made.secrets
    assert secret in answer.content.decode()
    page = reverse("admin:integrations_webhookendpoint_change", args=[made.pk])
    assert secret not in client.get(page).content.decode()


def test_it_says_at_the_address_why_it_is_not_taken(room: Workspace) -> None:
    client = Client()
    client.force_login(builders.member(room, Role.ADMIN))
    answer = client.post(ADD, {"workspace": str(room.id), "url": "ftp://example.com", "description": ""})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["url"]
    assert not WebhookEndpoint.objects.exists()


def test_it_makes_no_webhook_for_another_workspace(room: Workspace) -> None:
    client, theirs = Client(), builders.workspace()
    client.force_login(builders.member(room, Role.ADMIN))
    client.post(ADD, {"workspace": str(theirs.id), "url": "https://example.com/hook", "description": ""})
    assert not WebhookEndpoint.objects.exists()
