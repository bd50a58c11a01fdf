"""A finished run is never lost or altered: processes are killed while such runs are renamed, exported and deleted."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from steeliq.webui.core.backups import fault_of
from steeliq.webui.core.database import bring_up_to_date
from steeliq.webui.runs.models import Run, State
from steeliq.webui.runs.recovery import sweep
from steeliq.webui.runs.removal import finish_deletions
from tests.desktop.conftest import NOW, finished_run, forget_notices
from tests.desktop.test_bin import digest
from tests.web.live import ROOT

KILLS = 40
MOST_RUNS = 6


def test_killed_while_it_is_renamed_exported_or_deleted_a_finished_run_is_whole_or_wholly_gone(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, seed = database.parent, int.from_bytes(os.urandom(4))
    chance, known, changes, deleted = random.Random(seed), {}, 0, 0
    changer = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.desktop.changer"],
        env=os.environ | {"STEELIQ_HOME": str(home), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert changer.stdin
    assert changer.stdout
    assert changer.stdout.readline() == "ready\n"
    for kill in range(KILLS):
        for _ in range(MOST_RUNS - Run.objects.count()):
            run = finished_run(home, f"Run {kill}")
            known[run.key] = digest(run.path)
        connection.close()
        changer.stdin.write(f"{chance.randrange(5)} {chance.random():.6f}\n")
        changer.stdin.flush()
        changes += int(changer.stdout.readline())

        forget_notices()
        bring_up_to_date(NOW)
        sweep(at_start=True)
        where = f"seed {seed}, kill {kill}"
        connection.close()
        assert fault_of(database) == "", where
        runs = list(Run.objects.all())
        assert all(run.state == State.DONE for run in runs), where
        assert {run.key: digest(run.path) for run in runs} == {run.key: known[run.key] for run in runs}, where
        assert sorted(path.name for path in (home / "runs").iterdir()) == sorted(run.path.name for run in runs), where
        assert not list((home / "staging").glob("*")), where
        gone = known.keys() - {run.key for run in runs}
        deleted += len(gone)
        known = {key: known[key] for key in known.keys() - gone}
    changer.communicate()
    with capsys.disabled():
        print(f"\nseed {seed}: {KILLS} kills, {changes} changes, {deleted} runs deleted")  # noqa: T201 (its output is for a person or the test that started it)
    assert changes > KILLS / 2
    assert deleted > 5


def test_a_run_of_which_parts_may_be_gone_does_not_come_back(database: Path) -> None:
    # Power failed: the files were being deleted, and the database had not reached the disk.
    run = finished_run(database.parent, "Mine", binned=NOW)
    (database.parent / "staging").mkdir()
    run.path.rename(database.parent / "staging" / f"gone-{run.key}")
    assert finish_deletions() == 0
    assert not Run.objects.exists()
    assert not list((database.parent / "staging").iterdir())
