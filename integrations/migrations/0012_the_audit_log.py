"""The audit log, which PostgreSQL lets nobody change or delete."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

APPEND_ONLY = """
CREATE FUNCTION integrations_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_log_is_append_only';
END
$$;

CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON integrations_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION integrations_audit_is_append_only();
"""

NO_MORE = """
DROP TRIGGER audit_log_is_append_only ON integrations_auditentry;
DROP FUNCTION integrations_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0011_accounts_page_by_page")]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[("person", "Person"), ("key", "Key"), ("machine", "Machine")], max_length=10
                    ),
                ),
                ("actor_id", models.CharField(blank=True, max_length=64)),
                (
                    "actor_name",
                    models.CharField(
                        blank=True, help_text="Who: the person, or the key, as called then.", max_length=255
                    ),
                ),
                ("address", models.GenericIPAddressField(blank=True, help_text="From where.", null=True)),
                ("action", models.CharField(max_length=40)),
                ("subject_type", models.CharField(blank=True, max_length=40)),
                ("subject_id", models.CharField(blank=True, max_length=64)),
                (
                    "subject",
                    models.CharField(blank=True, help_text="What was changed, as it was called then.", max_length=255),
                ),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="integrations.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit log",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="audit_newest"),
                    models.Index(fields=["workspace", "-at", "-id"], name="audit_of_workspace"),
                    models.Index(fields=["workspace", "action", "-at", "-id"], name="audit_of_action"),
                    models.Index(fields=["workspace", "actor_id", "-at", "-id"], name="audit_of_actor"),
                    models.Index(fields=["subject_id", "-at", "-id"], name="audit_of_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("actor_kind__in", ["person", "key", "machine"])),
                        name="audit_actor_kind_is_known",
                    )
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, NO_MORE),
    ]
