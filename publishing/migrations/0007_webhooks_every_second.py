"""The tick of the webhooks and the sweep of events, in the scheduler's own tables: operators change them in admin."""

from django.db import migrations

TASKS = [
    (
        ("seconds", 1),
        "Send webhooks",
        "publishing.webhooks",
        "Every second: puts events into the feed and sends them to webhooks. Off means that neither happens.",
    ),
    (
        ("hours", 1),
        "Forget old events",
        "publishing.sweep_events",
        "Every hour: events older than EVENTS_KEPT_DAYS are removed, with the log of their deliveries.",
    ),
]


def add(apps, schema_editor):
    intervals = apps.get_model("django_celery_beat", "IntervalSchedule")
    for (period, every), name, task, description in TASKS:
        interval, _ = intervals.objects.get_or_create(every=every, period=period)
        apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
            name=name,
            # The next one does the same.
            defaults={"task": task, "interval": interval, "expire_seconds": 60, "description": description},
        )


def remove(apps, schema_editor):
    tasks = [task for _, _, task, _ in TASKS]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task__in=tasks).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0006_parts_and_uploads"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("integrations", "0009_what_other_programs_are_told"),
    ]

    operations = [migrations.RunPython(add, remove)]
