"""The serving process: ``python -m steeliq.webui.server``, started by a launcher, never by hand.

It brings the database up to date, serves on a loopback port, and notices runs that lost their worker. It tells the
launcher where it is by lines of JSON on standard output; lines on its standard input ask it for something:

    ticket        a one-time way in:                 {"answer": "...", "to": "ticket"}
    running       names of the runs that go on:      {"answer": ["...", ...], "to": "running"}
    notice X TEXT show TEXT on every page, subject X
    offer PATH    a file that the person opened; the way to its page: {"answer": "/shell/offered/KEY/", "to": ...}
    stop          end in order
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from steeliq.errors import RunError
from steeliq.lifeline import follow_parent
from steeliq.logs import keep_log
from steeliq.paths import data_folder, ensembles_folder, searches_folder
from steeliq.webui.core.launcher import attach, say
from steeliq.webui.core.names import make_secret_key
from steeliq.webui.core.notices import tell
from steeliq.webui.core.places import check_place

LOOPBACK = "127.0.0.1"
PORT = "STEELIQ_PORT"
"""Environment variable of the launcher: the port to use; 0 or none for a free one."""

THREADS = 8
LOOK = 1.0
"""Seconds between two looks at the runs."""

REFUSED = 2


def main() -> int:
    """Serve until told to stop."""
    keep_log("server")
    attach()
    stop = Event()
    follow_parent(stop.set, _answer)
    try:
        _serve(stop)
    except RunError as error:
        say(failed=str(error))
        return REFUSED
    return 0


def _serve(stop: Event) -> None:
    folder = data_folder()
    check_place(folder)
    make_secret_key(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "steeliq.webui.settings"
    import django

    say(step="Opening the database")
    django.setup()
    from steeliq.webui.core.database import bring_up_to_date, close_up
    from steeliq.webui.runs.recovery import sweep

    bring_up_to_date()
    say(step="Looking for interrupted runs")
    sweep(at_start=True)
    if any(ensembles_folder().glob("*/ensemble.json")):
        from steeliq.webui.ensembles.folders import take_in  # pandas: a start without need does not wait

        take_in()
    if any(searches_folder().glob("*/search.json")):
        from steeliq.webui.searches.folders import take_in as take_in_searches

        take_in_searches()
    server = _bound(int(os.environ.get(PORT, "0")))
    Thread(target=server.run, name="server", daemon=True).start()
    say(ready=server.effective_port)
    try:
        _look_after_runs(stop)
    finally:
        server.close()
        close_up()


def _bound(port: int) -> Any:
    """A server that listens already, so that the address it is announced under is its own."""
    from waitress.server import create_server

    from steeliq.webui.wsgi import application

    try:
        return create_server(
            application,
            host=LOOPBACK,
            port=port,
            threads=THREADS,
            ident="steeliq",
            clear_untrusted_proxy_headers=True,
            max_request_body_size=200_000_000,
        )
    except OSError as error:
        raise RunError(f"port {port}: it cannot be used ({error.strerror}); choose another, or none") from error


def _look_after_runs(stop: Event) -> None:
    """Notice orphans, and tell the launcher how many runs go on and which have ended."""
    from django.db import OperationalError, close_old_connections

    from steeliq.webui.runs.models import ALIVE, kinds, working
    from steeliq.webui.runs.recovery import sweep
    from steeliq.webui.upkeep import Upkeep

    upkeep = Upkeep()
    alive: set[str] | None = None
    while not stop.is_set():
        with suppress(OperationalError):  # locked: the next look will do
            sweep()
            now = {run.key for run in working(*ALIVE)}
            ended = (alive or set()) - now
            for run in [run for kind in kinds() for run in kind.every.filter(key__in=ended)]:
                say(ended=run.name, state=run.get_state_display(), page=run.page)
            if now != alive:
                say(alive=len(now))
                alive = now
        upkeep()
        close_old_connections()
        stop.wait(LOOK)
    with suppress(OperationalError):  # the workers have ended before this process is asked to
        sweep(at_start=True)


def _answer(line: str) -> None:
    """Do what the launcher asks; it waits for the answer."""
    from django.db import Error, close_old_connections

    order, _, rest = line.partition(" ")
    if order == "ticket":
        from steeliq.webui.core.security import issue_ticket

        say(answer=issue_ticket(), to=line)
    elif order == "running":
        from steeliq.webui.runs.models import ALIVE, working

        try:
            say(answer=[run.name for run in working(*ALIVE)], to=line)
        except Error:
            say(answer=None, to=line)
        close_old_connections()
    elif order == "offer":
        from steeliq.webui.shell.offered import offer

        say(answer=offer(rest), to=line)
    elif order == "notice":
        subject, _, text = rest.partition(" ")
        tell(subject, text)


if __name__ == "__main__":
    sys.exit(main())
