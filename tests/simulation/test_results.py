"""The result tables on disk: what is written is read, the same rows give the same bytes, a crash leaves nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from steeliq.atomic import write_atomically
from steeliq.errors import RunError
from steeliq.simulation.results import SCHEMA, read_table, write_table, write_year, years_done
from steeliq.simulation.results.provenance import provenance, read_run_json, worst_of, write_run_json
from steeliq.simulation.results.tables import table_path
from steeliq.simulation.results.variables import LATER
from tests.results_example import YEARS, join_charges, run_tables, write_run

ROOT = Path(__file__).resolve().parents[2]


def digests(folder: Path) -> dict[str, str]:
    found = sorted(path for path in (folder / "tables").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.mark.parametrize("table", list(SCHEMA))
def test_every_table_comes_back_as_it_was_written(tmp_path: Path, table: str) -> None:
    write_year(tmp_path, 2025, run_tables(2025))
    back = read_table(tmp_path, table, [2025])
    assert tuple(back.columns) == SCHEMA[table].names
    assert [str(dtype) for dtype in back.dtypes] == [column.dtype for column in SCHEMA[table].columns]
    by = list(SCHEMA[table].names)
    written = run_tables(2025)[table].astype({c.name: c.dtype for c in SCHEMA[table].columns})
    expected = written.sort_values(by, ignore_index=True)
    pd.testing.assert_frame_equal(back.sort_values(by, ignore_index=True), expected, check_exact=True)


def test_the_same_rows_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    write_year(tmp_path / "a", 2025, run_tables(2025))
    shuffled = {
        name: frame.sample(frac=1.0, random_state=3)[list(frame.columns)[::-1]]
        for name, frame in run_tables(2025).items()
    }
    write_year(tmp_path / "b", 2025, shuffled)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    write_year(tmp_path / "a", 2025, run_tables(2025))
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_negative_zero_has_the_bytes_of_zero(tmp_path: Path) -> None:
    frame = run_tables(2025)["limits"]
    write_table(tmp_path / "a", "limits", 2025, frame.assign(refused=0.0))
    write_table(tmp_path / "b", "limits", 2025, frame.assign(refused=-0.0))
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_years_come_back_in_order_and_only_complete_years_count(tmp_path: Path) -> None:
    for year in reversed(YEARS):
        write_year(tmp_path, year, run_tables(year))
    assert years_done(tmp_path) == YEARS
    assert list(read_table(tmp_path, "demand")["year"].unique()) == list(YEARS)
    assert set(read_table(tmp_path, "demand", [2027, 2026])["year"]) == {2026, 2027}
    table_path(tmp_path, "audit", 2030).unlink()
    assert years_done(tmp_path) == YEARS[:-1]


def test_an_empty_folder_has_no_years_and_empty_typed_tables(tmp_path: Path) -> None:
    assert years_done(tmp_path) == ()
    empty = read_table(tmp_path, "decisions")
    assert len(empty) == 0
    assert str(empty["capacity"].dtype) == "float64"


def test_a_run_from_before_a_table_existed_still_has_its_years(tmp_path: Path) -> None:
    for year in YEARS:
        write_year(tmp_path, year, run_tables(year))
    for table in LATER:
        shutil.rmtree(tmp_path / "tables" / table)
    assert years_done(tmp_path) == YEARS
    assert read_table(tmp_path, "scarcity").empty
    assert read_table(tmp_path, "scarcity", YEARS).empty


def test_a_run_from_before_a_column_was_split_off_has_both_in_one(tmp_path: Path) -> None:
    for year in YEARS:
        write_year(tmp_path, year, run_tables(year))
    now = read_table(tmp_path, "flows")
    assert now["border_charge"].any()
    join_charges(tmp_path)
    then = read_table(tmp_path, "flows")
    assert then["border_charge"].isna().all()
    assert then["duty"].tolist() == (now["duty"] + now["border_charge"]).tolist()
    pd.testing.assert_frame_equal(
        then.drop(columns=["duty", "border_charge"]), now.drop(columns=["duty", "border_charge"])
    )
    path = table_path(tmp_path, "flows", YEARS[0])
    pq.write_table(pq.ParquetFile(path).read().drop_columns("emissions"), path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    with pytest.raises(RunError, match="made by another version"):
        read_table(tmp_path, "flows")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="unmet"), r"demand, 2025: missing columns \['unmet'\]"),
        (lambda frame: frame.assign(extra=1), r"unknown columns \['extra'\]"),
        (lambda frame: frame.assign(year=2026), "rows of other years"),
        (lambda frame: frame.assign(demand="much"), "column demand"),
        (lambda frame: frame.assign(year=2025.5), "fractions where whole numbers"),
        (lambda frame: frame.assign(year=np.nan), "column year: found an empty value"),
    ],
)
def test_a_table_that_does_not_fit_the_schema_is_refused_and_nothing_is_written(
    tmp_path: Path, change: object, message: str
) -> None:
    assert callable(change)
    tables = run_tables(2025)
    tables["demand"] = change(tables["demand"])
    with pytest.raises(ValueError, match=message):
        write_year(tmp_path, 2025, tables)
    assert not (tmp_path / "tables").exists()


def test_missing_and_unknown_tables_are_named(tmp_path: Path) -> None:
    tables = run_tables(2025)
    tables["weather"] = tables.pop("audit")
    with pytest.raises(ValueError, match=r"missing tables \['audit'\], unknown tables \['weather'\]"):
        write_year(tmp_path, 2025, tables)
    with pytest.raises(ValueError, match="no result table 'weather'"):
        read_table(tmp_path, "weather")


def test_a_crash_before_the_rename_leaves_no_file_and_keeps_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file.bin"

    def crash(stream: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, crash)
    assert list(path.parent.iterdir()) == []
    write_atomically(path, lambda stream: stream.write(b"old"))
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, crash)
    assert path.read_bytes() == b"old"


def test_a_full_disk_is_told_with_the_file_that_found_no_room(tmp_path: Path) -> None:
    from steeliq.cli import _unwritable

    def fill(_: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left") as full:
        write_atomically(tmp_path / "file.bin", fill)
    assert _unwritable(full.value).startswith(
        f"{tmp_path / 'file.bin'}: no space left on device; free some space, then"
    )


def test_a_process_that_dies_while_writing_leaves_the_old_year_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    write_atomically(path, lambda stream: stream.write(b"old"))
    program = (
        "import os, sys; from pathlib import Path\n"
        "from steeliq.atomic import write_atomically\n"
        "write_atomically(Path(sys.argv[1]), lambda s: (s.write(b'half'), s.flush(), os._exit(9)))\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", program, str(path)], check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert died.returncode == 9
    assert path.read_bytes() == b"old"
    write_atomically(path, lambda stream: stream.write(b"new"))
    assert [item.name for item in tmp_path.iterdir()] == ["file.bin"]
    assert path.read_bytes() == b"new"


def test_a_damaged_or_missing_year_is_named(tmp_path: Path) -> None:
    write_year(tmp_path, 2025, run_tables(2025))
    path = table_path(tmp_path, "demand", 2025)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match=r"demand/2025\.parquet: this file is damaged"):
        read_table(tmp_path, "demand")
    with pytest.raises(RunError, match=r"demand/2031\.parquet: this year of the run is missing"):
        read_table(tmp_path, "demand", [2031])
    with pytest.raises(RunError, match="no run folder"):
        read_table(tmp_path / "nowhere", "demand")


def test_run_json_comes_back_and_names_what_is_needed_to_repeat_the_run(tmp_path: Path) -> None:
    write_run(tmp_path)
    document = read_run_json(tmp_path)
    assert document["seed"] == 7
    assert document["dataset"] == {"name": "example", "hash": "e" * 64}
    assert document["differences"] == {"carbon_price": "uniform_100", "seed": 7}
    assert document["seconds"] == 12.0
    assert document["audit"]["passed"] is True
    assert document["audit"]["residual"] == pytest.approx(5.5e-10 * 6)
    assert document["audit"]["invariant"] == "money: costs add to the objective"
    assert document["peak_memory_mb"] > 10
    assert len(document["code"]["environment"]) == 64
    assert all(document["packages"][name] for name in ("numpy", "highspy", "pandas", "pyarrow"))


def test_a_failed_check_shows_as_the_worst_even_without_a_number() -> None:
    audit = run_tables(2026)["audit"]
    audit.loc[0, "residual"], audit.loc[0, "passed"] = np.nan, False
    assert worst_of(audit)["passed"] is False
    assert worst_of(audit)["invariant"] == audit.loc[0, "invariant"]
    assert worst_of(audit.head(0)) == {}


def test_a_run_json_of_a_later_format_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run here"):
        read_run_json(tmp_path)
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match="cannot be read"):
        read_run_json(tmp_path)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    document = provenance(
        scenario={}, differences={}, dataset="d", dataset_hash="h", seed=1, years=(2025, 2030), started=start
    )
    write_run_json(tmp_path, document | {"format": 99})
    with pytest.raises(RunError, match="later version"):
        read_run_json(tmp_path)
