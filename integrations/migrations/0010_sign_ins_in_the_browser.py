import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import openpost.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0009_what_other_programs_are_told"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SignIn",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("platform", models.CharField(max_length=30)),
                ("state_hash", models.CharField(max_length=64, unique=True)),
                ("verifier", openpost.crypto.EncryptedJSONField()),
                ("redirect_uri", models.CharField(max_length=500)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "api_key",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="integrations.apikey",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="integrations.workspace"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="sign_in_age")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state_hash__regex", "^[0-9a-f]{64}$")),
                        name="sign_in_state_is_stored_as_a_hash",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("api_key", None), ("user__isnull", False)),
                            models.Q(("api_key__isnull", False), ("user", None)),
                            _connector="OR",
                        ),
                        name="a_sign_in_was_begun_by_a_key_or_a_person",
                    ),
                ],
            },
        ),
    ]
