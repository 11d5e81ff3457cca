from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0003_tokens_that_end_soon"),
    ]

    operations = [
        migrations.AddField(
            model_name="integration",
            name="refreshed_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="When the platform last renewed our access.", null=True
            ),
        ),
    ]
