"""The minute of the tokens, in the scheduler's own tables: operators see it, and change it, in admin."""

from django.db import migrations


def add(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=1, period="minutes"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name="Refresh the tokens of accounts that will be needed",
        defaults={
            "task": "publishing.refresh_ahead",
            "interval": interval,
            # The next one does the same.
            "expire_seconds": 60,
            "description": "Every minute: access that ends within the hour is renewed ahead of scheduled posts, so that "
            "they go out at once and lost access is noticed early. Off means it is renewed when a post needs it.",
        },
    )


def remove(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task="publishing.refresh_ahead").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0003_absences_and_missed"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
