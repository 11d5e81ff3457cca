"""The sweep of kept answers, in the scheduler's own tables: operators see it, and change it, in admin."""

from django.db import migrations


def add(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=1, period="hours"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name="Forget the answers kept for repeated requests",
        defaults={
            "task": "openpost.sweep_answers",
            "interval": interval,
            # The next one does the same.
            "expire_seconds": 3600,
            "description": "Every hour: deletes the answers to requests with an Idempotency-Key that are older than a day. "
            "Off means they stay.",
        },
    )


def remove(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task="openpost.sweep_answers").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("openpost", "0001_answers_kept_for_repeats"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
