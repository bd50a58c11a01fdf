"""The state between two years as one file, so that a run killed at any moment goes on where it was.

``<run folder>/checkpoint/<year>.npz`` holds the state at the start of ``<year>``: plain arrays without pickle, the
hashes of what the run was made from, and the SHA-256 of it all. The last two are kept: should the newest be damaged,
the one before it repeats a year.
"""

from __future__ import annotations

import hashlib
import io
import types
import typing
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from steeliq.atomic import write_atomically
from steeliq.simulation.state import State

type Arrays = dict[str, np.ndarray[Any, Any]]

KEPT: Final = 2
_SUM: Final = "sha256"
_ABSENT: Final = "absent"
_DAMAGE: Final = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error)


def checkpoint_path(run_dir: Path, year: int) -> Path:
    """The file of the state at the start of a year."""
    return run_dir / "checkpoint" / f"{year}.npz"


def save(run_dir: Path, state: State, identity: Mapping[str, str]) -> None:
    """Write the state, complete or not at all, then forget all but the last two."""
    arrays = {f"identity.{name}": np.array(value) for name, value in identity.items()} | flat(state, "state")
    arrays[_SUM] = np.array(_sum(arrays))
    # a mapping unpacked as keywords is how numpy takes names
    write_atomically(checkpoint_path(run_dir, state.year), lambda stream: np.savez(stream, **typing.cast(Any, arrays)))
    for year in years(run_dir)[:-KEPT]:
        checkpoint_path(run_dir, year).unlink()


def load(run_dir: Path, identity: Mapping[str, str]) -> tuple[State | None, list[str]]:
    """The newest sound state of this identity (None if there is none), and a note about each one that is not sound."""
    notes: list[str] = []
    for year in reversed(years(run_dir)):
        path = checkpoint_path(run_dir, year)
        try:
            return _read(path, identity), notes
        except _DAMAGE as error:
            notes.append(f"checkpoint {path.name} is damaged ({error}); going on from the one before it")
    return None, notes


def years(run_dir: Path) -> list[int]:
    """Years of the checkpoints on disk, ascending."""
    return sorted(int(path.stem) for path in (run_dir / "checkpoint").glob("*.npz") if path.stem.isdigit())


def flat(value: Any, name: str) -> Arrays:
    """A dataclass of arrays, numbers and such dataclasses as named plain arrays; texts get a fixed width."""
    if is_dataclass(value):
        parts = [flat(getattr(value, field.name), f"{name}.{field.name}") for field in fields(value)]
        return {key: array for part in parts for key, array in part.items()}
    if value is None:
        return {f"{name}.{_ABSENT}": np.array(True)}
    if isinstance(value, np.ndarray | int | float | str):
        array = np.asarray(value)
        return {name: array.astype(str) if array.dtype == object else array}
    raise TypeError(f"{name}: a {type(value).__name__} cannot be kept in a checkpoint; use arrays or numbers")


def restored(kind: Any, arrays: Mapping[str, np.ndarray[Any, Any]], name: str) -> Any:
    """The value that ``flat`` took apart; ``kind`` is its annotation. Raises KeyError if a part is missing."""
    if isinstance(kind, types.UnionType):
        if f"{name}.{_ABSENT}" in arrays:
            return None
        kind = next(part for part in kind.__args__ if part is not types.NoneType)
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(
            **{field.name: restored(hints[field.name], arrays, f"{name}.{field.name}") for field in fields(kind)}
        )  # type: ignore[operator]  # any dataclass
    array = arrays[name]
    if kind in (int, float, str):
        return kind(array)
    return array.astype(object) if array.dtype.kind == "U" else array


def _read(path: Path, identity: Mapping[str, str]) -> State:
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
        arrays: Arrays = {name: stored[name] for name in stored.files}
    total = str(arrays.pop(_SUM))
    if total != _sum(arrays):
        raise ValueError("its SHA-256 does not fit its content")
    for name, wanted in identity.items():
        if str(arrays[f"identity.{name}"]) != wanted:
            raise ValueError(f"it belongs to another {name}")
    state = restored(State, arrays, "state")
    if not isinstance(state, State):
        raise TypeError("it holds no state")
    return state


def _sum(arrays: Arrays) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name}|{array.dtype.str}|{array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
