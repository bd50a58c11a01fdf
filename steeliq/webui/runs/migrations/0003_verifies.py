"""A run can be the repetition that verifies another."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0002_headline"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="verifies",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="verifications", to="runs.run"
            ),
        ),
        migrations.AlterModelManagers(name="run", managers=[("every", django.db.models.manager.Manager())]),
    ]
