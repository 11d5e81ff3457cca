"""What is older than it is kept, and workspaces that were closed, in the scheduler's own tables."""

from django.db import migrations

TASKS = [
    (
        ("hours", 1),
        "Forget old history",
        "publishing.forget",
        "Every hour: old history and unused files go (HISTORY_KEPT_DAYS, UNUSED_MEDIA_KEPT_DAYS). Off means they stay.",
    ),
    (
        ("minutes", 1),
        "Remove deleted workspaces",
        "publishing.remove_workspaces",
        "Every minute: goes on removing workspaces that their owners have deleted. Off means they stay, closed.",
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
        ("publishing", "0010_who_lives_and_who_is_told"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
