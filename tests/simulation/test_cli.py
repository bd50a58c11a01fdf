"""The command line as a person meets it: real processes, their output, exit codes and what they leave behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from steeliq import __version__
from steeliq.simulation.results import SCHEMA, read_table
from steeliq.simulation.results.variables import OPTIONAL
from tests.worlds import tiny_tables, write_tiny

ROOT = Path(__file__).resolve().parents[2]
JSON_KEYS = {
    "status", "scenario", "years", "wall_s", "solver_s", "peak_rss_mb", "audit_worst", "run_dir",
    "dataset_hash", "production_mt", "emissions_mt",
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data folder ü")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("worlds") / "tiny")


def environment(home: Path) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "STEELIQ_HOME": str(home), "PYTHONIOENCODING": "utf-8"}


def steeliq(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "steeliq", *map(str, arguments)]
    return subprocess.run(
        command, env=environment(home), cwd=home, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def finished(home: Path, world: Path) -> subprocess.CompletedProcess[str]:
    """A run of two years in the data folder, with its report and its figures as JSON."""
    return steeliq(home, "run", "--dataset", world, "--years", "2025-2026", "--json")


@pytest.fixture(scope="module")
def run_dir(finished: subprocess.CompletedProcess[str]) -> Path:
    return Path(json.loads(finished.stdout.splitlines()[-1])["run_dir"])


def test_help_lists_the_commands_and_loads_nothing_heavy(home: Path) -> None:
    shown = steeliq(home, "--help")
    assert shown.returncode == 0
    assert all(f"\n  {command} " in shown.stdout for command in ("run", "data", "scenario", "export", "info"))
    heavy = {"numpy", "pandas", "highspy", "pydantic", "pyarrow"}
    code = f"import sys, steeliq.cli; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment(home), capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


def test_version_is_told_and_is_the_same_everywhere(home: Path) -> None:
    assert steeliq(home, "--version").stdout.strip() == __version__
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert f"version: {__version__}" in (ROOT / "CITATION.cff").read_text("utf-8")


def test_a_run_prints_its_figures_as_the_last_line_in_json(finished: subprocess.CompletedProcess[str]) -> None:
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert set(figures) == JSON_KEYS
    assert (figures["status"], figures["scenario"], figures["years"]) == ("complete", "reference", [2025, 2026])
    assert set(figures["emissions_mt"]["2026"]) == {"scope1", "scope2", "scope3"}
    assert figures["audit_worst"] <= 1e-6
    assert "2026" in finished.stderr


def test_the_figures_add_up_to_the_tables(finished: subprocess.CompletedProcess[str], run_dir: Path) -> None:
    figures = json.loads(finished.stdout.splitlines()[-1])
    for year in ("2025", "2026"):
        rows = read_table(run_dir, "production", [int(year)])
        assert sum(figures["production_mt"][year].values()) == pytest.approx(rows["production"].sum() / 1e6)
        emitted = read_table(run_dir, "emissions", [int(year)])
        assert figures["emissions_mt"][year]["scope1"] == pytest.approx(emitted["scope1"].sum() / 1e6)


def test_a_run_goes_into_the_data_folder_with_its_report(home: Path, run_dir: Path) -> None:
    assert run_dir.parent == home / "runs"
    assert run_dir.name.endswith("-reference")
    assert (run_dir / "report.html").stat().st_size > 100_000


def test_without_json_a_run_prints_a_summary_and_where_everything_is(home: Path, world: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    shown = steeliq(home, "run", "--dataset", world, "--years", "2025", "--out", out, "--no-report", "--seed", "9")
    assert shown.returncode == 0, shown.stderr
    assert "Crude steel, Mt" in shown.stdout
    assert f"Run folder: {out}" in shown.stdout
    assert json.loads((out / "run.json").read_text("utf-8"))["seed"] == 9
    assert not (out / "report.html").exists()


def test_all_exports_are_written_and_named(home: Path, run_dir: Path, tmp_path: Path) -> None:
    shown = steeliq(home, "export", run_dir.name, "--iamc", "--xlsx", "--csv", "--html", "--crate", "--out", tmp_path)
    assert shown.returncode == 0, shown.stderr
    names = ["iamc.csv", "results.xlsx", "csv", "report.html", "run-crate.zip"]
    assert shown.stdout.split("\n")[:-1] == [str(tmp_path / name) for name in names]
    assert {path.stem for path in (tmp_path / "csv").glob("*.csv")} == set(SCHEMA) - OPTIONAL
    assert all((tmp_path / name).exists() for name in names)


def test_an_export_of_nothing_or_of_no_run_is_refused(home: Path, run_dir: Path, tmp_path: Path) -> None:
    assert steeliq(home, "export", run_dir).returncode == 2
    missing = steeliq(home, "export", tmp_path / "none", "--csv")
    assert missing.returncode == 2
    assert "there is no run here" in missing.stderr


def test_an_interrupted_run_tells_how_to_go_on_and_does(home: Path, world: Path, tmp_path: Path) -> None:
    out = tmp_path / "long"
    arguments = ["run", "--dataset", str(world), "--out", str(out), "--no-report", "--years", "2025-2030"]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "steeliq", *arguments],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    while process.poll() is None and not list(out.glob("checkpoint/*.npz")):
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130, told
    assert "--resume" in told
    assert "Traceback" not in told
    resumed = steeliq(home, "run", "--dataset", world, "--out", out, "--no-report", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    document = json.loads((out / "run.json").read_text("utf-8"))
    assert (document["status"], document["parts"], document["last_year_done"]) == ("complete", 2, 2030)


def test_a_second_run_into_the_same_folder_is_refused(home: Path, world: Path, run_dir: Path) -> None:
    refused = steeliq(home, "run", "--dataset", world, "--out", run_dir, "--json")
    assert refused.returncode == 2
    assert "the folder is not empty" in refused.stderr
    assert json.loads(refused.stdout)["status"] == "refused"


def test_there_is_nothing_to_resume_when_every_run_is_complete(home: Path, run_dir: Path) -> None:
    refused = steeliq(home, "run", "--resume")
    assert run_dir.exists()
    assert refused.returncode == 2
    assert "every run here is complete" in refused.stderr


@pytest.mark.parametrize("years", ["2025-", "25-50", "2025:2050", "2050-2025", "1990-2000"])
def test_years_that_make_no_sense_are_refused(years: str, home: Path) -> None:
    refused = steeliq(home, "run", "--years", years)
    assert refused.returncode == 2
    assert "1 problem" in refused.stderr or "2 problems" in refused.stderr


def test_a_good_dataset_is_confirmed_and_a_bad_one_lists_its_problems(home: Path, world: Path, tmp_path: Path) -> None:
    good = steeliq(home, "data", "check", world)
    assert good.returncode == 0, good.stderr
    assert "a valid dataset" in good.stdout
    tables = tiny_tables()
    tables["furnace_groups"].loc[0, "capacity"] = -1.0
    tables["plants"].loc[0, "country"] = "XXX"
    bad = steeliq(home, "data", "check", write_tiny(tmp_path / "bad", tables))
    assert bad.returncode == 2
    assert "furnace_groups, row 2, column capacity" in bad.stderr
    assert "plants, row 2, column country" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_the_scenario_commands_list_show_check_and_describe(home: Path, world: Path) -> None:
    assert steeliq(home, "scenario", "list").stdout.startswith("reference\n")
    assert 'scenario = "net_zero"' in steeliq(home, "scenario", "show", "net-zero-2050").stdout
    assert "life = 20" in steeliq(home, "scenario", "show", "reference", "--full").stdout
    assert json.loads(steeliq(home, "scenario", "schema").stdout)["title"] == "Scenario"
    checked = steeliq(home, "scenario", "check", "reference", "--set", "seed=2", "--dataset", world)
    assert (checked.returncode, checked.stdout.strip()[-4:]) == (0, "seed")
    wrong = steeliq(home, "scenario", "check", "reference", "--set", "grid.scenario=none", "--dataset", world)
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_info_tells_versions_and_folders(home: Path) -> None:
    shown = steeliq(home, "info")
    assert shown.returncode == 0, shown.stderr
    assert str(home) in shown.stdout
    assert "highspy" in shown.stdout


def test_an_unknown_command_is_refused(home: Path) -> None:
    assert steeliq(home, "simulate").returncode == 2


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(home: Path, world: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    done = steeliq(home, "run", "--dataset", world, "--years", "2025", "--out", tmp_path / "file" / "run")
    assert done.returncode == 2
    assert "choose another folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_resume_leaves_a_folder_alone_that_holds_no_run(home: Path, world: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", "utf-8")
    done = steeliq(home, "run", "--dataset", world, "--years", "2025", "--out", tmp_path, "--resume")
    assert done.returncode == 2
    assert "holds no run" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_plant_is_explained_in_words_and_as_json(home: Path, run_dir: Path) -> None:
    decisions = read_table(run_dir, "decisions")
    group = str(decisions["furnace_group"].iloc[0])
    shown = steeliq(home, "explain", run_dir.name, "--plant", group)
    assert shown.returncode == 0, shown.stderr
    assert f"{decisions['year'].iloc[0]}  {group}: {decisions['decision'].iloc[0]}" in shown.stdout
    assert "chosen" in shown.stdout
    printed = steeliq(home, "explain", run_dir, "--plant", str(decisions["plant"].iloc[0]), "--json")
    found = json.loads(printed.stdout)
    assert {one["furnace_group"] for one in found} == set(
        decisions.loc[decisions["plant"] == decisions["plant"].iloc[0], "furnace_group"]
    )
    for course in (course for one in found for course in one["courses"] if course["parts"]):
        assert sum(course["parts"].values()) == pytest.approx(course["npv"], rel=1e-9, abs=1e-6)


def test_an_explanation_of_nobody_or_of_no_year_is_refused(home: Path, run_dir: Path) -> None:
    wrong = steeliq(home, "explain", run_dir, "--plant", "P1-BF")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "no plant or furnace group 'P1-BF'; close to it: P1-BF-1" in wrong.stderr
    late = steeliq(home, "explain", run_dir, "--plant", "P1", "--year", "2060")
    assert late.returncode == 2
    assert "there is no year 2060 in this run" in late.stderr
