"""`manage.py rotate_credentials_key`: every encrypted value under the newest key of CREDENTIAL_KEYS."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from openpost import rotation
from openpost.crypto import current_version, keyring


class Command(BaseCommand):
    help = (
        "Encrypts every secret that is kept (accounts, webhooks, second factors, sign-ins, answers) with the first key "
        "of CREDENTIAL_KEYS, while the service runs. It may be ended at any moment and started again. At the end it "
        "says which of the older keys can be taken away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only counts what there is under which key.")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        for column in rotation.columns():
            older = _older(rotation.versions(column))
            if dry_run or not older:
                self.stdout.write(f"{column}: {older} to do.")
            else:
                self._rotate(column, older)
        self._conclude()

    def _rotate(self, column: rotation.Column, older: int) -> None:
        done = 0
        for batch in rotation.exchange(column):
            done += batch.exchanged
            self.stdout.write(f"{column}: {done} of {older} done.")
            self.stdout.flush()

    def _conclude(self) -> None:
        left: Counter[str] = Counter()
        for column in rotation.columns():
            left += rotation.versions(column)
        for version in rotation.superfluous(left):
            self.stdout.write(f"No value is under key version {version}: it can be taken away.")
        for version, count in sorted(left.items()):
            if version != current_version():
                missing = "" if version in keyring() else ", which is missing from CREDENTIAL_KEYS"
                self.stdout.write(f"{count} values are under key version {version}{missing}.")
        unreadable = sum(count for version, count in left.items() if version not in keyring())
        if unreadable:
            raise CommandError(
                f"{unreadable} values have no key any more. Put it back, or connect those accounts again."
            )


def _older(found: Counter[str]) -> int:
    return sum(count for version, count in found.items() if version != current_version())
