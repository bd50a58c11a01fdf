"""A run folder is plain files: read here with the standard library and one Parquet reader, nothing of steeliq."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from steeliq.simulation.dataset import load
from steeliq.simulation.results.variables import OPTIONAL
from steeliq.simulation.run import run
from steeliq.simulation.scenario.files import load_scenario
from tests.worlds import write_tiny


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two years on the tiny world."""
    folder = tmp_path_factory.mktemp("plain")
    scenario = load_scenario("reference", ["period.end=2026"])
    run(scenario, load(write_tiny(folder / "tiny")), folder / "run")
    return folder / "run"


def test_every_file_of_a_run_is_text_json_toml_or_parquet(finished: Path) -> None:
    kinds = {path.suffix for path in finished.rglob("*") if path.is_file() and path.parent.name != "checkpoint"}
    assert kinds - {""} == {".txt", ".json", ".toml", ".parquet"}
    assert [path.name for path in finished.iterdir() if not path.suffix and path.is_file()] in ([".lock"], [])
    assert json.loads((finished / "run.json").read_text("utf-8"))["status"] == "complete"
    assert tomllib.loads((finished / "scenario.toml").read_text("utf-8"))["period"]["end"] == 2026


def test_the_readme_names_every_table_with_the_columns_and_units_that_are_there(finished: Path) -> None:
    text = (finished / "README.txt").read_text("utf-8")
    told = {
        name: re.sub(r"\s+", " ", columns).strip().split(", ")
        for name, columns in re.findall(r"(?m)^(\w+): ((?:.+\n)(?:    .+\n)*)", text.partition("Tables and")[2])
    }
    tables = sorted(path for path in (finished / "tables").iterdir())
    assert set(told) - {path.name for path in tables} == OPTIONAL
    for path in tables:
        assert [column.partition(" [")[0] for column in told[path.name]] == pq.read_schema(path / "2026.parquet").names
    assert "production [t]" in told["production"]
    for name in ("run.json", "scenario.toml", "tables/", "reference/", "checkpoint/"):
        assert name in text


def test_the_readme_is_the_same_in_every_run_and_fits_a_plain_editor(finished: Path, tmp_path: Path) -> None:
    scenario = load_scenario("reference", ["period.end=2025", "seed=5"])
    run(scenario, load(write_tiny(tmp_path / "tiny")), tmp_path / "run")
    text = (finished / "README.txt").read_bytes()
    assert (tmp_path / "run" / "README.txt").read_bytes() == text
    assert all(len(line) <= 120 for line in text.decode("ascii").splitlines())


def test_the_example_of_the_readme_works(finished: Path) -> None:
    whole = pq.read_table(finished / "tables" / "production")
    assert set(whole["year"].to_pylist()) == {2025, 2026}
    names = pq.read_table(finished / "reference" / "countries.parquet")["country"].to_pylist()
    assert set(whole["country"].to_pylist()) <= set(names)
