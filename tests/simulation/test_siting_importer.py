"""Real profiles from Parquet: what was written is read, whatever the file's groups, and wrong files are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from steeliq.cli import app
from steeliq.errors import DatasetError
from steeliq.simulation.inputs import compile_inputs
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
