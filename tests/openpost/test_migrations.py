"""What `migrate` does to tables of millions of rows while the old code goes on writing them."""

from importlib import import_module

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

#: Tables that grow with every post and are written all the time.
LARGE = {
    *("post", "posttarget", "event", "delivery", "attempt", "step", "attachment", "outboxevent", "webhookdelivery"),
    "auditentry",
}
#: Until these there were no posts to wait for.
FIRST = {"posts": "0003", "publishing": "0005"}


def changes_of_large_tables() -> list[tuple[str, Operation]]:
    """Every operation on a large table that an earlier migration made."""
    found = []
    for (app, name), migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.items():
        if app not in {"integrations", "posts", "publishing"} or name[:4] <= FIRST.get(app, "0000"):
            continue
        made = {one.name_lower for one in migration.operations if isinstance(one, migrations.CreateModel)}
        for operation in migration.operations:
            table = getattr(operation, "model_name_lower", "")
            if table in LARGE - made:
                found.append((f"{app}.{name}", operation))
    return found


def test_nobody_waits_for_a_migration() -> None:
    changes = changes_of_large_tables()
    assert changes
    for name, operation in changes:
        match operation:
            case migrations.AddIndex():
                assert isinstance(operation, AddIndexConcurrently), name
            case migrations.AddConstraint() if isinstance(operation.constraint, models.CheckConstraint):
                assert isinstance(operation, AddConstraintNotValid), name
            case migrations.AddConstraint():
                pytest.fail(f"{name}: a unique constraint locks the table; make a unique index concurrently first")
            case migrations.AddField():
                assert operation.field.null or operation.field.has_db_default(), name
            case _:
                pass


@pytest.mark.django_db(transaction=True)
def test_an_index_whose_making_broke_off_is_made_anew() -> None:
    (operation,) = import_module("publishing.migrations.0008_which_part_an_id_is").Migration.operations
    before = MigrationLoader(connection).project_state(("publishing", "0007_webhooks_every_second"))
    after = before.clone()
    operation.state_forwards("publishing", after)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX delivery_by_remote_id")
        cursor.execute("CREATE INDEX delivery_by_remote_id ON publishing_delivery (key)")  # not what is wanted

    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("publishing", editor, before, after)

    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'delivery_by_remote_id'")
        assert "(remote_id)" in cursor.fetchone()[0]
