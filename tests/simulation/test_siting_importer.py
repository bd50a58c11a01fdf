"""Real profiles from Parquet and NetCDF: what was written is read, wrong files are refused, and runs use the hours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.io import netcdf_file
from typer.testing import CliRunner

from steeliq.cli import app
from steeliq.errors import DatasetError
from steeliq.simulation.dataset import load
from steeliq.simulation.inputs import compile_inputs
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.siting.hours import hours_of, with_hours
from steeliq.simulation.siting.importer import read_profiles
from steeliq.simulation.siting.profiles import HOURS
from tests.strategies import tiny
from tests.worlds import write_tiny


def rows(*names: str) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "site": np.repeat(names, HOURS),
            "hour": np.tile(np.arange(HOURS), len(names)),
            "solar": draw.uniform(0, 1, HOURS * len(names)),
            "wind": draw.uniform(0, 1, HOURS * len(names)),
        }
    )


def written(folder: Path, frame: pd.DataFrame, group: int = 1_000_000) -> Path:
    path = folder / "profiles.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, row_group_size=group)
    return path


@pytest.mark.parametrize("group", [1000, 1_000_000])
def test_what_was_written_is_read_batch_by_batch(tmp_path: Path, group: int) -> None:
    frame = rows("c", "a", "b")
    batches = list(read_profiles(written(tmp_path, frame, group), batch=2))
    assert [batch.names for batch in batches] == [("c", "a"), ("b",)]
    for column in ("solar", "wind"):
        read = np.concatenate([getattr(batch, column) for batch in batches], axis=1)
        assert read == pytest.approx(frame[column].to_numpy().reshape(3, HOURS).T, abs=1e-7)


def test_whole_numbers_of_any_width_and_double_precision_are_taken(tmp_path: Path) -> None:
    frame = rows("a").astype({"hour": "int16", "solar": "float32"})
    assert len(list(read_profiles(written(tmp_path, frame)))) == 1


def as_netcdf(path: Path, frame: pd.DataFrame, *, swapped: bool = False) -> Path:
    """The same hours as xarray would write them in the classic format."""
    names = frame["site"].unique().tolist()
    with netcdf_file(path, "w", version=2) as file:
        for name, size in (("site", len(names)), ("hour", HOURS), ("string8", 8)):
            file.createDimension(name, size)
        file.createVariable("site", "c", ("site", "string8"))[:] = np.array(names, dtype="S8").view("S1").reshape(-1, 8)
        file.createVariable("hour", "i4", ("hour",))[:] = np.arange(HOURS)
        for part in ("solar", "wind"):
            values = frame[part].to_numpy().reshape(len(names), HOURS)
            order = ("hour", "site") if swapped else ("site", "hour")
            file.createVariable(part, "f8", order)[:] = values.T if swapped else values
    return path


@pytest.mark.parametrize("swapped", [False, True])
def test_netcdf_says_what_parquet_says(tmp_path: Path, swapped: bool) -> None:
    frame = rows("north", "s")
    (one,) = read_profiles(written(tmp_path, frame))
    (other,) = read_profiles(as_netcdf(tmp_path / "profiles.nc", frame, swapped=swapped))
    assert one.names == other.names == ("north", "s")
    assert np.array_equal(one.solar, other.solar)
    assert np.array_equal(one.wind, other.wind)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "NETCDF3_64BIT"),  # NetCDF-4
        (b"CDF\x02" + b"\xff" * 8, "no readable NetCDF file"),
        (b"CDF\x01" + b"\0" * 28, "site, solar, wind"),  # no variables
    ],
)
def test_a_netcdf_file_that_is_none_of_ours_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "profiles.nc"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=told):
        list(read_profiles(path))


def test_a_missing_hour_of_a_netcdf_file_is_named(tmp_path: Path) -> None:
    frame = _cell(HOURS + 30, "wind", float("nan"))(rows("a", "b"))
    with pytest.raises(DatasetError, match=r"row 30.*column wind.*site b"):
        list(read_profiles(as_netcdf(tmp_path / "profiles.nc", frame)))


def _cell(row: int, column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        out = frame.copy()
        out[column] = out[column].where(out.index != row, value)
        return out

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_cell(9000, "solar", 1.2), ["row 9002", "column solar", "1.2", "site b"]),
        (_cell(5, "wind", float("nan")), ["row 7", "column wind", "nan", "site a"]),
        (_cell(7, "wind", -0.1), ["row 9", "-0.1"]),
        (_cell(3, "hour", 4), ["row 5", "column hour", "'4'", "hour 3"]),
        (lambda frame: frame.drop(index=100), ["8759 hours of a", "29 February"]),
        (lambda frame: frame.drop(columns="wind"), ["column wind", "site, hour, solar", "missing"]),
        (lambda frame: frame.assign(hour="noon"), ["wrong type"]),
        (lambda frame: frame.head(0), ["no rows"]),
        (lambda frame: pd.concat([frame, frame.head(HOURS)]), ["row 17522", "'a'", "sort the file"]),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame], told: list[str]
) -> None:
    with pytest.raises(DatasetError) as refused:
        list(read_profiles(written(tmp_path, change(rows("a", "b")))))
    for words in told:
        assert words in str(refused.value)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "profiles.parquet"
    path.write_text("site,hour\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="no readable Parquet file"):
        list(read_profiles(path))


def test_real_hours_change_the_power_of_their_site_alone(tmp_path: Path) -> None:
    world = tiny(period={"start": 2025, "end": 2026}, siting={"enabled": True})
    flat = rows("IND-hills").assign(solar=0.2, wind=0.5)  # a wind that never rests: 2 MW of it serve all
    made, real = (compile_inputs(world.dataset, world.scenario, path).sites for path in (None, written(tmp_path, flat)))
    assert made is not None
    assert real is not None
    other = np.array(made.names) != "IND-hills"
    assert (made.lcoe[:, other] == real.lcoe[:, other]).all()
    assert (real.lcoe[:, ~other] < 0.7 * made.lcoe[:, ~other]).all()
    solar, wind, battery = real.design[0, int(np.flatnonzero(~other)[0])]
    assert 0.2 * solar + 0.5 * wind == pytest.approx(0.85, rel=2e-3)
    assert battery == pytest.approx(0.0, abs=0.05)


def test_hours_in_the_dataset_are_those_of_its_runs_and_of_its_hash(tmp_path: Path) -> None:
    """As above, but nothing is handed to the run: a wind that never rests makes the site's power cheap."""
    base = load(write_tiny(tmp_path / "tiny"))
    file = written(tmp_path, rows("IND-hills").assign(solar=0.2, wind=0.5))
    made = load(write_tiny(tmp_path / "windy", with_hours(base.tables, file, "a wind machine")))
    assert made.hash != base.hash
    assert made["sources"].set_index("source").loc["own-hours", "title"] == "a wind machine"
    (kept,) = hours_of(made["site_hours"])
    assert kept.names == ("IND-hills",)
    scenario = Scenario(siting={"enabled": True}, period={"start": 2025, "end": 2026})
    before, after, given = (
        compile_inputs(facts, scenario, hours).sites for facts, hours in ((base, None), (made, None), (base, file))
    )
    assert before is not None
    assert after is not None
    assert given is not None
    moved = (after.lcoe != before.lcoe).any(axis=0)
    assert [name for name, one in zip(before.names, moved, strict=True) if one] == ["IND-hills"]
    assert np.allclose(after.lcoe, given.lcoe, rtol=1e-5)


