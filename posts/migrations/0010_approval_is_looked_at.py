from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

from openpost.migrating import AddIndexAnew


class Migration(migrations.Migration):
    atomic = False  # so that no post has to wait

    dependencies = [("posts", "0009_approval")]

    operations = [
        ValidateConstraint("event", "event_kind_is_known"),
        ValidateConstraint("post", "what_waits_for_approval_is_a_draft"),
        AddIndexAnew(
            "post",
            models.Index(
                fields=["workspace", "approval_requested_at"],
                condition=models.Q(("approval_requested_at__isnull", False), ("approved_at__isnull", True)),
                name="post_awaits_approval",
            ),
        ),
    ]
