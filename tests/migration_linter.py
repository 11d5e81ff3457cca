"""Which migrations would stop, or lock out, the code that runs while they do: `python -m tests.migration_linter`.

During a deploy the old code goes on reading and writing tables that the new code's migrations have changed already.
Squawk (https://squawkhq.com/docs/rules) reads the SQL that Django makes of them. What is done on purpose says so in
its migration, by rule and with the reason:

    class Migration(migrations.Migration):
        on_purpose = {"ban-drop-column": "Nothing has read it since 0021, two versions ago."}

What a `RunPython` does it cannot read.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

from openpost.embedded import ensure

HOME = Path(__file__).resolve().parent.parent / ".openpost" / "test"
SQUAWK = Path(sys.executable).parent / "squawk"
OURS = ("integrations", "openpost", "posts", "publishing")
#: The oldest that a deployment may have (README).
POSTGRESQL = "15"
#: Matters of taste; what can be run again (migrations run as a whole, AddIndexAnew begins anew); and what is left to
#: whoever runs `migrate`. A constraint may go: what the old code writes is still taken.
NOT_ASKED = (
    "prefer-text-field", "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-robust-stmts",
    "require-lock-timeout", "require-statement-timeout", "ban-drop-constraint",
)  # fmt: skip
#: What was made before there was a service that had to go on meanwhile.
BASELINE = {
    "integrations.0003_tokens_that_end_soon": {"require-concurrent-index-creation"},
    "integrations.0007_sandbox_threads_and_media": {
        "adding-foreign-key-constraint",
        "require-concurrent-index-creation",
    },
    "integrations.0008_scopes_and_rotation_of_keys": {
        "constraint-missing-not-valid",
        "require-concurrent-index-creation",
    },
    "integrations.0018_people_say_yes_before_they_are_members": {"adding-field-with-default"},
    "posts.0002_clock_of_an_account_and_events": {
        "adding-foreign-key-constraint",
        "constraint-missing-not-valid",
        "require-concurrent-index-creation",
        "require-concurrent-index-deletion",
    },
    "posts.0003_what_is_left_behind": {"require-concurrent-index-creation"},
    "publishing.0003_absences_and_missed": {"constraint-missing-not-valid"},
}


@dataclass(frozen=True)
class Finding:
    """What one statement of a migration would do. `rule` is Squawk's name for it."""

    migration: str
    rule: str
    statement: str
    message: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.rule}\n    {self.statement[:150]}\n    {self.message}"


def main() -> int:
    # Django writes SQL only with a PostgreSQL at hand: that of the tests, in which nothing is changed.
    database = os.environ.get("TEST_DATABASE_URL") or ensure(HOME, redis=False, durable=False).database_url
    os.environ.update(DEBUG="1", DATABASE_URL=database, REDIS_URL="redis://127.0.0.1:1/0")
    os.environ["DJANGO_SETTINGS_MODULE"] = "openpost.settings"
    django.setup()
    found = list(findings(ours()))
    for finding in found:
        sys.stdout.write(f"{finding}\n")
    if found:
        sys.stdout.write("docs/operations.md, Upgrading, says how to make such a change in steps.\n")
    return bool(found)


def findings(sql: dict[str, tuple[str, dict[str, str]]]) -> Iterator[Finding]:
    """Every finding that nobody has allowed. `sql` has, by the migration's name, its SQL and what is on purpose."""
    with TemporaryDirectory() as folder:
        for name, (text, _) in sql.items():
            Path(folder, name).write_text(text)
        for said in _squawk(Path(folder) / name for name in sql):
            name = Path(said["file"]).name
            text, on_purpose = sql[name]
            statement = text.splitlines()[said["line"]]
            allowed = BASELINE.get(name, set()) | on_purpose.keys()
            if said["rule_name"] not in allowed and not _of_a_new_table(statement, text):
                yield Finding(name, said["rule_name"], statement, said["message"])


def ours() -> dict[str, tuple[str, dict[str, str]]]:
    """The SQL of all our migrations, and what they do on purpose."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader, state = MigrationLoader(connection), ProjectState()
    plan = dict.fromkeys(one for leaf in loader.graph.leaf_nodes() for one in loader.graph.forwards_plan(leaf))
    found = {}
    for app, name in plan:
        migration = loader.graph.nodes[app, name]
        text, state = sql_of(migration, state)
        if app in OURS:
            found[f"{app}.{name}"] = (text, getattr(migration, "on_purpose", {}))
    return found


def sql_of(migration: Any, state: Any) -> tuple[str, Any]:
    """This will give the SQL of a migration, with a transaction around it if it has one, and the state after it."""
    from django.db import connection

    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        after = migration.apply(state, editor, collect_sql=True)
    lines = ["BEGIN;", *editor.collected_sql, "COMMIT;"] if migration.atomic else editor.collected_sql
    return "\n".join(lines), after


def _squawk(files: Iterable[Path]) -> list[dict[str, Any]]:
    command: list[str | Path] = [SQUAWK, "--pg-version", POSTGRESQL, "--reporter", "json"]
    command += ["--exclude", ",".join(NOT_ASKED), *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr)
    said: list[dict[str, Any]] = json.loads(done.stdout)
    return said


def _of_a_new_table(statement: str, text: str) -> bool:
    """Nobody reads or writes a table that this migration makes."""
    table = re.match(r'ALTER TABLE ("\w+")', statement)
    return bool(table and f"CREATE TABLE {table[1]}" in text)


if __name__ == "__main__":
    sys.exit(main())