def test_half_a_year_of_hours_is_refused(tmp_path: Path) -> None:
    base = load(write_tiny(tmp_path / "tiny"))
    tables = with_hours(base.tables, written(tmp_path, rows("IND-hills")))
    hours = tables["site_hours"]
    wrong = pd.concat([hours[(hours["part"] == "solar") & (hours["day"] > 1)]], ignore_index=True)
    with pytest.raises(DatasetError) as refused:
        load(write_tiny(tmp_path / "half", tables | {"site_hours": wrong}))
    assert "365 days of solar and 365 of wind" in str(refused.value)
    assert "one of solar and wind only" in str(refused.value)


def test_the_command_makes_a_dataset_with_the_hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELIQ_HOME", str(tmp_path / "home"))
    folder = write_tiny(tmp_path / "tiny")
    file = as_netcdf(tmp_path / "profiles.nc", rows("DEU-shor").replace("DEU-shor", "IND-hill"))
    given = ["data", "hours", str(file), "--name", "Windy", "--dataset", str(folder)]
    refused = CliRunner().invoke(app, given)
    assert isinstance(refused.exception, DatasetError)
    assert not (tmp_path / "home" / "datasets" / "windy").exists()
    file = written(tmp_path, rows("DEU-shore", "IND-hills"))
    shown = CliRunner().invoke(app, [*given[:2], str(file), *given[3:]])
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.splitlines()[0] == "2 sites with real hours"
    assert len(load(tmp_path / "home" / "datasets" / "windy")["site_hours"]) == 2 * 2 * 365


def test_hours_of_a_site_that_the_dataset_lacks_are_refused(tmp_path: Path) -> None:
    world = tiny(siting={"enabled": True})
    with pytest.raises(DatasetError, match=r"'elsewhere'.*no such site"):
        compile_inputs(world.dataset, world.scenario, written(tmp_path, rows("elsewhere")))


def test_the_command_lists_all_sites_and_years(tmp_path: Path) -> None:
    folder, out = write_tiny(tmp_path / "tiny"), tmp_path / "sites.csv"
    given = ["sites", "--dataset", str(folder), "--set", "period.end=2027"]
    shown = CliRunner().invoke(app, given)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[1].split()[:2] == ["BRA-coast", "2025"]  # the best wind
    assert CliRunner().invoke(app, [*given, "--out", str(out)]).exit_code == 0
    table = pd.read_csv(out)
    assert len(table) == 5 * 3
    assert (table["power_usd_per_mwh"] <= table["grid_usd_per_mwh"]).all()
    assert not table.isna().any().any()
