from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("openpost", "0002_sweep_answers_every_hour"),
    ]

    operations = [
        migrations.AddField(
            model_name="keptanswer",
            name="etag",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="Empty: it had none.", max_length=64
            ),
        ),
    ]
