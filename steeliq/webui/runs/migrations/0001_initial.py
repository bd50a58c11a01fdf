"""The first table of runs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=16, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("scenario", models.TextField()),
                ("dataset", models.CharField(blank=True, max_length=1000)),
                ("dataset_hash", models.CharField(blank=True, max_length=64)),
                ("folder", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("cancelling", "Cancelling"),
                            ("cancelled", "Cancelled"),
                            ("interrupted", "Interrupted"),
                            ("failed", "Failed"),
                            ("done", "Done"),
                        ],
                        db_index=True,
                        default="queued",
                        max_length=12,
                    ),
                ),
                ("first_year", models.IntegerField()),
                ("last_year", models.IntegerField()),
                ("year", models.IntegerField(null=True)),
                ("stage", models.CharField(blank=True, max_length=40)),
                ("fraction", models.FloatField(default=0.0)),
                ("begun", models.FloatField(default=0.0)),
                ("message", models.TextField(blank=True)),
                ("attempts", models.IntegerField(default=0)),
                ("task_id", models.CharField(blank=True, max_length=64)),
                ("queued", models.DateTimeField(null=True)),
                ("worker_pid", models.IntegerField(null=True)),
                ("worker_created", models.FloatField(null=True)),
                ("pid", models.IntegerField(null=True)),
                ("pid_created", models.FloatField(null=True)),
                ("heartbeat", models.DateTimeField(null=True)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("started", models.DateTimeField(null=True)),
                ("finished", models.DateTimeField(null=True)),
                ("seconds", models.FloatField(default=0.0)),
                ("peak_mb", models.FloatField(default=0.0)),
                ("starred", models.BooleanField(default=False)),
                ("notes", models.TextField(blank=True)),
                ("tags", models.CharField(blank=True, max_length=200)),
                ("binned", models.DateTimeField(null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="clones", to="runs.run"
                    ),
                ),
            ],
            options={
                "ordering": ["-created", "-id"],
            },
        ),
    ]
