"""The dispatcher's tick, in the scheduler's own tables: operators see it, and change it, in admin."""

from django.db import migrations


def add(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=1, period="seconds"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name="Hand due posts to the workers",
        defaults={
            "task": "publishing.dispatch",
            "interval": interval,
            # Ticks that no worker took in time are of no use any more: the next one does the same.
            # By the hosts' own clocks, which may differ: so not too few.
            "expire_seconds": 60,
            "description": "Every second: finds what is due and sends it to the workers. Off means nothing goes out.",
        },
    )


def remove(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task="publishing.dispatch").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
