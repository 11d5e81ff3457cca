"""The outbox of events, the endpoints of other programs, and the deliveries between them."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import openpost.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0008_scopes_and_rotation_of_keys"),
    ]

    operations = [
        # The places of events in the feed. Not the highest place plus one: what is swept must not be given out again.
        migrations.RunSQL(
            "CREATE SEQUENCE integrations_outboxevent_position", "DROP SEQUENCE integrations_outboxevent_position"
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("position", models.BigIntegerField(editable=False, null=True, unique=True)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("post.published", "Post published"),
                            ("post.failed", "Post failed"),
                            ("post.delayed", "Post delayed"),
                            ("post.unconfirmed", "Post unconfirmed"),
                            ("post.completed", "Post completed"),
                            ("integration.connected", "Integration connected"),
                            ("integration.disconnected", "Integration disconnected"),
                            ("webhook.disabled", "Webhook disabled"),
                            ("webhook.test", "Webhook test"),
                        ],
                        max_length=50,
                    ),
                ),
                ("data", models.JSONField()),
                (
                    "subject",
                    models.UUIDField(help_text="What its order is kept for: a post, an integration.", null=True),
                ),
                ("happened_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outbox", to="integrations.workspace"
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
            },
        ),
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("url", models.CharField(max_length=2000)),
                ("description", models.CharField(blank=True, max_length=255)),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50),
                        blank=True,
                        default=list,
                        help_text="Empty: all of them.",
                        size=None,
                    ),
                ),
                (
                    "secrets",
                    openpost.crypto.EncryptedJSONField(editable=False, help_text="The secret, and the one before it."),
                ),
                (
                    "previous_secret_until",
                    models.DateTimeField(
                        blank=True,
                        help_text="Until then what is sent is signed with the secret before this one, too.",
                        null=True,
                    ),
                ),
                (
                    "quick",
                    models.BooleanField(
                        default=False,
                        help_text="Its last answer was a good one and came soon: it gets several at a time.",
                    ),
                ),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, help_text="Tries that failed since the last that did not."),
                ),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("failed_at", models.DateTimeField(blank=True, help_text="The last try that failed.", null=True)),
                ("delivered_at", models.DateTimeField(blank=True, help_text="The last try that did not.", null=True)),
                (
                    "resting_until",
                    models.DateTimeField(blank=True, help_text="It fails: nothing is sent before that.", null=True),
                ),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("disabled_reason", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to="integrations.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook",
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "subject",
                    models.UUIDField(help_text="The event's, beside the endpoint: what keeps its order.", null=True),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "Pending"), ("delivered", "Delivered"), ("failed", "Failed")],
                        default="pending",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        blank=True, help_text="When it is tried (again). Empty: it has ended.", null=True
                    ),
                ),
                (
                    "wanted_at",
                    models.DateTimeField(
                        help_text="When it was first to be sent, as last asked for: retries end a day on."
                    ),
                ),
                (
                    "in_hand",
                    models.BooleanField(
                        default=False,
                        help_text="Handed to a worker, or on the way to one; void once due_at has passed.",
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0, help_text="How often a worker has taken this up.")),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, help_text="Tries that failed since it was last asked for."),
                ),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("took_ms", models.PositiveIntegerField(blank=True, null=True)),
                ("answer_status", models.PositiveSmallIntegerField(blank=True, help_text="HTTP's.", null=True)),
                (
                    "answer_body",
                    models.CharField(blank=True, help_text="Its beginning, secrets removed.", max_length=1024),
                ),
                ("error_code", models.CharField(blank=True, max_length=50)),
                ("error_message", models.CharField(blank=True, max_length=500)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="integrations.outboxevent",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="integrations.webhookendpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook delivery",
                "verbose_name_plural": "webhook deliveries",
            },
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(condition=models.Q(("position", None)), fields=["id"], name="outbox_unplaced"),
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(fields=["workspace", "position"], name="outbox_feed"),
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(fields=["workspace", "type", "position"], name="outbox_feed_by_type"),
        ),
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(fields=["happened_at"], name="outbox_by_time"),
        ),
        migrations.AddConstraint(
            model_name="outboxevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "type__in",
                        [
                            "post.published",
                            "post.failed",
                            "post.delayed",
                            "post.unconfirmed",
                            "post.completed",
                            "integration.connected",
                            "integration.disconnected",
                            "webhook.disabled",
                            "webhook.test",
                        ],
                    )
                ),
                name="outbox_event_type_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("disabled_at", None), ("disabled_reason", "")),
                    models.Q(models.Q(("disabled_reason", ""), _negated=True), ("disabled_at__isnull", False)),
                    _connector="OR",
                ),
                name="a_disabled_webhook_and_only_it_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("failing_since", None), ("failures", 0)),
                    models.Q(("failing_since__isnull", False), ("failures__gt", 0)),
                    _connector="OR",
                ),
                name="a_failing_webhook_and_only_it_fails_since_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["due_at"],
                include=("endpoint",),
                name="webhook_due",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["endpoint", "due_at", "event"],
                name="webhook_due_by_endpoint",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["endpoint", "subject", "event"],
                name="webhook_pending_by_subject",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("in_hand", True)), fields=["endpoint", "due_at"], name="webhook_in_hand"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["endpoint", "-created_at", "-id"], name="webhook_log"),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["endpoint", "status", "-created_at", "-id"], name="webhook_log_by_status"),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.UniqueConstraint(fields=("endpoint", "event"), name="one_delivery_per_webhook_and_event"),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", False), ("status", "pending")),
                    models.Q(("due_at", None), ("status__in", ["delivered", "failed"])),
                    _connector="OR",
                ),
                name="a_webhook_delivery_is_due_until_it_has_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("in_hand", False), ("due_at__isnull", False), _connector="OR"),
                name="a_delivery_in_hand_falls_due_again",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "failed"), _negated=True),
                    models.Q(("error_code", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_failed_webhook_delivery_says_why",
            ),
        ),
    ]
