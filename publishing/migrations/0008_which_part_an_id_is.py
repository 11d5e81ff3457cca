from django.db import migrations, models

from openpost.migrating import AddIndexAnew


class Migration(migrations.Migration):
    atomic = False  # so that no post has to wait

    dependencies = [("publishing", "0007_webhooks_every_second")]

    operations = [
        AddIndexAnew(
            "delivery",
            models.Index(fields=["remote_id"], condition=~models.Q(remote_id=""), name="delivery_by_remote_id"),
        )
    ]
