"""Logs of real processes: small, with the run in every line that concerns one; crash reports that stay here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from steeliq import logs
from steeliq.logs import FILES, LARGEST, REPORTS
from tests.web.live import ROOT

BEGIN = "import logging; from steeliq.logs import about_run, keep_log; keep_log('server')\n"


def python(home: Path, script: str, *, wait: bool = True) -> subprocess.Popen[str]:
    """A process that runs a script on this data folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"STEELIQ_HOME": str(home), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if wait:
        process.communicate(timeout=60)
    return process


def reports(home: Path) -> list[str]:
    return [path.read_text("utf-8") for path in sorted((home / "logs").glob("crash-*.txt"))]


def test_lines_that_concern_a_run_name_it_also_those_of_a_trace_back(tmp_path: Path) -> None:
    python(tmp_path, BEGIN + (
        "log = logging.getLogger('steeliq.x')\n"
        "log.info('before')\n"
        "with about_run('abcdefgh'):\n"
        "    log.info('first\\nsecond')\n"
        "    try: 1 / 0\n"
        "    except ZeroDivisionError: log.exception('third')\n"
        "log.info('after')\n"
        "logging.getLogger('elsewhere').info('not ours')\n"
    ))  # fmt: skip
    lines = (tmp_path / "logs" / "server.log").read_text("utf-8").splitlines()
    named = [line for line in lines if "[run abcdefgh]" in line]
    assert [line.partition("x: ")[2] for line in named[:4]] == [
        "first", "second", "third", "Traceback (most recent call last):",
    ]  # fmt: skip
    assert len(lines) == 3 + len(named)
    assert all("[-]" in line for line in (lines[0], lines[1], lines[-1]))
    assert all(line[:2] == "20" for line in lines), "every line begins with its time"


def test_a_log_turns_over_and_never_takes_more_than_its_five_files(tmp_path: Path) -> None:
    python(tmp_path, BEGIN + "for n in range(70_000): logging.getLogger('steeliq').info('x' * 100)")
    files = sorted((tmp_path / "logs").glob("server.log*"))
    assert len(files) == FILES
    assert all(file.stat().st_size <= LARGEST for file in files)


def test_a_second_process_of_the_same_kind_has_a_log_of_its_own(tmp_path: Path) -> None:
    first = python(tmp_path, BEGIN + "print('ready', flush=True); input()", wait=False)
    assert first.stdout
    first.stdout.readline()
    python(tmp_path, BEGIN)
    assert {path.name for path in (tmp_path / "logs").glob("*.log")} == {"server.log", "server-2.log"}
    first.communicate("\n", timeout=60)
    python(tmp_path, BEGIN)
    assert {path.name for path in (tmp_path / "logs").glob("*.log")} == {"server.log", "server-2.log"}


@pytest.mark.parametrize(
    "crash",
    [
        "raise LookupError('the reason')",
        "import threading\n"
        "def f(): raise LookupError('the reason')\n"
        "t = threading.Thread(target=f); t.start(); t.join()",
    ],
)
def test_a_crash_writes_a_report_with_time_version_trace_and_the_last_lines(tmp_path: Path, crash: str) -> None:
    process = python(tmp_path, BEGIN + f"logging.getLogger('steeliq').info('just before')\n{crash}")
    [report] = reports(tmp_path)
    for part in ("Time ", "steeliq   0", "Python ", "Process   server", "LookupError: the reason", "just before"):
        assert part in report
    assert "sent to nobody" in report
    assert "Traceback" in report
    assert "the report is" in (tmp_path / "logs" / "server.log").read_text("utf-8")
    assert process.returncode == (0 if "threading" in crash else 1)


def test_a_crash_in_native_code_is_reported_at_the_next_start(tmp_path: Path) -> None:
    python(tmp_path, BEGIN + "import ctypes; ctypes.string_at(0)")
    assert reports(tmp_path) == []
    python(tmp_path, BEGIN)
    [report] = reports(tmp_path)
    assert "native code" in report
    assert "Segmentation fault" in report
    python(tmp_path, BEGIN)
    assert len(reports(tmp_path)) == 1


def test_ctrl_c_and_a_normal_end_are_no_crash(tmp_path: Path) -> None:
    python(tmp_path, BEGIN + "raise KeyboardInterrupt")
    python(tmp_path, BEGIN + "raise SystemExit(3)")
    assert reports(tmp_path) == []


def test_only_the_newest_reports_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(REPORTS + 5):
        (folder / f"crash-20260101-0000{number:02}-000000-server.txt").touch()
    python(tmp_path, BEGIN + "raise LookupError")
    monkeypatch.setenv("STEELIQ_HOME", str(tmp_path))
    found = logs.crash_reports()
    assert len(found) == REPORTS
    assert "LookupError" in found[0].read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    process = python(tmp_path, BEGIN + "print('goes on')")
    assert process.returncode == 0


def test_the_module_loads_no_web_framework(tmp_path: Path) -> None:
    process = python(tmp_path, BEGIN + "import sys; sys.exit(bool({'django', 'pandas', 'numpy'} & set(sys.modules)))")
    assert process.returncode == 0
