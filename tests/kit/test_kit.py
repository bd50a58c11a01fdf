"""The unpacked kit, as somebody without rights, network or Python has it."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.conftest import Kit

YEARS = "2025-2050"


def tables(run: Path) -> dict[str, str]:
    """Every result table of a run, with its hash."""
    return {
        path.relative_to(run).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((run / "tables").rglob("*.parquet"))
    }


def test_all_years_without_a_network_give_the_bytes_that_the_checkout_gives(
    kit: Kit, whole_run: Callable[[str], Path], tell: Callable[[str], None]
) -> None:
    began = time.monotonic()
    done = kit.start("run", "reference", "--years", YEARS, alone=os.getuid() == 0)
    tell(f"all years in {time.monotonic() - began:.1f} s")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Every audit passed" in done.stdout
    [made] = (kit.home / "data" / "runs").iterdir()
    ours, theirs = tables(whole_run("reference")), tables(made)
    assert len(ours) > 26
    assert theirs == ours


def test_the_record_of_each_package_says_what_is_there(kit: Kit) -> None:
    records = sorted(kit.site.glob("*.dist-info/RECORD"))
    assert len(records) > 40
    for record in records:
        for name, digest, size in csv.reader(record.read_text("utf-8").splitlines()):
            content = (kit.site / name).read_bytes()
            found = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert not digest or (digest, int(size)) == (f"sha256={found}", len(content)), name


def test_bytecode_is_there_for_what_steeliq_imports_and_not_for_the_rest(kit: Kit) -> None:
    def is_compiled(module: str) -> bool:
        source = kit.site / f"{module}.py"
        assert source.is_file(), source
        return (source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc").is_file()

    assert is_compiled("steeliq/cli/__init__")
    assert is_compiled("steeliq/simulation/step")
    assert is_compiled("pandas/core/frame")
    assert is_compiled("django/db/models/query")
    assert not is_compiled("PIL/PsdImagePlugin")


def test_samples_are_drawn_and_analysed_by_the_libraries_within(kit: Kit) -> None:
    script = """
