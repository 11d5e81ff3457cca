"""Accounts have a picture of their own, once a worker has looked: at those that are connected by now, right away."""

from django.db import migrations, models
from django.db.models.functions import Now


def look(apps, schema_editor):
    connected = apps.get_model("integrations", "Integration").objects.filter(status="active", workspace__mode="live")
    connected.update(avatar_due_at=Now())


class Migration(migrations.Migration):
    dependencies = [("integrations", "0020_the_audit_log_is_pruned_openly")]

    operations = [
        migrations.AddField(
            model_name="integration",
            name="avatar",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=255),
        ),
        # First without the default, so that the table is not written anew: what is in it has nothing to look for.
        migrations.AddField(
            model_name="integration",
            name="avatar_due_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="integration",
            name="avatar_due_at",
            field=models.DateTimeField(blank=True, db_default=Now(), editable=False, null=True),
        ),
        migrations.RunPython(look, migrations.RunPython.noop),
    ]
