"""A workspace that is deleted is closed first, and removed piece by piece after that."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0018_people_say_yes_before_they_are_members")]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="closing_since",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Since then nobody is in it, and all of it is being deleted.",
                null=True,
            ),
        )
    ]
