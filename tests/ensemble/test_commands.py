"""The commands of ensembles as a person meets them: real processes, output, exit codes, files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import psutil
import pytest

from steeliq.ensemble import exports
from steeliq.ensemble.design import parse_design, to_toml
from steeliq.ensemble.store import members_done, read_design, read_document
from tests.ensemble.designs import CIRCULAR, DEMAND, design
from tests.worlds import write_tiny

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data folder ü")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("worlds") / "tiny")


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-P", "-m", "steeliq", "ensemble", *map(str, arguments)]


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "STEELIQ_HOME": str(home), "PYTHONIOENCODING": "utf-8"}


def steeliq(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), env=environment(home), capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def finished(home: Path, world: Path) -> Path:
    """An ensemble of four members in the data folder."""
    file = home / "design.toml"
    file.write_text(to_toml(design(DEMAND, CIRCULAR, samples=4, name="Four of them")), encoding="utf-8")
    done = steeliq(home, "run", file, "--dataset", world, "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert "4 of 4 members" in done.stdout
    return home / "ensembles" / "four-of-them"


def test_a_design_is_written_once_and_then_checked(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert "an example with comments" in steeliq(home, "design", file).stdout
    text = file.read_text(encoding="utf-8")
    shown = steeliq(home, "design", file)
    assert shown.returncode == 0, shown.stderr
    assert "40 members: 40 points, 1 of the agents' seeds each" in shown.stdout
    assert file.read_text(encoding="utf-8") == text
    file.write_text(text.replace("carbon_prices.price", "carbon_price.price"), encoding="utf-8")
    refused = steeliq(home, "design", file)
    assert refused.returncode == 2
    assert "did you mean carbon_prices" in refused.stderr
    assert steeliq(home, "run", file, "--out", tmp_path / "out").returncode == 2
    assert not (tmp_path / "out").exists(), "a refused design leaves nothing"


def test_status_tells_all_ensembles_or_one(home: Path, finished: Path) -> None:
    assert "four-of-them" in steeliq(home, "status").stdout
    assert "complete, 4 of 4 members" in steeliq(home, "status", "four-of-them").stdout
    document = json.loads(steeliq(home, "status", finished, "--json").stdout)
    assert (document["status"], document["done"], document["failures"]) == ("complete", 4, [])
    damaged = home / "ensembles" / "damaged"
    damaged.mkdir()
    (damaged / "ensemble.json").write_text("{", encoding="utf-8")
    listed = steeliq(home, "status").stdout
    assert "complete, 4 of 4 members" in listed, "one that is damaged hides no other"
    assert "this file cannot be read" in listed
    missing = steeliq(home, "status", "five-of-them")
    assert missing.returncode == 2
    assert "there is no ensemble here" in missing.stderr


def test_an_export_has_every_member_and_figure(home: Path, finished: Path) -> None:
    done = steeliq(home, "export", "four-of-them", "--csv", "--parquet", "--xlsx")
    assert done.returncode == 0, done.stderr
    folder = finished / "exports"
    outputs = pd.read_parquet(folder / "outputs.parquet")
    again = pd.read_csv(folder / "outputs.csv", encoding="utf-8-sig")
    assert len(outputs) == len(again) > 0
    assert outputs["value"].to_numpy() == pytest.approx(again["value"].to_numpy(), rel=1e-12)
    assert list(pd.read_csv(folder / "members.csv", encoding="utf-8-sig")["member"]) == [0, 1, 2, 3]
    wide = pd.read_excel(folder / "ensemble.xlsx", sheet_name="Outputs", engine="calamine")
    assert len(wide) == 4 * 2
    source = pd.read_excel(folder / "ensemble.xlsx", sheet_name="Source", engine="calamine").set_index("what")["value"]
    identity = read_document(finished)["identity"]
    assert source["Members finished"] == "4 of 4"
    assert all(identity[name] in source[name.capitalize()] for name in ("design", "dataset", "code"))
    assert parse_design(source["Design as TOML"]) == read_design(finished)
    one = outputs[(outputs["member"] == 2) & (outputs["year"] == 2026) & (outputs["area"] == "world")]
    row = wide[(wide["member"] == 2) & (wide["year"] == 2026)].iloc[0]
    for output, value in zip(one["output"], one["value"], strict=True):
        assert row[output] == pytest.approx(value, rel=1e-9), output
    assert steeliq(home, "export", "four-of-them").returncode == 2


def test_a_name_that_looks_like_a_formula_is_a_text_in_the_workbook(finished: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(finished, tmp_path / "copy")
    renamed = read_design(folder).model_copy(update={"name": '=HYPERLINK("http://x.example")'})
    (folder / "design.toml").write_text(to_toml(renamed), encoding="utf-8")
    with zipfile.ZipFile(exports.to_xlsx(folder, tmp_path)[0]) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    assert len(sheets) == 4
    assert not any("<f>" in sheet for sheet in sheets)


def test_ctrl_c_keeps_what_is_finished_and_the_folder_goes_on(home: Path, world: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "design.toml", tmp_path / "out"
    file.write_text(to_toml(design(DEMAND, samples=6)), encoding="utf-8")
    arguments = command("run", file, "--dataset", world, "--out", out, "--workers", "1")
    with subprocess.Popen(arguments, env=environment(home), stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith("1 of 6"):
                break
        below = psutil.Process(running.pid).children(recursive=True)
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    assert running.returncode == 130
    assert "stopping; members that are finished are kept" in rest
    assert f"go on with --resume --out {out}" in rest
    assert "Traceback" not in rest
    assert not psutil.wait_procs(below, timeout=20)[1]
    assert read_document(out)["status"] == "cancelled"
    assert 1 <= len(members_done(out)) < 6
    again = steeliq(home, "run", out, "--dataset", world, "--resume", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout.splitlines()[-1])["done"] == 6
