"""`manage.py rotate_credentials`: encrypt every account's credentials with the newest key of CREDENTIAL_KEYS."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from integrations.models import Integration
from openpost.crypto import current_version, decrypt, encrypt


class Command(BaseCommand):
    help = "Encrypt all credentials with the first key of CREDENTIAL_KEYS; then the older ones can be taken away."

    def handle(self, *args: Any, **options: Any) -> None:
        version, moved = current_version(), 0
        for integration_id in Integration.objects.values_list("id", flat=True).iterator():
            moved += rotate(integration_id, version)
        self.stdout.write(f"{moved} accounts' credentials now use key version {version}.")


def rotate(integration_id: UUID, version: str) -> bool:
    """This will rewrite one account's ciphertext under its row's lock, so that a refresh is never overwritten."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT credentials FROM integrations_integration WHERE id = %s FOR NO KEY UPDATE", [integration_id]
        )
        (stored,) = cursor.fetchone()
        if stored.partition("$")[0] == version:
            return False
        cursor.execute(
            "UPDATE integrations_integration SET credentials = %s WHERE id = %s",
            [encrypt(decrypt(stored)), integration_id],
        )
    return True
