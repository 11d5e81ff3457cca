from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0012_the_audit_log")]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="needs_approval",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="What an editor schedules or publishes waits until an admin or owner has approved it.",
            ),
        )
    ]
