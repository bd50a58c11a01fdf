"""A worker process: ``python -m steeliq.webui.runs.worker``; takes tasks one by one until its parent ends or stops it.

The stock worker leaves when the database stays locked for long; this one waits and goes on.
"""

from __future__ import annotations

import logging
import os
import sys
from time import sleep

from steeliq.lifeline import follow_parent
from steeliq.logs import keep_log

logger = logging.getLogger("steeliq.worker")

INTERVAL = 0.5
"""Seconds between two looks into an empty queue."""


def main() -> int:
    """Work until told to stop."""
    keep_log("worker")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "steeliq.webui.settings")
    import django

    django.setup()
    from steeliq.webui.runs.conduct import closing

    follow_parent(closing.set)
    work()
    return 0


def work() -> None:
    """Take tasks until the app closes."""
    from django.db import OperationalError, close_old_connections
    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.models import DBTaskResult
    from django_tasks_db.utils import is_locked_database_exception

    from steeliq.webui.runs.conduct import closing
    from steeliq.webui.runs.recovery import release_own, worker_name

    name = worker_name()
    while not closing.is_set():
        try:
            close_old_connections()
            release_own()
            if DBTaskResult.objects.ready().exists():  # reading takes no lock, claiming does
                one = Worker(
                    queue_names=["*"],
                    interval=0,
                    batch=True,
                    backend_name="default",
                    startup_delay=False,
                    max_tasks=1,
                    worker_id=name,
                    excluded_queue_names=[],
                )
                one.run()
                continue
        except OperationalError as error:
            if not is_locked_database_exception(error):
                raise
            logger.warning("the database is locked; trying again")
        sleep(INTERVAL)


if __name__ == "__main__":
    sys.exit(main())
