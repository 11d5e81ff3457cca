"""Endpoints that mean harm: addresses inside, names that change their meaning, answers that never end."""

import socket
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from integrations.models import WebhookDelivery, WebhookEndpoint, Workspace
from publishing.webhooks import retry, sending
from tests import builders
from tests.openpost.web import Web, answer, endless

from .driver import published, run, subscribe
from .receiver import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Workspace:
    return builders.workspace()


def endpoint_at(room: Workspace, url: str) -> None:
    """As a row that was there before, past all that is looked at when one is made."""
    WebhookEndpoint.objects.create(workspace=room, url=url, secrets=["whsec_c2VjcmV0"], events=["post.published"])


def outcome(room: Workspace) -> WebhookDelivery:
    published(room)
    run()
    return WebhookDelivery.objects.get()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0", "2130706433", "[::1]", "[::ffff:127.0.0.1]"])
def test_nothing_is_sent_to_this_machine_in_production(
    room: Workspace, receiver: Receiver, settings: Settings, host: str
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False
    endpoint_at(room, receiver.url.replace("http://127.0.0.1", f"https://{host}"))
    found = outcome(room)
    assert (found.status, found.error_code) == ("pending", "address_not_public")
    assert not receiver.received


@pytest.mark.parametrize("address", ["10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "fd00::1", "::"])
def test_nothing_is_sent_where_a_name_leads_inside(
    room: Workspace, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *args, **kwargs: real(address, *args, **kwargs))
    endpoint_at(room, "https://innocent.example/hook")
    assert outcome(room).error_code == "address_not_public"


def test_a_name_that_changes_its_meaning_after_the_look_gains_nothing(
    room: Workspace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = socket.getaddrinfo, []

    def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
        if host == "rebinding.example":
            asked.append(host)
            # What we may call at first (here: loopback), then the cloud's secrets.
            host = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    endpoint = subscribe(room, receiver, events=["post.published"])
    WebhookEndpoint.objects.filter(id=endpoint.id).update(url=receiver.url.replace("127.0.0.1", "rebinding.example"))

    assert outcome(room).status == "delivered"
    assert len(asked) == 1, "the address that was looked at is the one that is called"
    published(room)
    run()
    assert len(receiver.received) == 1
    assert WebhookDelivery.objects.filter(error_code="address_not_public").count() == 1


def test_a_receiver_that_drips_is_left_in_time(room: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "WITHIN", 0.5)
    with Web() as web:
        web.at["/"] = endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", every=0.05)
        endpoint_at(room, f"{web.url}/")
        begun = time.monotonic()
        found = outcome(room)
    assert time.monotonic() - begun < 5
    assert (found.status, found.error_code) == ("pending", "too_slow")


def test_a_good_status_counts_whatever_comes_after_it(room: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "WITHIN", 0.5)
    with Web() as web:
        web.at["/endless"] = endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 4096)
        web.at["/packed"] = answer(b"\x1f\x8b", Content_Encoding="gzip")
        web.at["/broken"] = answer(b"x", length=1000)
        web.at["/nothing"] = answer(status=204, Content_Length=...)
        for path in web.at:
            endpoint_at(room, f"{web.url}{path}")
        published(room)
        run()
    assert list(WebhookDelivery.objects.values_list("status", flat=True)) == ["delivered"] * len(web.at)


def test_an_answer_with_anything_in_it_can_be_kept(room: Workspace) -> None:
    with Web() as web:
        web.at["/"] = answer(bytes(range(256)) * 8, status=500, Retry_After="Wed, 99 Nonsense")
        endpoint_at(room, f"{web.url}/")
        found = outcome(room)
    assert (found.status, found.answer_status) == ("pending", 500)
    assert found.answer_body


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120), (" 5 ", 5), ("0", None), ("-1", None), ("", None), ("soon", None), ("1" * 400, 1_000_000),
        ("Wed, 25 Nov 2026 04:00:30 GMT", 30), ("Wed, 25 Nov 2026 03:00:00 GMT", None), ("٣", None),
        ("Wed, 25 Nov 99999 04:00:30 GMT", None),
    ],
)  # fmt: skip
def test_it_understands_retry_after(text: str, seconds: int | None) -> None:
    now = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
    found = retry.read_retry_after(text, now=now)
    assert (found.total_seconds() if found else None) == seconds
