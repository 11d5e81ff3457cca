import django.contrib.postgres.fields
from django.db import migrations, models

import integrations.models.api_key


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0007_sandbox_threads_and_media"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="rotated_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="When another key was made to take this one's place.", null=True
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=10),
                db_default=models.Value(["read", "write"]),
                default=integrations.models.api_key.ordinary_scopes,
                help_text="What the key may do.",
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(fields=["workspace", "-created_at", "-id"], name="api_key_list"),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes__contained_by", ["read", "write", "admin"])),
                name="api_key_scopes_are_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes", []), _negated=True), name="an_api_key_may_do_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("rotated_at", None), ("expires_at__isnull", False), _connector="OR"),
                name="a_rotated_api_key_comes_to_an_end",
            ),
        ),
    ]
