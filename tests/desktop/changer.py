"""A person who renames, exports, bins, restores and deletes finished runs without a pause, to be killed at it.

``python -m tests.desktop.changer`` on the data folder STEELIQ_HOME: says "ready", then for each line "AFTER PART" on
its standard input forks such a person, kills it within the change after the first AFTER (at that PART of the usual time
of a change, whatever the machine), and says how many changes it had made.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import warnings
from importlib import import_module
from itertools import count

TOKEN = "of-this-test"  # noqa: S105 (nothing is served)
KINDS = ("bundle", "parquet", "report")


def main() -> None:
    """Obey until there are no more lines."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "steeliq.webui.settings"
    os.environ["STEELIQ_TOKEN"] = TOKEN
    import django

    django.setup()
    # Loaded once; each person is a copy of this process.
    for area in ("compare.views", "runs.changes"):
        import_module(f"steeliq.webui.{area}")
    print("ready", flush=True)  # noqa: T201 (its output is for a person or the test that started it)
    usual = 0.05  # seconds a change takes, learnt below
    for line in sys.stdin:
        after, part = line.split()
        reading, writing = os.pipe()
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            person = os.fork()  # threads of numeric libraries idle; a person that hangs is killed as well
        if person == 0:
            os.close(reading)
            change_for_ever(random.Random(line), writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as told:
            began = time.monotonic()
            made = len(told.read(int(after)))
            usual = (time.monotonic() - began) / made if made else usual
            time.sleep(float(part) * usual)
            os.kill(person, signal.SIGKILL)
            os.waitpid(person, 0)
            print(made + len(told.read()), flush=True)  # noqa: T201 (its output is for a person or the test that started it)


def change_for_ever(chance: random.Random, done: int) -> None:
    """One change after the other by the app's own pages; a byte to ``done`` for each."""
    from django.test import Client

    from steeliq.webui.core.names import cookie_name
    from steeliq.webui.runs.models import Run

    client = Client(HTTP_HOST="127.0.0.1")
    client.cookies[cookie_name()] = TOKEN
    for number in count():
        runs = list(Run.objects.all())
        run, kind = chance.choice(runs), chance.choice(KINDS)
        match chance.choice(["rename", "export", "bin", "bin", "delete"]) if len(runs) > 1 else "rename":
            case "rename":
                client.post(f"/runs/{run.key}/about/", {"name": f"Name {number}", "tags": "a", "notes": "typed"})
            case "export":
                client.get(f"/compare/export/{run.key}/{kind}/")
            case "bin":
                client.post(f"/runs/{run.key}/bin/")
            case "delete":
                run = next((run for run in runs if run.binned is not None), run)
                client.post(f"/runs/{run.key}/delete/")
        os.write(done, b".")


if __name__ == "__main__":
    main()
