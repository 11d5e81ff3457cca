from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # so that nobody has to wait

    dependencies = [("integrations", "0010_sign_ins_in_the_browser")]

    operations = [
        AddIndexConcurrently(
            "integration", models.Index(fields=["workspace", "-created_at", "-id"], name="integration_list")
        )
    ]
