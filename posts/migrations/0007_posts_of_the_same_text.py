"""The index behind a warning: which posts say the same (posts/repeating.py)."""

import django.db.models.functions.text
from django.db import migrations, models

from openpost.migrating import AddIndexAnew


class Migration(migrations.Migration):
    atomic = False  # so that no post has to wait

    dependencies = [("posts", "0006_when_an_account_last_published")]

    operations = [
        AddIndexAnew(
            "post",
            models.Index(
                models.F("workspace"),
                django.db.models.functions.text.MD5("content"),
                models.OrderBy(models.F("created_at"), descending=True),
                name="post_same_text",
            ),
        ),
    ]
