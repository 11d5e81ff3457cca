"""POST /v1/keys/{id}/rotate."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from integrations import keys
from integrations.models import ApiKey
from tests import builders

from .keyring import FIELDS, admin, holder, made, works

pytestmark = pytest.mark.django_db


def test_it_makes_a_key_that_takes_the_old_ones_place_while_that_goes_on() -> None:
    client = admin(builders.workspace())
    old = made(client, scopes=["read"])
    answer = client.post(f"/v1/keys/{old['id']}/rotate", {"overlap_seconds": 3600})
    assert answer.status_code == 201
    new = answer.json()["data"]
    assert new.keys() == {*FIELDS, "key", "replaces"}
    assert new["replaces"].keys() == FIELDS
    assert (new["name"], new["scopes"], new["expires_at"]) == ("Website", ["read"], None)
    assert new["id"] != old["id"] == new["replaces"]["id"]
    row = ApiKey.objects.get(id=old["id"])
    assert row.rotated_at
    assert row.expires_at == row.rotated_at + timedelta(hours=1)
    assert works(old["key"])
    assert works(new["key"])
    with time_machine.travel(row.expires_at + timedelta(seconds=1)):
        assert not works(old["key"])
        assert works(new["key"])


def test_it_ends_the_old_key_at_once_when_no_overlap_is_wanted() -> None:
    client = admin(builders.workspace())
    old = made(client)
    new = client.post(f"/v1/keys/{old['id']}/rotate", {"overlap_seconds": 0}).json()["data"]
    assert (works(old["key"]), works(new["key"])) == (False, True)


@pytest.mark.parametrize("body", [{}, ""])
def test_it_lets_the_old_key_go_on_for_a_day_unless_told_otherwise(body: Any) -> None:
    client = admin(builders.workspace())
    old = made(client)
    assert client.post(f"/v1/keys/{old['id']}/rotate", body).status_code == 201
    row = ApiKey.objects.get(id=old["id"])
    assert row.expires_at is not None
    assert row.rotated_at is not None
    assert row.expires_at - row.rotated_at == timedelta(days=1)


def test_it_lets_no_key_live_longer_than_it_was_meant_to() -> None:
    client = admin(builders.workspace())
    ends = builders.soon(minutes=10)
    old = made(client, expires_at=builders.iso(ends))
    new = client.post(f"/v1/keys/{old['id']}/rotate", {"overlap_seconds": 86400}).json()["data"]
    assert new["replaces"]["expires_at"] == builders.iso(ends)
    # The new one lives as long as the old one was meant to, from now on.
    row, before = ApiKey.objects.get(id=new["id"]), ApiKey.objects.get(id=old["id"])
    assert row.expires_at
    assert before.rotated_at
    assert row.expires_at - before.rotated_at == ends - before.created_at


@pytest.mark.parametrize("how", ["rotated", "revoked", "expired"])
def test_it_does_not_rotate_a_key_whose_life_is_over_or_that_has_a_successor(how: str) -> None:
    client = admin(builders.workspace())
    old = made(client)
    row = ApiKey.objects.get(id=old["id"])
    if how == "rotated":
        keys.rotate_key(api_key=row, overlap=timedelta(hours=1), now=timezone.now())
    elif how == "revoked":
        keys.revoke_key(api_key=row, now=timezone.now())
    else:
        ApiKey.objects.filter(id=row.id).update(expires_at=timezone.now())
    before = ApiKey.objects.count()
    assert builders.error(client.post(f"/v1/keys/{old['id']}/rotate", {}), 409)["code"] == "key_not_rotatable"
    assert ApiKey.objects.count() == before


@pytest.mark.parametrize("overlap", [-1, 2_592_001, 1.5, "3600", None, True, [], 10**30])
def test_it_names_an_overlap_that_is_none(overlap: Any) -> None:
    client = admin(builders.workspace())
    old = made(client)
    answer = client.post(f"/v1/keys/{old['id']}/rotate", {"overlap_seconds": overlap})
    assert builders.error(answer)["field"] == "/overlap_seconds"
    assert ApiKey.objects.get(id=old["id"]).rotated_at is None


def test_a_key_may_rotate_itself() -> None:
    client = admin(builders.workspace())
    own = ApiKey.objects.get()
    new = client.post(f"/v1/keys/{own.id}/rotate", {"overlap_seconds": 0}).json()["data"]
    builders.error(client.get("/v1/keys"), 401)
    assert works(new["key"])


def test_a_stranger_rotates_no_key_of_ours() -> None:
    old = made(admin(builders.workspace()))
    builders.error(builders.stranger("admin").post(f"/v1/keys/{old['id']}/rotate", {}), 404)
    assert ApiKey.objects.get(id=old["id"]).rotated_at is None


def test_the_database_refuses_a_rotated_key_without_an_end() -> None:
    builders.api_key(builders.workspace())
    with pytest.raises(IntegrityError, match="comes_to_an_end"), transaction.atomic():
        ApiKey.objects.update(rotated_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_of_many_that_rotate_one_key_at_once_one_gets_the_new_key() -> None:
    key = builders.api_key(builders.workspace(), scopes=["admin"])
    old = made(holder(key))

    def rotate(_: int) -> int:
        try:
            answer = holder(key).post(f"/v1/keys/{old['id']}/rotate", {})
            return int(answer.status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(rotate, range(8)))
    assert answers == [201] + [409] * 7
    assert ApiKey.objects.filter(name="Website").count() == 2


@pytest.mark.django_db(transaction=True)
def test_rotating_and_revoking_at_once_leave_no_key_without_an_end() -> None:
    for _ in range(5):
        workspace = builders.workspace()
        row, _key = keys.create_key(workspace=workspace, name="Website")

        def rotate(row: ApiKey = row) -> str:
            try:
                return keys.rotate_key(api_key=row, overlap=timedelta(hours=1), now=timezone.now())[1]
            except keys.CannotRotate:
                return ""
            finally:
                connection.close()

        def revoke(row: ApiKey = row) -> None:
            try:
                keys.revoke_key(api_key=row, now=timezone.now())
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            new, _nothing = pool.submit(rotate), pool.submit(revoke)
        left = ApiKey.objects.get(id=row.id)
        assert left.revoked_at is not None
        assert (left.rotated_at is not None) == bool(new.result())