import numpy as np
from SALib.analyze import morris, sobol
from SALib.sample import morris as trajectories, sobol as sequence
from scipy import optimize, stats
problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 1], [0, 1]]}
drawn = sequence.sample(problem, 256, seed=1)
print(sobol.analyze(problem, drawn @ [1, 2], seed=1)["ST"].round(1).tolist())
drawn = trajectories.sample(problem, 10, seed=1)
print(morris.analyze(problem, drawn, drawn @ [1, 2], seed=1)["mu_star"].round(6).tolist())
spread = stats.qmc.discrepancy(stats.qmc.LatinHypercube(2, rng=1).random(64))
print(spread < 0.01, round(stats.spearmanr([1, 2, 3], [2, 4, 9]).statistic, 6))
print(round(optimize.brentq(lambda x: x * x - 2, 0, 2), 6), optimize.linprog([1, 1], A_ub=[[-1, -2]], b_ub=[-2]).fun)
"""
    done = kit.start("-I", "-B", "-c", script, by=(str(kit.folder / "bin" / "python3"),))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[0.2, 0.8]", "[1.0, 2.0]", "True 1.0", "1.414214 1.0"]


@pytest.mark.parametrize("name", ["a b", "é ü", "鋼 철", "#1", "100 %41", 'it\'s "so"', "$HOME", "&;", "-n", "x" * 150])
def test_it_starts_from_any_folder(name: str, kit: Kit, places: Path) -> None:
    folder = places / name
    folder.mkdir()
    kit.folder.chmod(0o755)  # a folder that may not be written to may not be moved either
    there = Kit(kit.folder.rename(folder / "k"), kit.home)
    try:
        assert (done := there.start("--version")).returncode == 0, done.stderr
        assert there.start("--version", by=("./steeliq",), where=there.folder).stdout == done.stdout
        assert there.start("scenario", "list", where=there.folder).returncode == 0
    finally:
        there.folder.rename(kit.folder)
        kit.folder.chmod(0o555)


def test_it_starts_by_a_link_by_its_name_alone_and_from_any_shell(kit: Kit, places: Path) -> None:
    links = places / "links"
    links.mkdir()
    (links / "direct").symlink_to(kit.launcher)
    (links / "steel").symlink_to("direct")
    wanted = kit.start("--version").stdout
    assert wanted
    for found in (
        kit.start("--version", by=(str(links / "direct"),)),
        kit.start("--version", by=(str(links / "steel"),)),
        kit.start("--version", by=("/bin/sh", "-c", 'steel "$@"', "sh"), PATH=str(links)),
        kit.start("--version", by=("/bin/sh", "-c", 'steeliq "$@"', "sh"), PATH=f"/nowhere:{kit.folder}"),
        kit.start("--version", by=("/bin/bash", str(kit.launcher))),
        kit.start("--version", by=("/bin/sh", "steeliq"), where=kit.folder),
    ):
        assert (found.returncode, found.stdout) == (0, wanted), found.stderr


def test_nothing_around_it_leaks_in(kit: Kit, places: Path) -> None:
    trap = places / "trap"
    packages = trap / ".local" / "lib" / "python3.13" / "site-packages"
    packages.mkdir(parents=True)
    for name in ("numpy", "steeliq", "sitecustomize", "usercustomize", "json"):
        for folder in (trap, packages):
            (folder / f"{name}.py").write_text("raise SystemExit('the trap')\n")
    done = kit.start(
        "scenario", "list", where=trap, PYTHONPATH=str(trap), PYTHONHOME=str(trap), PYTHONUSERBASE=str(trap / ".local"),
        PYTHONSTARTUP=str(trap / "json.py"), HOME=str(trap), LD_LIBRARY_PATH="/nowhere",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "reference" in done.stdout


def test_what_it_starts_is_told_where_the_launcher_lies(kit: Kit) -> None:
    text = kit.launcher.read_text("utf-8")
    last = '-s -P -m steeliq "$@"'
    assert last in text
    asking = text.replace(last, "-c 'import os; print(os.environ[\"STEELIQ_LAUNCHER\"])'")
    told = subprocess.run(
        ["/bin/sh", "-c", asking, kit.launcher], env=kit.environment(), capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(kit.launcher)


def test_the_doctor_finds_the_whole_kit_as_it_was_made(kit: Kit) -> None:
    done = kit.start("doctor", "--full")
    assert done.returncode == 0, done.stdout
    assert "as they were made (contents compared)" in done.stdout
    assert "all as in the lock" in done.stdout
    assert "others are there too" not in done.stdout


def test_a_missing_file_is_named(copy: Kit) -> None:
    (copy.site / "pandas" / "core" / "frame.py").unlink()
    done = copy.start("doctor")
    assert done.returncode != 0
    assert "missing: lib/python3.13/site-packages/pandas/core/frame.py" in " ".join(done.stdout.split())


def test_a_flipped_byte_is_named(copy: Kit) -> None:
    path = next(copy.site.glob("highspy/libhighs.so*"))
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    assert path.name not in copy.start("doctor").stdout, "sizes alone cannot tell"
    done = copy.start("doctor", "--full")
    assert done.returncode != 0
    assert f"changed: lib/python3.13/site-packages/highspy/{path.name}" in " ".join(done.stdout.split())


def test_without_one_of_its_packages_it_does_not_pass_for_whole(copy: Kit) -> None:
    shutil.rmtree(copy.site / "numpy")
    assert copy.start("run", "reference", "--years", "2025-2025").returncode != 0
    done = copy.start("doctor")
    assert done.returncode != 0
    assert "numpy" in done.stdout


def test_half_a_kit_says_what_to_do(copy: Kit) -> None:
    shutil.rmtree(copy.folder / "bin")
    done = copy.start("--version")
    assert done.returncode == 1
    assert "Unpack the whole archive" in done.stderr


def test_it_holds_bytecode_for_what_it_imports_and_writes_nothing_into_its_folder(copy: Kit) -> None:
    def content() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in copy.folder.rglob("*")}

    subprocess.run(["chmod", "-R", "a+rwX", copy.folder], check=True)
    before = content()
    assert copy.start("run", "reference", "--years", "2025-2025").returncode == 0
    assert content() == before
    source = copy.site / "steeliq" / "cli" / "runs.py"
    compiled = source.parent / "__pycache__" / "runs.cpython-313.pyc"
    assert compiled.read_bytes()[4:8] == b"\x01\0\0\0", "hash-based, and never compared with its source"
