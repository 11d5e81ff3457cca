"""The index behind admin's list of posts, where somebody sees several workspaces or all."""

from django.db import migrations, models

from openpost.migrating import AddIndexAnew


class Migration(migrations.Migration):
    atomic = False  # so that no post has to wait

    dependencies = [
        ("integrations", "0014_what_people_call_an_integration"),
        ("posts", "0012_unsaved_text_is_kept"),
    ]

    operations = [AddIndexAnew("post", models.Index(fields=["-created_at", "-id"], name="post_list_of_all"))]
