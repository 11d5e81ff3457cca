"""The look at pictures, in the scheduler's own tables: operators see it, and change it, in admin."""

from django.db import migrations


def add(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=1, period="minutes"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name="Look at the pictures of accounts",
        defaults={
            "task": "integrations.avatars",
            "interval": interval,
            # The next one does the same.
            "expire_seconds": 60,
            "description": "Every minute: accounts that were not looked at for a week get the picture that they have at "
            "their platform by now. Off means that pictures stay as they are, and new accounts show initials.",
        },
    )


def remove(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task="integrations.avatars").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0022_pictures_are_looked_for"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
