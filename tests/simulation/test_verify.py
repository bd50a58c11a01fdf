"""A run is repeated from its own record: identical, or the first difference is named (docs/verify.md)."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from steeliq.errors import Cancelled, RunError
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.results.bundle import import_bundle, write_bundle
from steeliq.simulation.results.provenance import read_run_json, write_run_json
from steeliq.simulation.results.sums import table_sums, total_sum
from steeliq.simulation.results.tables import read_table, table_path, write_table
from steeliq.simulation.results.variables import OPTIONAL, SCHEMA
from steeliq.simulation.run import Progress, run
from steeliq.simulation.scenario.files import load_scenario
from steeliq.verify import Outcome, Verdict, verify
from steeliq.verify.certificate import document_of, read_certificate, write_certificate
from steeliq.verify.compare import compare
from steeliq.verify.tolerances import OF_THE_WAY, TOLERANCES
from tests.results_example import join_charges
from tests.worlds import tiny_tables, write_tiny

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ("period.end=2027", "carbon.scenario=uniform_100", "seed=5")
YEARS = range(2025, 2028)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds the tiny world."""
    folder = tmp_path_factory.mktemp("home")
    write_tiny(folder / "datasets" / "tiny")
    return folder


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELIQ_HOME", str(home))


@pytest.fixture(scope="module")
def dataset(home: Path) -> Dataset:
    return load(home / "datasets" / "tiny")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    out = tmp_path_factory.mktemp("runs") / "tiny"
    run(load_scenario("reference", SCENARIO), dataset, out)
    return out


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A run folder to do harm to."""
    return shutil.copytree(whole, tmp_path / "run")


def total(folder: Path) -> str:
    return total_sum(table_sums(folder))


def edited(folder: Path, table: str, column: str, row: int, change: Callable[[Any], Any], year: int = 2026) -> None:
    """Write a table again, with one cell changed."""
    frame = read_table(folder, table, [year])
    frame.loc[row, column] = change(frame.loc[row, column])
    write_table(folder, table, year, frame)


def told(heard: list[float]) -> Callable[[Progress], None]:
    return lambda reached: heard.append(reached.fraction)


def with_new_sums(folder: Path) -> None:
    """What a forger does: the record's sums made to fit the changed tables."""
    sums = table_sums(folder)
    write_run_json(folder, read_run_json(folder) | {"tables": sums, "total": total_sum(sums)})


def elsewhere(folder: Path) -> None:
    """As if the run came from another kind of machine."""
    document = read_run_json(folder)
    document["platform"] |= {"os": "Windows", "cpu_features": ["X86_V2"]}
    write_run_json(folder, document)


def test_the_record_tells_all_that_decides_a_bit(whole: Path, dataset: Dataset) -> None:
    document = read_run_json(whole)
    assert document["tables"] == table_sums(whole)
    assert set(document["tables"]) == set(SCHEMA) - OPTIONAL
    assert document["total"] == total(whole)
    assert {"os", "machine", "libc", "cpu_features"} <= set(document["platform"])
    assert document["platform"]["cpu_features"]
    assert document["solver"]["options"]["threads"] == 1
    assert {"numpy", "pyarrow", "highspy", "scipy"} <= set(document["packages"])
    assert document["inputs"]["scenario"] == document["identity"]["scenario"]
    assert len(document["inputs"]["dataset"]) > 10


