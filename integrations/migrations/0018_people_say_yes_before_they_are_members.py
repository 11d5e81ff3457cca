"""People who have an account are invited, and join when they say yes. Whoever is a member now has joined."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0017_what_people_call_things")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="joined_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                help_text="Until then they are invited, and may nothing.",
                null=True,
            ),
        ),
    ]
