"""`manage.py create_workspace`: a live workspace, or with --sandbox one that reaches no real platform."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.connect import create_workspace
from integrations.models import Mode, Workspace


class Command(BaseCommand):
    help = "Make a workspace and print its id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--sandbox", action="store_true", help="on the sandbox network, one account per platform")

    def handle(self, *args: Any, name: str, sandbox: bool, **options: Any) -> None:
        if Workspace.objects.filter(name=name).exists():
            raise CommandError(f"There is a workspace called {name} already.")
        mode = Mode.SANDBOX if sandbox else Mode.LIVE
        self.stdout.write(str(create_workspace(name=name, mode=mode, now=timezone.now()).id))
