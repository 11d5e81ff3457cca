"""The linter of migrations finds what breaks a deploy, and lets pass what is made in the way that the docs say."""

from functools import cache

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Random

from openpost.migrating import AddIndexAnew
from tests.migration_linter import findings, sql_of

pytestmark = pytest.mark.django_db

TEXT = models.CharField(max_length=10)
CHECK = models.CheckConstraint(condition=models.Q(content__lt="x"), name="short")
INDEX = models.Index(fields=["content"], name="by_content")
BREAKING: dict[str, Operation] = {
    "ban-drop-column": migrations.RemoveField("post", "split"),
    "renaming-column": migrations.RenameField("post", "split", "parts"),
    "ban-drop-table": migrations.DeleteModel("attachment"),
    "renaming-table": migrations.RenameModel("attachment", "file"),
    # A default that Django alone knows: the old code's rows have none.
    "ban-drop-default": migrations.AddField("post", "new", models.CharField(max_length=10, default="")),
    "adding-not-nullable-field": migrations.AlterField("post", "approved_at", models.DateTimeField(default=None)),
    "changing-column-type": migrations.AlterField("post", "content", models.JSONField()),
    # Another value for each row: all are written anew.
    "adding-field-with-default": migrations.AddField("post", "new", models.FloatField(db_default=Random())),
    "require-concurrent-index-creation": migrations.AddIndex("post", INDEX),
    "require-concurrent-index-deletion": migrations.RemoveIndex("post", "post_list"),
    "constraint-missing-not-valid": migrations.AddConstraint("post", CHECK),
    "disallowed-unique-constraint": migrations.AddConstraint(
        "post", models.UniqueConstraint(fields=["id", "split"], name="one")
    ),
}
SAFE: dict[str, Operation] = {
    "a column that fills itself": migrations.AddField("post", "new", models.CharField(max_length=10, db_default="")),
    "a column that may be empty": migrations.AddField("post", "new", models.DateTimeField(null=True)),
    "a check of what comes from now on": AddConstraintNotValid("post", CHECK),
    "a table": migrations.CreateModel("new", [("id", models.UUIDField(primary_key=True)), ("text", TEXT)]),
}


@cache
def now() -> ProjectState:
    """The models as all migrations leave them."""
    return MigrationLoader(None).project_state()


def rules(operation: Operation, *, atomic: bool = True, on_purpose: dict[str, str] | None = None) -> set[str]:
    """What the linter says of a migration of this one operation, made after all others."""
    migration = type("Migration", (migrations.Migration,), {"operations": [operation], "atomic": atomic})
    text, _ = sql_of(migration("0099_next", "posts"), now().clone())
    return {finding.rule for finding in findings({"posts.0099_next": (text, on_purpose or {})})}


@pytest.mark.parametrize("rule", BREAKING)
def test_it_finds_what_breaks_the_code_that_runs_beside(rule: str) -> None:
    assert rule in rules(BREAKING[rule])


@pytest.mark.parametrize("what", SAFE)
def test_it_lets_pass_what_the_old_code_does_not_notice(what: str) -> None:
    assert rules(SAFE[what]) == set()


@pytest.mark.django_db(transaction=True)
def test_it_lets_pass_an_index_that_is_made_beside_the_service() -> None:
    assert rules(AddIndexAnew("post", INDEX), atomic=False) == set()


def test_it_lets_pass_what_is_said_to_be_on_purpose_and_nothing_else() -> None:
    operation = BREAKING["ban-drop-column"]

    assert rules(operation, on_purpose={"ban-drop-column": "Nobody reads it."}) == set()
    assert rules(operation, on_purpose={"renaming-column": "Nobody reads it."}) == {"ban-drop-column"}
