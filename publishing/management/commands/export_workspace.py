import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.models import Workspace
from publishing.export import export


class Command(BaseCommand):
    help = (
        "Write all that is kept of a workspace into a ZIP of JSON lines and files, without any secret. The folder of "
        "the file must exist; - is the standard output."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", type=UUID, help="its id")
        parser.add_argument("file", help="where to, such as export.zip")

    def handle(self, *, workspace: UUID, file: str, **options: Any) -> None:
        row = Workspace.objects.filter(id=workspace).first()
        if row is None:
            raise CommandError("There is no such workspace.")
        counts = export(row, sys.stdout.buffer) if file == "-" else self._write(row, Path(file))
        self.stderr.write(", ".join(f"{name}: {count}" for name, count in counts.items()))

    def _write(self, workspace: Workspace, path: Path) -> dict[str, int]:
        """Under its name only when it is whole."""
        draft = path.with_name(f"{path.name}.part")
        with draft.open("wb") as to:
            draft.chmod(0o600)
            counts = export(workspace, to)
        draft.replace(path)
        return counts
