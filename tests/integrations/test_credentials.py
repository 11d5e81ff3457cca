"""Credentials at rest: encrypted, rotated, and refused when they cannot be read."""

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from pytest_django.fixtures import Settings as SettingsWrapper

from integrations.models import Integration
from openpost.crypto import CredentialsUnreadable, current_version, decrypt, encrypt
from tests import builders

OLD, NEW = (f"{version}:{Fernet.generate_key().decode()}" for version in ("1", "2"))
SECRET: dict[str, Any] = {"access_token": "s3cret", "ünï": ["😀", None, 1.5]}


@pytest.fixture(autouse=True)
def _one_key(settings: SettingsWrapper) -> None:
    settings.CREDENTIAL_KEYS = [OLD]


def stored(account: Integration) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM integrations_integration WHERE id = %s", [account.id])
        (value,) = cursor.fetchone() or ("",)
    return str(value)


def test_it_gives_back_what_it_was_given() -> None:
    assert decrypt(encrypt(SECRET)) == SECRET


def test_it_never_writes_the_same_thing_twice_the_same_way() -> None:
    assert encrypt(SECRET) != encrypt(SECRET)


@pytest.mark.parametrize("tampered", [lambda it: it[:-5] + "AAAA=", lambda it: "1$", lambda it: "",
                                      lambda it: it.replace("1$", "9$"), lambda it: '{"access_token": "mine"}',
                                      lambda it: "1$ünï"])  # fmt: skip
def test_it_refuses_what_was_tampered_with(tampered: Any) -> None:
    with pytest.raises(CredentialsUnreadable) as raised:
        decrypt(tampered(encrypt(SECRET)))
    assert "s3cret" not in str(raised.value)


def test_it_reads_old_values_and_writes_with_the_newest_key(settings: SettingsWrapper) -> None:
    old = encrypt(SECRET)
    settings.CREDENTIAL_KEYS = [NEW, OLD]

    assert decrypt(old) == SECRET
    assert current_version() == "2"
    assert encrypt(SECRET).startswith("2$")


def test_it_cannot_read_a_value_whose_key_is_gone(settings: SettingsWrapper) -> None:
    old = encrypt(SECRET)
    settings.CREDENTIAL_KEYS = [NEW]

    with pytest.raises(CredentialsUnreadable, match="'1'"):
        decrypt(old)


@pytest.mark.parametrize("keys", [[], [""], ["nonsense"], ["1:short"], [Fernet.generate_key().decode()]])
def test_it_refuses_keys_that_are_none(settings: SettingsWrapper, keys: list[str]) -> None:
    settings.CREDENTIAL_KEYS = keys

    with pytest.raises(ImproperlyConfigured, match="CREDENTIAL_KEYS"):
        encrypt(SECRET)


@pytest.mark.django_db
def test_it_shows_postgresql_nothing_of_a_secret() -> None:
    account = builders.integration(builders.workspace(), credentials=SECRET)

    assert stored(account).startswith("1$")
    assert "s3cret" not in stored(account)
    assert Integration.objects.get(id=account.id).credentials == SECRET


@pytest.mark.django_db
def test_it_rotates_every_account_to_the_newest_key(settings: SettingsWrapper) -> None:
    workspace = builders.workspace("live")
    accounts = [builders.integration(workspace, credentials=SECRET) for _ in range(3)]
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    first, second = io.StringIO(), io.StringIO()

    call_command("rotate_credentials_key", stdout=first)
    written = [stored(account) for account in accounts]
    call_command("rotate_credentials_key", stdout=second)

    assert all(one.startswith("2$") for one in written)
    assert [stored(account) for account in accounts] == written, "the second run has nothing to do"
    assert "Integration.credentials: 3 of 3 done" in first.getvalue()
    assert "Integration.credentials: 0 to do" in second.getvalue()
    settings.CREDENTIAL_KEYS = [NEW]
    assert {Integration.objects.get(id=account.id).credentials["access_token"] for account in accounts} == {"s3cret"}


@pytest.mark.django_db
def test_it_lists_and_takes_posts_though_an_accounts_credentials_cannot_be_read(settings: SettingsWrapper) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)
    client = builders.client(workspace)
    settings.CREDENTIAL_KEYS = [NEW]

    assert client.get("/v1/posts").status_code == 200
    assert client.get(f"/v1/posts/{post.id}").status_code == 200
    assert client.post("/v1/posts", {"content": "Hello", "platforms": ["twitter"]}).status_code == 201
    assert client.patch(f"/v1/posts/{post.id}", {"content": "Other"}).status_code == 200
    assert client.post(f"/v1/posts/{post.id}/publish").status_code == 202
    assert client.delete(f"/v1/posts/{post.id}").status_code == 204
