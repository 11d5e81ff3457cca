from django.db import migrations, models

from openpost.migrating import AddIndexAnew


class Migration(migrations.Migration):
    atomic = False  # so that no post has to wait

    dependencies = [("posts", "0005_lists_by_tag_time_and_text")]

    operations = [
        AddIndexAnew(
            "posttarget",
            models.Index(
                fields=["integration", "-published_at"],
                condition=models.Q(status="published"),
                name="target_last_published",
            ),
        )
    ]
