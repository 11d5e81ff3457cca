"""The index behind the look at pictures: the accounts whose turn it is."""

from django.db import migrations, models

from openpost.migrating import AddIndexAnew


class Migration(migrations.Migration):
    atomic = False  # so that no account has to wait

    dependencies = [("integrations", "0021_pictures_of_accounts")]

    operations = [
        AddIndexAnew(
            "integration",
            models.Index(
                condition=models.Q(status="active", avatar_due_at__isnull=False),
                fields=["avatar_due_at"],
                name="integration_avatar_due",
            ),
        ),
    ]
