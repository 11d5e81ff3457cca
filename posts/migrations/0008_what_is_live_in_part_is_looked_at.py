from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("posts", "0007_posts_of_the_same_text")]

    operations = [ValidateConstraint("posttarget", "what_is_live_in_part_is_not_pending")]
