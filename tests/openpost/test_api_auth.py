"""Bearer keys: who may speak, and the one answer for everybody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from integrations.keys import create_key, revoke_key
from integrations.models import ApiKey
from tests import builders

pytestmark = pytest.mark.django_db

ADDRESSES = [
    ("get", "/v1/posts"),
    ("post", "/v1/posts"),
    ("get", "/v1/posts/1"),
    ("patch", "/v1/posts/1"),
    ("delete", "/v1/posts/1"),
    ("post", "/v1/posts/1/publish"),
    ("post", "/v1/posts/1/cancel"),
    ("post", "/v1/posts/1/duplicate"),
    ("post", "/v1/posts/group"),
    ("post", "/v1/posts/import"),
    ("get", "/v1/posts/group/1"),
    ("delete", "/v1/posts/group/1"),
    ("put", "/v1/posts"),
]


def refused(client: Client, method: str = "get", path: str = "/v1/posts") -> None:
    answer = getattr(client, method)(path)
    body = builders.error(answer, 401)
    assert (body["error"], body["code"]) == ("Invalid API key", "invalid_api_key")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_it_refuses_every_address_without_a_key(method: str, path: str) -> None:
    refused(Client(), method, path)


@pytest.mark.parametrize(
    "header",
    [
        "", "Bearer", "Bearer ", "op_test_" + "a" * 32, "Basic dXNlcjpwYXNz", "Token op_test_" + "a" * 32,
        "Bearer op_test_" + "a" * 31, "Bearer op_test_" + "a" * 33, "Bearer op_demo_" + "a" * 32,
        "Bearer op_test_" + "a" * 31 + "ä", "Bearer op_test_" + "a" * 31 + "\0", "Bearer \xff\xfe",
        "Bearer " + "a" * 9999,
        "Bearer op_test_" + "a" * 32 + ", Bearer op_test_" + "b" * 32,
    ],
)  # fmt: skip
def test_it_refuses_a_malformed_key(header: str) -> None:
    refused(Client(HTTP_AUTHORIZATION=header))


@pytest.mark.parametrize("prefix", ["op_test_", "op_live_"])
def test_it_refuses_an_unknown_key(prefix: str) -> None:
    refused(Client(HTTP_AUTHORIZATION=f"Bearer {prefix}{'a' * 32}"))


def test_it_refuses_a_revoked_key_from_that_moment() -> None:
    row, key = create_key(workspace=builders.workspace(), name="Tests")
    client = Client(HTTP_AUTHORIZATION=f"Bearer {key}")
    assert client.get("/v1/posts").status_code == 200

    revoke_key(api_key=row, now=timezone.now())

    refused(client)


def test_it_refuses_an_expired_key() -> None:
    workspace = builders.workspace()
    expired = builders.api_key(workspace, expires_at=timezone.now())
    lasting = builders.api_key(workspace, expires_at=builders.soon())

    refused(Client(HTTP_AUTHORIZATION=f"Bearer {expired}"))
    assert Client(HTTP_AUTHORIZATION=f"Bearer {lasting}").get("/v1/posts").status_code == 200


@pytest.mark.parametrize(("mode", "prefix"), [("live", "op_live_"), ("sandbox", "op_test_")])
def test_it_takes_a_key_in_any_case_of_the_scheme(mode: str, prefix: str) -> None:
    key = builders.api_key(builders.workspace(mode))

    assert key.startswith(prefix)
    assert len(key) == len(prefix) + 32
    for scheme in ("Bearer", "bearer", "BEARER  "):
        assert Client(HTTP_AUTHORIZATION=f"{scheme} {key}").get("/v1/posts").status_code == 200


def test_it_distinguishes_keys_by_case() -> None:
    refused(Client(HTTP_AUTHORIZATION=f"Bearer {builders.api_key(builders.workspace()).swapcase()}"))


def test_it_keeps_no_key_but_its_hash() -> None:
    key = builders.api_key(builders.workspace())

    stored = str(ApiKey.objects.values().get())

    assert key not in stored
    assert key[12:-4] not in stored


def test_it_notes_a_keys_use_once_a_minute() -> None:
    client = builders.client(builders.workspace())
    client.get("/v1/posts")
    first = ApiKey.objects.get().last_used_at
    client.get("/v1/posts")
    assert first is not None
    assert ApiKey.objects.get().last_used_at == first

    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    client.get("/v1/posts")

    assert (ApiKey.objects.get().last_used_at or first) > first


def test_it_does_not_take_an_admins_session_for_a_key(admin_client: Client) -> None:
    refused(admin_client)
