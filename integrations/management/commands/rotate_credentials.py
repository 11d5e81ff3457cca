"""`manage.py rotate_credentials`: encrypt every stored secret with the newest key of CREDENTIAL_KEYS."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from integrations.models import Integration, WebhookEndpoint
from openpost.crypto import current_version, decrypt, encrypt


class Command(BaseCommand):
    help = "Encrypt all credentials with the first key of CREDENTIAL_KEYS; then the older ones can be taken away."

    def handle(self, *args: Any, **options: Any) -> None:
        version = current_version()
        accounts = sum(rotate(Integration, "credentials", pk, version) for pk in _ids(Integration))
        self.stdout.write(f"{accounts} accounts' credentials now use key version {version}.")
        webhooks = sum(rotate(WebhookEndpoint, "secrets", pk, version) for pk in _ids(WebhookEndpoint))
        self.stdout.write(f"{webhooks} webhooks' secrets now use key version {version}.")


def rotate(model: type[Integration] | type[WebhookEndpoint], column: str, row_id: UUID, version: str) -> bool:
    """This will rewrite one row's ciphertext under its lock, so that a refresh is never overwritten."""
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s FOR NO KEY UPDATE", [row_id])  # noqa: S608  # our own names
        stored = cursor.fetchone()
        if stored is None or stored[0].partition("$")[0] == version:
            return False
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE id = %s",  # noqa: S608  # our own names
            [encrypt(decrypt(stored[0])), row_id],
        )
    return True


def _ids(model: type[Integration] | type[WebhookEndpoint]) -> Any:
    return model._default_manager.values_list("id", flat=True).iterator()
