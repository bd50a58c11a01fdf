"""The datasets of this machine: the reference dataset and the folders that a person has made.

Own datasets are folders `<data folder>/datasets/<key>/`. Whatever is to become one is first written elsewhere, loaded
with all checks, and only then moved into place: what is refused leaves nothing behind.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from steeliq.errors import DatasetError, Problem, SteeliqError
from steeliq.paths import address_name, data_folder
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.dataset.excel import write_workbook
from steeliq.simulation.dataset.files import DESCRIPTOR
from steeliq.simulation.dataset.load import reference_folder
from steeliq.simulation.dataset.package import write_package

REFERENCE = "reference"
REPORT = "import.json"
"""The account of an import, beside the tables."""
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
TAKEN_WORDS = frozenset({REFERENCE, "upload", "new"})
"""Keys that an own dataset cannot have: they are addresses of pages."""
LEFT_BEHIND = 86_400  # s after which nobody works in a staging folder any more
PATIENCE = 20  # s to wait for another change of the same dataset
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # a fixed date keeps the bytes the same


class NoSuchDataset(SteeliqError):
    """No dataset has this key."""


class NotPossible(SteeliqError):
    """What was asked cannot be done; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset by its description alone: nothing of it has been checked."""

    key: str
    path: Path
    title: str
    description: str
    version: str
    size: int  # bytes
    imported: bool  # an account of an import lies beside it

    @property
    def is_own(self) -> bool:
        """May be changed and deleted."""
        return self.key != REFERENCE

    @property
    def run_value(self) -> str:
        """What a run keeps to name this dataset: its folder, '' for the reference dataset."""
        return str(self.path) if self.is_own else ""


def datasets_folder() -> Path:
    """Where own datasets lie; it need not exist yet."""
    return data_folder() / "datasets"


def entries() -> list[Entry]:
    """The reference dataset, then own ones by title."""
    folder = datasets_folder()
    own = [path for path in folder.iterdir() if path.is_dir() and KEY.fullmatch(path.name)] if folder.is_dir() else []
    described = sorted((_entry(path.name, path) for path in own), key=lambda entry: (entry.title.casefold(), entry.key))
    return [_entry(REFERENCE, reference_folder()), *described]


def entry(key: str) -> Entry:
    """The dataset with this key; raises NoSuchDataset."""
    if key == REFERENCE:
        return _entry(REFERENCE, reference_folder())
    path = datasets_folder() / key
    if not KEY.fullmatch(key) or not path.is_dir():
        raise NoSuchDataset(f"there is no dataset named {key}")
    return _entry(key, path)


def available_datasets() -> list[tuple[str, str]]:
    """(value, label) of every dataset that a run can use; the value is what ``Run.dataset`` holds."""
    return [(one.run_value, one.title) for one in entries()]


def _entry(key: str, path: Path) -> Entry:
    about: Mapping[str, object] = {}
    try:
        document = json.loads((path / DESCRIPTOR).read_bytes())
        about = document if isinstance(document, dict) else {}
    except (OSError, ValueError):
        pass  # the checks say what is wrong; a list must not fail for one broken folder
    size = sum(file.stat().st_size for file in path.iterdir() if file.is_file())
    title, description, version = (str(about.get(name) or "") for name in ("title", "description", "version"))
    return Entry(key, path, title or key, description, version, size, (path / REPORT).is_file())


def opened(one: Entry) -> Dataset:
    """The dataset itself, checked; raises DatasetError. Kept in memory until a file of it changes."""
    return _opened(one.path, _signature(one.path))


def _signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    files = ((file.name, file.stat()) for file in sorted(folder.iterdir()) if file.is_file())
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in files)


@lru_cache(maxsize=4)
def _opened(folder: Path, signature: tuple[tuple[str, int, int], ...]) -> Dataset:
    del signature  # part of the key only
    return load(folder)


def problems_of(one: Entry) -> tuple[Problem, ...]:
    """What keeps the dataset from being used; () if nothing does."""
    try:
        opened(one)
    except DatasetError as error:
        return error.problems
    return ()


def free_key(wanted: str) -> str:
    """A key for a new dataset, from ``wanted``, numbered if it is taken."""
    plain = address_name(wanted)
    key, number = plain, 2
    while key in TAKEN_WORDS or (datasets_folder() / key).exists():
        key, number = f"{plain[:55]}-{number}", number + 1
    return key


def store(
    tables: Mapping[str, pd.DataFrame],
    *,
    title: str,
    description: str,
    version: str,
    report: Mapping[str, object] | None = None,
) -> Entry:
    """Make a new dataset of ``tables`` if all checks pass; raises DatasetError, and then nothing is left.

    ``report`` is kept beside the tables as the account of an import.
    """
    with staging() as stage:
        key = free_key(title)
        write_package(stage, tables, name=key, title=title, description=description, version=version)
        if report is not None:
            (stage / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
        load(stage)
        return _install(stage, key)


def _install(stage: Path, key: str) -> Entry:
    with _lock("install"):
        key = free_key(key)  # another request may have been faster
        stage.rename(datasets_folder() / key)
    return entry(key)


def duplicate(one: Entry, title: str) -> Entry:
    """A copy of its own under another title; raises DatasetError if the original cannot be read."""
    dataset = opened(one)
    report = json.loads((one.path / REPORT).read_text(encoding="utf-8")) if one.imported else None
    return store(
        dataset.tables, title=title, description=one.description, version=dataset.version or "1", report=report
    )


def replace_tables(one: Entry, changed: Mapping[str, pd.DataFrame]) -> Dataset:
    """Put ``changed`` in the place of tables of an own dataset if all checks pass; raises DatasetError if not.

    Files change one by one, each whole, the description last.
    """
    before = opened(one)
    with staging() as stage:
        tables = dict(before.tables) | dict(changed)
        about = {"title": one.title, "description": one.description, "version": one.version}
        write_package(stage, tables, name=one.key, **about)
        after = load(stage)
        if _csv_names(stage) != _csv_names(one.path):
            raise NotPossible("the files of this dataset were put together by hand; duplicate it and change the copy")
        for name in [f"{table}.csv" for table in changed] + [DESCRIPTOR]:
            (stage / name).replace(one.path / name)
    return after


def _csv_names(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("*.csv")}


def delete(one: Entry) -> None:
    """Remove an own dataset with its files."""
    if not one.is_own:
        raise NotPossible("the reference dataset cannot be deleted")
    with changing(one), staging() as stage:
        one.path.rename(stage / one.key)  # gone at once, even if removing takes a while


@contextmanager
def changing(one: Entry) -> Iterator[None]:
    """Only one change of a dataset at a time; raises NotPossible if the other takes too long."""
    with _lock(one.key):
        yield


@contextmanager
def _lock(name: str) -> Iterator[None]:
    folder = datasets_folder()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f".{name}.lock", timeout=PATIENCE):
            yield
    except Timeout as error:
        raise NotPossible("another change of this dataset is still going on; try again in a moment") from error


@contextmanager
def staging() -> Iterator[Path]:
    """A folder on the datasets' disk, but not among them, that is gone afterwards unless it was moved."""
    folder = data_folder() / "staging"
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    stage = Path(tempfile.mkdtemp(prefix="dataset-", dir=folder))
    stage.chmod(0o755)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what a killed process left behind a day ago or earlier."""
    for left in folder.iterdir():
        with suppress(FileNotFoundError):  # another request was faster
            if left.stat().st_mtime < time.time() - LEFT_BEHIND:
                shutil.rmtree(left, ignore_errors=True)


def workbook_bytes(one: Entry) -> bytes:
    """The dataset as an Excel workbook; raises DatasetError if it cannot be read."""
    dataset = opened(one)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dataset.xlsx"
        about = {"title": one.title, "description": one.description, "version": one.version}
        write_workbook(file, dataset.tables, name=one.key, **about)
        return file.read_bytes()


def package_bytes(one: Entry) -> bytes:
    """The dataset's files as a zip archive, always the same bytes for the same files; also if they hold problems."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(one.path.iterdir()):
            if file.is_file() and (file.suffix == ".csv" or file.name == DESCRIPTOR):
                archive.writestr(zipfile.ZipInfo(file.name, _ZIP_DATE), file.read_bytes(), zipfile.ZIP_DEFLATED)
    return content.getvalue()
