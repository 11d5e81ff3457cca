from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

import openpost.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0015_second_factors"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhookendpoint",
            name="older_secrets_until",
            field=ArrayField(
                base_field=models.DateTimeField(),
                blank=True,
                db_default=[],
                default=list,
                editable=False,
                help_text="As previous_secret_until, of each secret before that one.",
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="webhookendpoint",
            name="secrets",
            field=openpost.crypto.EncryptedJSONField(
                editable=False, help_text="The secret, and those before it, the newest first."
            ),
        ),
    ]
