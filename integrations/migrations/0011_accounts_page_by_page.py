from django.db import migrations, models

from openpost.migrating import AddIndexAnew


class Migration(migrations.Migration):
    atomic = False  # so that nobody has to wait

    dependencies = [("integrations", "0010_sign_ins_in_the_browser")]

    operations = [
        AddIndexAnew("integration", models.Index(fields=["workspace", "-created_at", "-id"], name="integration_list"))
    ]
