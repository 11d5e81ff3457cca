"""PATCH /v1/keys/{id}."""

from typing import Any

import pytest

from integrations.models import ApiKey
from tests import builders

from .keyring import admin, holder, made, works

pytestmark = pytest.mark.django_db


def test_it_gives_a_key_another_name_and_other_scopes_which_hold_at_once() -> None:
    client = admin(builders.workspace())
    said = made(client)
    assert works(said["key"])
    changed = client.patch(f"/v1/keys/{said['id']}", {"name": "Shop", "scopes": ["write"]}).json()["data"]
    assert (changed["name"], changed["scopes"]) == ("Shop", ["write"])
    assert builders.error(holder(said["key"]).get("/v1/posts"), 403)["code"] == "insufficient_scope"


@pytest.mark.parametrize(
    ("body", "name", "scopes"),
    [({}, "Website", ["read"]), ({"name": "Shop"}, "Shop", ["read"]), ({"scopes": ["admin"]}, "Website", ["admin"])],
)
def test_it_changes_what_is_said_and_nothing_else(body: dict[str, Any], name: str, scopes: list[str]) -> None:
    client = admin(builders.workspace())
    said = made(client, scopes=["read"], expires_at=builders.iso(builders.soon()))
    changed = client.patch(f"/v1/keys/{said['id']}", body).json()["data"]
    assert (changed["name"], changed["scopes"]) == (name, scopes)
    assert changed["expires_at"] == said["expires_at"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"name": ""}, "/name"), ({"name": None}, "/name"), ({"scopes": []}, "/scopes"), ({"scopes": ["x"]}, "/scopes/0")],
)
def test_it_names_what_is_wrong(body: dict[str, Any], field: str) -> None:
    client = admin(builders.workspace())
    said = made(client)
    assert builders.error(client.patch(f"/v1/keys/{said['id']}", body))["field"] == field
    assert ApiKey.objects.get(id=said["id"]).name == "Website"


def test_a_stranger_changes_no_key_of_ours() -> None:
    said = made(admin(builders.workspace()))
    builders.error(builders.stranger("admin").patch(f"/v1/keys/{said['id']}", {"name": "Mine"}), 404)
    assert ApiKey.objects.get(id=said["id"]).name == "Website"
