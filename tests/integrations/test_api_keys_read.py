"""GET /v1/keys and /v1/keys/{id}."""

import pytest
from django.utils import timezone

from integrations import keys
from integrations.models import ApiKey
from tests import builders

from .keyring import FIELDS, admin, made

pytestmark = pytest.mark.django_db


def test_it_lists_every_key_of_the_workspace_newest_first_and_none_itself() -> None:
    workspace = builders.workspace()
    client = admin(workspace)
    secrets = [made(client, name=f"key {number}")["key"] for number in range(3)]
    builders.api_key(builders.workspace())

    answer = client.get("/v1/keys")

    listed = answer.json()["data"]
    assert [one["name"] for one in listed] == ["key 2", "key 1", "key 0", "Tests"]
    assert all(one.keys() == FIELDS for one in listed)
    assert [secret for secret in secrets if secret in answer.content.decode()] == []
    for row in ApiKey.objects.all():
        assert row.key_hash not in answer.content.decode()


def test_it_lists_page_by_page() -> None:
    client = admin(builders.workspace())
    for number in range(4):
        made(client, name=f"key {number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/v1/keys?limit=2{cursor and f'&cursor={cursor}'}").json()
        seen += [one["name"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert seen == ["key 3", "key 2", "key 1", "key 0", "Tests"]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=a", "cursor=made-up"])
def test_it_refuses_a_page_that_is_none(query: str) -> None:
    builders.error(admin(builders.workspace()).get(f"/v1/keys?{query}"))


def test_it_says_what_became_of_a_key() -> None:
    client = admin(builders.workspace())
    ids = {state: made(client)["id"] for state in ("active", "expired", "revoked")}
    now = timezone.now()
    ApiKey.objects.filter(id=ids["expired"]).update(expires_at=now)
    keys.revoke_key(api_key=ApiKey.objects.get(id=ids["revoked"]), now=now)
    for state, key_id in ids.items():
        assert client.get(f"/v1/keys/{key_id}").json()["data"]["status"] == state


def test_it_says_when_a_key_was_last_used() -> None:
    client = admin(builders.workspace())
    (own,) = client.get("/v1/keys").json()["data"]
    assert own["last_used_at"] is not None
    assert client.get(f"/v1/keys/{made(client)['id']}").json()["data"]["last_used_at"] is None


def test_it_shows_one_key_as_in_the_list() -> None:
    client = admin(builders.workspace())
    said = made(client)
    assert (
        client.get(f"/v1/keys/{said.pop('id')}").json()["data"].items()
        >= {name: value for name, value in said.items() if name not in ("key", "scopes")}.items()
    )


@pytest.mark.parametrize("key_id", ["254504b6-0afc-4c73-b074-89da5a1793d8", "1", "%00", "x" * 300])
def test_it_does_not_know_a_key_that_is_not_there(key_id: str) -> None:
    assert builders.error(admin(builders.workspace()).get(f"/v1/keys/{key_id}"), 404)["code"] == "not_found"


def test_a_stranger_sees_no_key_of_ours() -> None:
    ours = made(admin(builders.workspace()))
    stranger = builders.stranger("admin")
    builders.error(stranger.get(f"/v1/keys/{ours['id']}"), 404)
    assert ours["id"] not in stranger.get("/v1/keys").content.decode()
