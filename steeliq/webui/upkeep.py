"""What the serving process does now and then, beside serving: backups, the bin."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import DatabaseError

from steeliq.errors import RunError
from steeliq.webui.core.backups import Keeper
from steeliq.webui.core.database import database_path
from steeliq.webui.core.notices import tell, untell
from steeliq.webui.runs.removal import empty_overdue

logger = logging.getLogger(__name__)

_HOURLY: Final = timedelta(hours=1)


class Upkeep:
    """Called every second or so from one thread; almost always there is nothing to do."""

    def __init__(self) -> None:
        self._keeper = Keeper(database_path())
        self._bin_looked: datetime | None = None

    def __call__(self, now: datetime | None = None) -> None:
        """Back up if it is time, empty the bin of what is overdue; trouble is told on every page."""
        now = now or datetime.now(UTC)
        try:
            if self._keeper.look(now):
                untell("backup")
        except (RunError, OSError) as error:
            logger.warning("no backup: %s", error)
            tell("backup", f"The last backup did not succeed. {error}")
        if self._bin_looked is None or abs(now - self._bin_looked) > _HOURLY:
            self._bin_looked = now
            try:
                empty_overdue(now)
            except DatabaseError as error:  # locked: in an hour
                logger.warning("the bin was left as it is: %s", error)
