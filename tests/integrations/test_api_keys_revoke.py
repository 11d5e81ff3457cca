"""DELETE /v1/keys/{id}."""

import pytest

from integrations.models import ApiKey
from tests import builders

from .keyring import admin, made, works

pytestmark = pytest.mark.django_db


def test_it_ends_a_key_at_once_and_keeps_its_record() -> None:
    client = admin(builders.workspace())
    said = made(client)
    assert works(said["key"])
    answer = client.delete(f"/v1/keys/{said['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not works(said["key"])
    left = client.get(f"/v1/keys/{said['id']}").json()["data"]
    assert left["status"] == "revoked"
    assert left["revoked_at"] is not None


def test_it_may_be_asked_twice_and_keeps_the_first_time() -> None:
    client = admin(builders.workspace())
    said = made(client)
    client.delete(f"/v1/keys/{said['id']}")
    first = ApiKey.objects.get(id=said["id"]).revoked_at
    assert client.delete(f"/v1/keys/{said['id']}").status_code == 204
    assert ApiKey.objects.get(id=said["id"]).revoked_at == first


def test_a_key_may_end_itself() -> None:
    client = admin(builders.workspace())
    assert client.delete(f"/v1/keys/{ApiKey.objects.get().id}").status_code == 204
    builders.error(client.get("/v1/keys"), 401)


def test_revoking_the_old_key_leaves_the_one_that_took_its_place() -> None:
    client = admin(builders.workspace())
    old = made(client)
    new = client.post(f"/v1/keys/{old['id']}/rotate", {}).json()["data"]
    client.delete(f"/v1/keys/{old['id']}")
    assert (works(old["key"]), works(new["key"])) == (False, True)


@pytest.mark.parametrize("key_id", ["254504b6-0afc-4c73-b074-89da5a1793d8", "1"])
def test_it_does_not_know_a_key_that_is_not_there(key_id: str) -> None:
    builders.error(admin(builders.workspace()).delete(f"/v1/keys/{key_id}"), 404)


def test_a_stranger_ends_no_key_of_ours() -> None:
    said = made(admin(builders.workspace()))
    builders.error(builders.stranger("admin").delete(f"/v1/keys/{said['id']}"), 404)
    assert works(said["key"])
