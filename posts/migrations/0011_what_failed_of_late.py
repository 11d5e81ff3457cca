"""The index behind a list of home: what failed of late, account by account."""

from django.db import migrations, models

from openpost.migrating import AddIndexAnew


class Migration(migrations.Migration):
    atomic = False  # so that no post has to wait

    dependencies = [
        ("integrations", "0013_workspaces_that_want_approval"),
        ("posts", "0010_approval_is_looked_at"),
    ]

    operations = [
        AddIndexAnew(
            "posttarget",
            models.Index(
                condition=models.Q(status="failed"), fields=["integration", "-updated_at"], name="target_failed"
            ),
        ),
    ]
