"""Who asked for approval of a post and who gave it, beside its status. 0010 looks at the rows that are there."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

KINDS = [
    ("created", "Created"),
    ("edited", "Edited"),
    ("scheduled", "Scheduled"),
    ("cancelled", "Cancelled"),
    ("publish_now", "Published now"),
    ("retried", "Published again"),
    ("resolved_live", "Found to be live"),
    ("resolved_absent", "Found not to be live"),
    ("approval_requested", "Approval requested"),
    ("approved", "Approved"),
    ("declined", "Declined"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0013_workspaces_that_want_approval"),
        ("posts", "0008_what_is_live_in_part_is_looked_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="approval_requested_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="approval_requested_by",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=255),
        ),
        migrations.AddField(
            model_name="post",
            name="approved_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="approved_by",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=255),
        ),
        migrations.AlterField(model_name="event", name="kind", field=models.CharField(choices=KINDS, max_length=20)),
        migrations.RemoveConstraint(model_name="event", name="event_kind_is_known"),
        AddConstraintNotValid(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _ in KINDS])), name="event_kind_is_known"
            ),
        ),
        AddConstraintNotValid(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approval_requested_at__isnull", False), ("approved_at__isnull", True), _negated=True),
                    ("status", "draft"),
                    _connector="OR",
                ),
                name="what_waits_for_approval_is_a_draft",
            ),
        ),
    ]
