"""The sweep of sessions, in the scheduler's own tables: operators see it, and change it, in admin."""

from django.db import migrations


def add(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(every=1, period="days")
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name="Forget sessions that are over",
        defaults={
            "task": "openpost.clear_sessions",
            "interval": interval,
            # The next one does the same.
            "expire_seconds": 3600,
            "description": "Every day: deletes sessions that are older than SESSION_HOURS. Nobody can use them any more; "
            "off means that their rows stay.",
        },
    )


def remove(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task="openpost.clear_sessions").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("openpost", "0003_kept_answers_have_their_etag"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
