"""POST /v1/keys."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.models import ApiKey
from integrations.models.api_key import digest
from tests import builders

from .keyring import FIELDS, admin, holder, made, works

pytestmark = pytest.mark.django_db


def test_it_makes_a_key_and_shows_it_this_once() -> None:
    workspace = builders.workspace()
    said = made(admin(workspace))
    assert said.keys() == {*FIELDS, "key"}
    row = ApiKey.objects.get(id=said["id"])
    assert (row.workspace, row.name, row.key_hash) == (workspace, "Website", digest(said["key"]))
    assert (said["scopes"], said["status"], said["expires_at"]) == (["read", "write"], "active", None)
    assert works(said["key"])
    assert said["key"].startswith("op_test_")
    assert said["hint"] == f"{said['key'][:12]}…{said['key'][-4:]}"


def test_it_makes_a_key_that_does_only_what_it_is_for() -> None:
    said = made(admin(builders.workspace()), scopes=["write", "write"])
    assert said["scopes"] == ["write"]
    assert not works(said["key"])
    assert holder(said["key"]).post("/v1/posts", {"content": "a", "platforms": ["twitter"]}).status_code == 201


def test_it_makes_a_key_that_ends() -> None:
    ends = builders.soon()
    said = made(admin(builders.workspace()), expires_at=builders.iso(ends))
    assert said["expires_at"] == builders.iso(ends)
    assert works(said["key"])
    ApiKey.objects.filter(id=said["id"]).update(expires_at=timezone.now())
    assert not works(said["key"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": None}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": 5}, "/name"),
        ({"name": "n" * 101}, "/name"),
        ({"name": "a\0b"}, "/name"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": "read"}, "/scopes"),
        ({"scopes": None}, "/scopes"),
        ({"scopes": ["root"]}, "/scopes/0"),
        ({"scopes": [["read"]]}, "/scopes/0"),
        ({"scopes": ["read"] * 4}, "/scopes"),
        ({"expires_at": "2030-01-01"}, "/expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": 5}, "/expires_at"),
    ],
)
def test_it_names_what_is_wrong(body: dict[str, Any], field: str) -> None:
    client = admin(builders.workspace())
    assert builders.error(client.post("/v1/keys", {"name": "Website", **body}))["field"] == field
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("body", [[], "name", 5, None])
def test_it_wants_an_object(body: Any) -> None:
    client = admin(builders.workspace())
    builders.error(client.generic("POST", "/v1/keys", str(body), "application/json"))


def test_it_shows_a_repeated_answer_to_the_same_caller_with_the_same_key() -> None:
    client = admin(builders.workspace())
    first, again = (
        client.post("/v1/keys", {"name": "Website"}, headers={"Idempotency-Key": "one"}).json()["data"]["key"]
        for _ in range(2)
    )
    assert first == again
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize("scopes", [["read"], ["write"], ["read", "write"]])
def test_it_lets_no_key_make_another_that_may_more(scopes: list[str]) -> None:
    answer = builders.client(builders.workspace(), *scopes).post("/v1/keys", {"name": "Mine", "scopes": ["admin"]})
    assert builders.error(answer, 403)["required_scope"] == "admin"
    assert ApiKey.objects.count() == 1


def test_it_makes_keys_of_the_callers_workspace_alone() -> None:
    theirs, ours = builders.workspace("live"), builders.workspace()
    said = made(admin(ours))
    assert ApiKey.objects.get(id=said["id"]).workspace == ours
    builders.error(admin(ours).post("/v1/keys", {"name": "Tests", "workspace": str(theirs.id)}))
    assert not theirs.api_keys.exists()


def test_it_keeps_a_key_for_the_time_it_was_asked_for_to_the_microsecond() -> None:
    ends = timezone.now() + timedelta(days=1)
    said = made(admin(builders.workspace()), expires_at=ends.isoformat())
    assert ApiKey.objects.get(id=said["id"]).expires_at == ends
