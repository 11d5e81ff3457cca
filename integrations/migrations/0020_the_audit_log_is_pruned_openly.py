"""The audit log may be pruned by whoever says so in it, up to ninety days ago, and is never emptied."""

from django.db import migrations

FORWARDS = """
DROP TRIGGER audit_log_is_append_only ON integrations_auditentry;

CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE ON integrations_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION integrations_audit_is_append_only();

CREATE TRIGGER audit_log_is_never_emptied BEFORE TRUNCATE ON integrations_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION integrations_audit_is_append_only();

-- integrations/audit.py, prune(): an entry of the same transaction says up to when.
CREATE FUNCTION integrations_audit_is_pruned_openly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gone WHERE gone.at >= coalesce(
            (
                SELECT least(max((said.after->>'before')::timestamptz), now() - interval '90 days')
                FROM integrations_auditentry AS said
                WHERE said.action = 'audit.pruned' AND said.at >= transaction_timestamp()
            ),
            '-infinity'
        )
    ) THEN
        RAISE EXCEPTION 'the audit log is append-only: DELETE is refused'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_log_is_pruned_openly';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER audit_log_is_pruned_openly AFTER DELETE ON integrations_auditentry
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION integrations_audit_is_pruned_openly();
"""

BACKWARDS = """
DROP TRIGGER audit_log_is_pruned_openly ON integrations_auditentry;
DROP FUNCTION integrations_audit_is_pruned_openly();
DROP TRIGGER audit_log_is_never_emptied ON integrations_auditentry;
DROP TRIGGER audit_log_is_append_only ON integrations_auditentry;

CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON integrations_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION integrations_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0019_workspaces_that_are_being_deleted")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
