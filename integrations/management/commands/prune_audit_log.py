"""`manage.py prune_audit_log --days 730`: for whoever must not keep for ever who did what."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations import audit


class Command(BaseCommand):
    help = "Forget entries of the audit log that are older than so many days. Each log says that it was done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        least = audit.KEPT_AT_LEAST.days
        parser.add_argument("--days", type=int, required=True, help=f"How many days are kept: {least} or more.")

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        if days < audit.KEPT_AT_LEAST.days:
            raise CommandError(f"At least {audit.KEPT_AT_LEAST.days} days are kept.")
        removed = audit.prune(before=timezone.now() - timedelta(days=days))
        self.stdout.write(f"Entries removed: {removed}.")
