from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations import closing
from integrations.models import Workspace
from openpost import clock
from posts import removing


class Command(BaseCommand):
    help = (
        "Delete a workspace wholly: posts, files, accounts, keys, webhooks, and what people are in it. What is live on "
        "a platform stays there; the audit log stays for as long as it is kept. It may be ended and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", type=UUID, help="its id")
        parser.add_argument("--name", required=True, help="its name, to make sure that it is this one")

    def handle(self, *, workspace: UUID, name: str, **options: Any) -> None:
        row = Workspace.objects.filter(id=workspace).first()
        if row is None:
            raise CommandError("There is no such workspace (any more).")
        try:
            closing.close(workspace=row, typed=name, now=clock.now())
            for done in removing.steps(row):
                self.stdout.write(done)
        except closing.CannotClose as error:
            raise CommandError(str(error)) from error
        except removing.StillSending as error:
            raise CommandError(
                f"{error} Nothing else of it is left to send: run this again in some minutes."
            ) from error