def test_the_inputs_sums_are_those_of_the_files_in_a_bundle(whole: Path, dataset: Dataset, tmp_path: Path) -> None:
    bundle = write_bundle(whole, tmp_path / "run.steeliq", dataset=dataset)
    with zipfile.ZipFile(bundle) as archive:
        listed = json.loads(archive.read("manifest.json"))["files"]
    files = {name: facts["sha256"] for name, facts in listed.items() if name.startswith("dataset/")}
    for table, digest in read_run_json(whole)["inputs"]["dataset"].items():
        assert files[f"dataset/{table}.csv"] == digest


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_anybody_can_recompute_the_sums_with_sha256sum(whole: Path) -> None:
    sums = read_run_json(whole)["tables"]
    for table in ("production", "decisions"):
        command = "sha256sum *.parquet | sha256sum"
        told = subprocess.run(["/bin/sh", "-c", command], cwd=whole / "tables" / table, capture_output=True, check=True)
        assert told.stdout.decode().split()[0] == sums[table]
    lines = "".join(f"{digest}  {table}\n" for table, digest in sorted(sums.items()))
    told = subprocess.run(["sha256sum"], input=lines.encode(), capture_output=True, check=True)
    assert told.stdout.decode().split()[0] == read_run_json(whole)["total"]


