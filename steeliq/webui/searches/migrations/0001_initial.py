"""The first table of searches."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Search",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=16, unique=True)),
                ("name", models.CharField(max_length=120)),
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
                ("headline", models.CharField(blank=True, max_length=120)),
                ("binned", models.DateTimeField(null=True)),
                ("question", models.TextField()),
                ("subject", models.CharField(max_length=200)),
                ("first_year", models.IntegerField()),
                ("last_year", models.IntegerField()),
                ("most", models.IntegerField()),
                ("tried", models.IntegerField(default=0)),
            ],
            options={
                "ordering": ["-created", "-id"],
                "abstract": False,
            },
        ),
    ]
