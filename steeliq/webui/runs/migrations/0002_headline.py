"""What a run found, in a few words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="headline",
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
