"""`manage.py create_key`: a new API key for a workspace, shown once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.keys import create_key
from integrations.models import Scope, Workspace
from integrations.models.api_key import ORDINARY
from openpost.api.errors import ApiError


class Command(BaseCommand):
    help = "Make an API key and print it: the only time it can be seen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", help="the workspace's name")
        parser.add_argument("--name", default="Made in the shell", help="what will use the key")
        parser.add_argument(
            "--scope", action="append", choices=Scope.values, help="read, write or admin; may be given several times"
        )

    def handle(self, *args: Any, workspace: str, name: str, scope: list[str] | None, **options: Any) -> None:
        found = list(Workspace.objects.filter(name=workspace)[:2])
        if len(found) != 1:
            names = ", ".join(Workspace.objects.values_list("name", flat=True)[:20])
            raise CommandError(
                f"{len(found) or 'No'} workspaces are called {workspace}. There are: {names or 'none'}. "
                "`manage.py create_workspace` makes one, and so does `manage.py connect` when there is no live one."
            )
        try:
            _, key = create_key(workspace=found[0], name=name, scopes=scope or ORDINARY)
        except ApiError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(key)