def test_a_fresh_run_and_its_bundle_are_identical_and_untouched(whole: Path, dataset: Dataset, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    for source in (whole, write_bundle(whole, tmp_path / "run.steeliq", dataset=dataset)):
        heard: list[float] = []
        verdict = verify(source, progress=told(heard))
        assert (verdict.outcome, verdict.why_not_strictly, verdict.first) == (Outcome.IDENTICAL, (), None)
        assert verdict.total.recorded == verdict.total.stored == verdict.total.again
        assert heard == sorted(heard)
        assert heard[-1] == 1.0
    assert {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()} == before


def test_exported_deleted_and_taken_in_again_a_run_is_identical(folder: Path, dataset: Dataset, tmp_path: Path) -> None:
    bundle = write_bundle(folder, tmp_path / "run.steeliq", dataset=dataset)
    before = total(folder)
    shutil.rmtree(folder)
    taken = import_bundle(bundle, tmp_path / "back", tmp_path / "datasets")
    verdict = verify(taken.run_dir, dataset=taken.dataset)
    assert (verdict.outcome, verdict.total.again) == (Outcome.IDENTICAL, before)


CELLS = [
    ("production", "production", 3, lambda value: np.nextafter(value, np.inf)),
    ("prices", "price", 0, lambda value: -value),
    ("decisions", "reason", 0, lambda value: value + "."),
    ("owners", "closing", 1, lambda value: value + 1.0),
    ("audit", "passed", 2, lambda value: not value),
    ("solves", "iterations", 0, lambda value: value + 1),
    ("accounts", "lcos", 0, lambda _: np.nan),
]


@pytest.mark.parametrize(
    ("table", "column", "row", "change"), CELLS, ids=lambda one: one if isinstance(one, str) else ""
)
@pytest.mark.parametrize("forged", [False, True])
def test_one_edited_digit_is_named_with_table_row_and_column(
    folder: Path, table: str, column: str, row: int, change: Callable[[Any], Any], forged: bool
) -> None:
    year = next((one for one in YEARS if len(read_table(folder, table, [one])) > row), 0)
    kept = read_table(folder, table, [year])
    edited(folder, table, column, row, change, year)
    if forged:
        with_new_sums(folder)
    verdict = verify(folder)
    assert verdict.outcome == Outcome.DIFFERENT
    assert verdict.altered == (() if forged else (table,))
    first = verdict.first
    assert first is not None
    assert (first.table, first.year) == (table, year)
    if column in SCHEMA[table].key:  # a row of another key is another row
        assert first.column == ""
        return
    assert first.column == column
    key = {name: str(kept.loc[row, name]) for name in SCHEMA[table].key}
    assert first.row == key
    value = kept.loc[row, column]
    assert first.again == (
        repr(float(value)) if isinstance(value, float) else f"“{value}”" if isinstance(value, str) else str(value)
    )
    assert column in verdict.sentence


def test_a_key_that_was_edited_is_a_row_that_nobody_else_has(folder: Path) -> None:
    edited(folder, "production", "owner", 2, lambda _: "Somebody Else")
    verdict = verify(folder)
    assert verdict.first is not None
    assert (verdict.first.row["owner"], verdict.first.again) == ("Somebody Else", "no such row")


def test_an_edited_digit_in_a_bundle_is_named_too(folder: Path, dataset: Dataset, tmp_path: Path) -> None:
    bundle = write_bundle(folder, tmp_path / "run.steeliq", dataset=dataset)
    edited(folder, "demand", "supplied", 1, lambda value: value + 0.001)
    with zipfile.ZipFile(bundle) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    files["tables/demand/2026.parquet"] = table_path(folder, "demand", 2026).read_bytes()
    with zipfile.ZipFile(bundle, "w") as archive:  # the manifest still tells of the table as it was
        for name, content in files.items():
            archive.writestr(name, content)
    verdict = verify(bundle)
    assert verdict.outcome == Outcome.DIFFERENT
    assert verdict.first is not None
    assert (verdict.first.table, verdict.first.year, verdict.first.column) == ("demand", 2026, "supplied")


@pytest.mark.parametrize("table", sorted(set(SCHEMA) - OPTIONAL))
def test_a_flipped_bit_anywhere_in_a_file_names_its_table(table: str, whole: Path, folder: Path) -> None:
    chance = random.Random(table)
    path = table_path(folder, table, 2026)
    content = path.read_bytes()
    for _ in range(12):
        at, bit = chance.randrange(len(content)), chance.randrange(8)
        path.write_bytes(content[:at] + bytes([content[at] ^ (1 << bit)]) + content[at + 1 :])
        found = compare(folder, whole, YEARS, strictly=True)
        assert found.first is not None
        assert (found.first.table, found.first.year) == (table, 2026)
        assert [one.table for one in found.tables if one.beyond] == [table]
    path.write_bytes(content)
    assert compare(folder, whole, YEARS, strictly=True).first is None


def test_a_table_or_year_that_is_missing_is_a_difference(whole: Path, folder: Path) -> None:
    table_path(folder, "flows", 2026).unlink()
    found = compare(folder, whole, YEARS, strictly=True)
    assert found.first is not None
    assert (found.first.table, found.first.year, found.first.stored) == ("flows", 2026, "no such table")
    shutil.rmtree(folder / "tables" / "reasons")  # one that earlier versions did not write
    assert "reasons" in {one.table for one in compare(folder, whole, YEARS, strictly=True).tables if one.beyond}
    later = compare(folder, whole, YEARS, strictly=False, same_tables=False)
    assert "reasons" not in {one.table for one in later.tables}


# ---- another machine


def test_on_another_machine_numbers_within_tolerance_are_the_same_decisions(folder: Path) -> None:
    elsewhere(folder)
    edited(folder, "production", "production", 3, lambda value: value * (1 + TOLERANCES["production"] / 5))
    edited(folder, "solves", "iterations", 0, lambda value: value + 7)
    edited(folder, "audit", "where", 0, lambda _: "elsewhere")
    with_new_sums(folder)
    verdict = verify(folder)
    assert verdict.outcome == Outcome.WITHIN
    assert any("Windows" in reason for reason in verdict.why_not_strictly)
    assert verdict.largest is not None
    assert (verdict.largest.table, verdict.largest.column) == ("production", "production")
    assert verdict.largest.size == pytest.approx(TOLERANCES["production"] / 5, rel=1e-3)


@pytest.mark.parametrize(
    ("table", "column", "change"),
    [
        ("production", "production", lambda value: value * (1 + 3 * TOLERANCES["production"])),
        ("production", "utilisation", lambda _: np.nan),
        ("audit", "passed", lambda value: not value),
        ("prices", "clipped", lambda value: not value),
    ],
)
def test_on_another_machine_anything_else_is_different(
    folder: Path, table: str, column: str, change: Callable[[Any], Any]
) -> None:
    elsewhere(folder)
    edited(folder, table, column, 1, change)
    with_new_sums(folder)
    verdict = verify(folder)
    assert verdict.outcome == Outcome.DIFFERENT
    assert verdict.first is not None
    assert (verdict.first.table, verdict.first.column) == (table, column)


def test_tables_changed_after_recording_are_told_on_any_machine_however_little(folder: Path) -> None:
    elsewhere(folder)
    edited(folder, "production", "production", 3, lambda value: np.nextafter(value, np.inf))
    verdict = verify(folder)
    assert (verdict.outcome, verdict.altered, verdict.first) == (Outcome.DIFFERENT, ("production",), None)
    assert "production" in verdict.sentence


def test_every_table_has_a_tolerance_and_only_traces_of_the_solver_are_free() -> None:
    assert set(TOLERANCES) == set(SCHEMA)
    assert set(OF_THE_WAY) == {"solves", "audit"}
    assert all(0 < tolerance <= 1e-6 for tolerance in TOLERANCES.values())


def test_what_is_left_of_large_numbers_is_not_held_to_its_own_size(whole: Path, folder: Path) -> None:
    frame = read_table(whole, "owners", [2026])
    greatest = float(frame["closing"].abs().max())
    edited(folder, "owners", "closing", 0, lambda value: value + 1e-17 * greatest if value else 1e-17 * greatest)
    assert compare(folder, whole, YEARS, strictly=False).first is None


# ---- records of earlier versions, refusals


def test_a_run_without_sums_is_verified_all_the_same(folder: Path) -> None:
    document = read_run_json(folder)
    for name in ("tables", "total", "solver", "inputs", "kit"):
        del document[name]
    document["platform"] = {name: document["platform"][name] for name in ("system", "machine", "cores")}
    write_run_json(folder, document)
    verdict = verify(folder)
    assert (verdict.outcome, verdict.altered, verdict.total.recorded) == (Outcome.IDENTICAL, (), "")
    edited(folder, "demand", "supplied", 0, lambda value: value + 1.0)
    assert verify(folder).outcome == Outcome.DIFFERENT


def test_a_run_of_other_code_need_not_agree_in_every_bit_and_that_is_said(folder: Path) -> None:
    document = read_run_json(folder)
    document["identity"]["code"] = "0" * 64
    write_run_json(folder, document)
    verdict = verify(folder)
    assert verdict.outcome == Outcome.IDENTICAL
    [reason] = verdict.why_not_strictly
    assert reason.startswith("steeliq: then 0.1.0 (00000000), now 0.1.0 (")


def test_a_run_that_told_duties_and_border_charges_in_one_sum_is_compared_by_the_sum(
    whole: Path, folder: Path, tmp_path: Path
) -> None:
    again = shutil.copytree(whole, tmp_path / "again")
    for place in (folder, again):
        edited(place, "flows", "duty", 0, lambda _: 12.0)
        edited(place, "flows", "border_charge", 0, lambda _: 4.5)
    join_charges(folder)
    found = compare(folder, again, YEARS, strictly=False, same_tables=False)
    assert [one.table for one in found.tables if one.differing] == []
    edited(again, "flows", "border_charge", 0, lambda _: 4.6)
    first = compare(folder, again, YEARS, strictly=False, same_tables=False).first
    assert first is not None
    assert (first.table, first.column, first.stored, first.again) == ("flows", "duty", "16.5", "16.6")
    assert compare(folder, again, YEARS, strictly=True).first is not None


def test_a_dataset_that_is_not_here_is_named_with_what_to_do(whole: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("STEELIQ_HOME", str(tmp_path / "nobody"))
    wanted = read_run_json(whole)["dataset"]["hash"][:12]
    with pytest.raises(RunError, match=f"made from the dataset tiny with hash {wanted}.*--dataset.*bundle"):
        verify(whole)


def test_a_dataset_that_is_given_must_be_the_one(whole: Path, home: Path, tmp_path: Path) -> None:
    tables = tiny_tables()
    tables["steel_demand"] = tables["steel_demand"].assign(demand=tables["steel_demand"]["demand"] * 1.01)
    other = write_tiny(tmp_path / "other", tables)
    with pytest.raises(RunError, match="the run was made from"):
        verify(whole, dataset=other)
    assert verify(whole, dataset=home / "datasets" / "tiny").outcome == Outcome.IDENTICAL


def test_settings_that_were_changed_in_the_record_are_refused(folder: Path) -> None:
    document = read_run_json(folder)
    document["scenario"]["seed"] = 6
    write_run_json(folder, document)
    with pytest.raises(RunError, match="not those that its hash"):
        verify(folder)


def test_a_run_that_is_not_complete_is_refused(folder: Path, tmp_path: Path) -> None:
    write_run_json(folder, read_run_json(folder) | {"status": "cancelled"})
    with pytest.raises(RunError, match="only a complete run can be verified, this one is cancelled"):
        verify(folder)
    with pytest.raises(RunError, match="no run and no bundle"):
        verify(tmp_path / "nothing")


def test_a_cancelled_verification_leaves_nothing(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        verify(whole, scratch=tmp_path / "scratch", cancelled=lambda: True)
    assert read_run_json(whole)["status"] == "complete"


# ---- the certificate


@pytest.fixture(scope="module")
def verdict(whole: Path, home: Path) -> Verdict:
    os.environ["STEELIQ_HOME"] = str(home)
    return verify(whole)


def test_the_certificate_holds_what_a_reviewer_needs(verdict: Verdict, whole: Path, tmp_path: Path) -> None:
    page = write_certificate(verdict, tmp_path)
    document = read_certificate(tmp_path)
    assert document is not None
    run_json = read_run_json(whole)
    assert document["outcome"] == "identical"
    assert document["total"] == dict.fromkeys(("recorded", "stored", "repeated"), run_json["total"])
    assert {name: table["sha256"]["stored"] for name, table in document["tables"].items()} == run_json["tables"]
    for side in ("made_with", "repeated_with"):
        assert {"code", "identity", "python", "packages", "platform", "solver"} <= set(document[side])
    text = page.read_text("utf-8")
    digest = subprocess.run(
        [sys.executable, "-c", "import hashlib,sys;print(hashlib.sha256(open(sys.argv[1],'rb').read()).hexdigest())",
         str(tmp_path / "certificate.json")], capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    for told in (document["run"]["hash"], run_json["total"], *run_json["tables"].values(), digest, "AVX", "ipm, then"):
        assert told in text or told == "AVX"
    assert "http" not in text
    assert "<script" not in text
    assert "$" not in text.split("</style>")[1]


def test_names_in_a_certificate_are_never_markup(verdict: Verdict, tmp_path: Path) -> None:
    from dataclasses import replace

    odd = replace(verdict, name="<b>x</b> & $kind")
    text = write_certificate(odd, tmp_path).read_text("utf-8")
    assert "<b>x" not in text
    assert "&lt;b&gt;x&lt;/b&gt; &amp; $kind" in text


def test_a_certificate_is_no_part_of_the_run(verdict: Verdict, folder: Path, dataset: Dataset, tmp_path: Path) -> None:
    before = write_bundle(folder, tmp_path / "a.steeliq", dataset=dataset).read_bytes()
    write_certificate(verdict, folder)
    assert write_bundle(folder, tmp_path / "b.steeliq", dataset=dataset).read_bytes() == before
    assert verify(folder).outcome == Outcome.IDENTICAL


def test_a_certificate_of_a_later_version_or_none_is_told(tmp_path: Path, verdict: Verdict) -> None:
    assert read_certificate(tmp_path) is None
    from datetime import UTC, datetime

    document = document_of(verdict, datetime.now(UTC)) | {"format": 99}
    (tmp_path / "certificate.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(RunError, match="no certificate that this version"):
        read_certificate(tmp_path)


# ---- one hash, however and wherever it is simulated


def steeliq(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"STEELIQ_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | more
    cwd = environment.pop("CWD", None)
    command = [sys.executable, "-P", "-m", "steeliq", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=cwd, timeout=300)


def test_hash_seed_time_zone_locale_folder_and_threads_change_no_bit(whole: Path, home: Path, tmp_path: Path) -> None:
    chance = random.Random(63)
    found = {read_run_json(whole)["total"]}
    for number in range(6):
        cwd = tmp_path / chance.choice(("plain", "with blank", "ünder"))
        cwd.mkdir(exist_ok=True)
        threads = str(chance.choice((1, 2, 3, 7)))
        told = steeliq(
            home, "run", "reference", *(part for text in SCENARIO for part in ("--set", text)),
            "--dataset", str(home / "datasets" / "tiny"), "--no-report", "--out", str(cwd / f"run {number}"),
            CWD=str(cwd), PYTHONHASHSEED=str(chance.randrange(2**32)), OMP_NUM_THREADS=threads,
            OPENBLAS_NUM_THREADS=threads, MKL_NUM_THREADS=threads, ARROW_NUM_THREADS=threads,
            TZ=chance.choice(("UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham")),
            LC_ALL=chance.choice(("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8")),
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        found.add(total(cwd / f"run {number}"))
    assert len(found) == 1


def test_the_order_of_rows_and_columns_of_every_input_table_changes_no_bit(
    whole: Path, home: Path, tmp_path: Path
) -> None:
    chance = np.random.default_rng(63)
    shuffled = shutil.copytree(home / "datasets" / "tiny", tmp_path / "shuffled")
    for path in sorted(shuffled.glob("*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame = frame.iloc[chance.permutation(len(frame))][list(chance.permutation(frame.columns))]
        frame.to_csv(path, index=False, lineterminator="\n")
    out = tmp_path / "run"
    run(load_scenario("reference", SCENARIO), load(shuffled), out)
    assert total(out) == read_run_json(whole)["total"]
    assert verify(out).outcome == Outcome.IDENTICAL


# ---- the command


def test_the_command_tells_the_outcome_and_writes_the_certificate(folder: Path, home: Path) -> None:
    told = steeliq(home, "verify", str(folder))
    assert (told.returncode, told.stdout.splitlines()[0].split(".")[0]) == (0, "Identical")
    assert f"Certificate: {folder / 'certificate.html'}" in told.stdout
    assert (folder / "certificate.json").is_file()
    edited(folder, "prices", "price", 4, lambda value: value + 1e-6)
    told = steeliq(home, "verify", str(folder), "--json")
    assert told.returncode == 1
    document = json.loads(told.stdout.splitlines()[-1])
    assert (document["outcome"], document["first_difference"]["column"]) == ("different", "price")
    told = steeliq(home, "verify", str(folder), "--out", str(folder / "run.json" / "certificates"))
    assert (told.returncode, told.stdout.split(".")[0]) == (2, "Different"), (
        "no place for a certificate costs no verdict"
    )
    assert "not a directory; choose another folder (--out" in told.stderr


def test_the_command_refuses_what_is_no_run(home: Path, tmp_path: Path) -> None:
    told = steeliq(home, "verify", str(tmp_path / "nothing"))
    assert told.returncode == 2
    assert "no run and no bundle here" in told.stderr


def test_of_a_bundle_the_certificate_lies_beside_it(whole: Path, dataset: Dataset, home: Path, tmp_path: Path) -> None:
    bundle = write_bundle(whole, tmp_path / "paper.steeliq", dataset=dataset)
    assert steeliq(tmp_path / "elsewhere", "verify", str(bundle)).returncode == 0
    assert sorted(path.name for path in tmp_path.glob("paper*")) == [
        "paper-certificate.html", "paper-certificate.json", "paper.steeliq",
    ]  # fmt: skip
    assert pq.read_table(table_path(whole, "demand", 2026)).num_rows == 3
