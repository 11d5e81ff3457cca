from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0005_the_sandbox_has_its_own_clock"),
    ]

    operations = [
        migrations.AddField(
            model_name="integration",
            name="premium",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The account pays its platform for more than others may, such as longer posts.",
            ),
        ),
    ]
