"""Credentials at rest: a JSON field that PostgreSQL only ever sees encrypted.

Stored as `<version>$<fernet token>`. `CREDENTIAL_KEYS` lists `<version>:<key>`, newest first: the first encrypts,
any of them decrypts, so that a key can be rotated while the service runs (`manage.py rotate_credentials_key`).
"""

import json
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from .hiding import HIDDEN, remember

log = logging.getLogger(__name__)


class CredentialsUnreadable(Exception):
    """The key that encrypted a value is no longer in CREDENTIAL_KEYS, or the value was tampered with."""


class Unreadable(dict[str, Any]):
    """What a row shows for a value no key opens: empty, so that lists still work, and refused when saved."""


class Secrets(dict[str, Any]):
    """Decrypted names and values. Whatever prints it by mistake (a log, a traceback, a report) prints no secret."""

    def __repr__(self) -> str:
        return HIDDEN


class SecretList(list[Any]):
    """Decrypted values, as Secrets."""

    def __repr__(self) -> str:
        return HIDDEN


@lru_cache(maxsize=4)
def _keyring(listed: tuple[str, ...]) -> dict[str, Fernet]:
    keyring = {}
    for entry in listed:
        version, _, key = entry.partition(":")
        try:
            keyring[version] = Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                "CREDENTIAL_KEYS must be <version>:<fernet key>, comma separated, newest first; "
                "the README (Deploying) says how to make one."
            ) from error
    if not keyring:
        raise ImproperlyConfigured("CREDENTIAL_KEYS is empty.")
    return keyring


def keyring() -> dict[str, Fernet]:
    """This will give the keys by version, the encrypting one first."""
    return _keyring(tuple(settings.CREDENTIAL_KEYS))


def current_version() -> str:
    return next(iter(keyring()))


def encrypt(value: Any) -> str:
    remember(value)
    version = current_version()
    return f"{version}${keyring()[version].encrypt(json.dumps(value).encode()).decode()}"


def decrypt(stored: str) -> Any:
    """This will give back what `encrypt` was given, or raise CredentialsUnreadable."""
    version, _, token = stored.partition("$")
    try:
        value = json.loads(keyring()[version].decrypt(token.encode()))
    except (KeyError, InvalidToken) as error:
        raise CredentialsUnreadable(f"No key of CREDENTIAL_KEYS opens a value of key version {version!r}.") from error
    remember(value)
    return value


def _hidden(value: Any) -> Any:
    return Secrets(value) if isinstance(value, dict) else SecretList(value) if isinstance(value, list) else value


if TYPE_CHECKING:

    class _Text(models.TextField[Any, Any]):
        # What django-stubs takes for the types that may be set, looked up and read.
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any
        _pyi_lookup_exact_type: Any
else:
    _Text = models.TextField


class EncryptedJSONField(_Text):
    """A JSON value, encrypted on its way into the database and decrypted on its way out."""

    def get_prep_value(self, value: Any) -> str:
        if isinstance(value, Unreadable):
            raise CredentialsUnreadable("A value that could not be read is not written back.")
        return encrypt(value)

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        try:
            return None if value is None else _hidden(decrypt(value))
        except CredentialsUnreadable as error:
            log.error("%s", error)  # noqa: TRY400  # no stack: which value it was, the caller knows
            return Unreadable()

    def to_python(self, value: Any) -> Any:
        return value

    def get_lookup(self, lookup_name: str) -> None:
        """Ciphertext differs at every write: no comparison in the database can mean anything."""
        return
