"""Real profiles from Parquet: what was written is read, whatever the file's groups, and wrong files are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from steeliq.errors import DatasetError
from steeliq.simulation.siting.importer import read_profiles
from steeliq.simulation.siting.profiles import HOURS


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
