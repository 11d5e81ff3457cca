"""How migrations change tables that are written all the time: the old code runs on while `migrate` does its work.

A column needs a `db_default`, a check `AddConstraintNotValid` and, in a later migration, `ValidateConstraint`; an index
is made by what stands here, in a migration with `atomic = False`.
"""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently


class AddIndexAnew(AddIndexConcurrently):
    """Makes an index while rows are written, and begins anew where an earlier try broke off.

    Such a try leaves the index behind, invalid, or those that the same migration made before it.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self.allow_migrate_model(
            schema_editor.connection.alias, to_state.apps.get_model(app_label, self.model_name)
        ):
            name = schema_editor.quote_name(self.index.name)
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
