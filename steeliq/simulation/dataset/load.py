"""Gives the dataset that a path names, checked: a folder, its ``datapackage.json``, or an Excel workbook."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from steeliq.errors import DatasetError
from steeliq.simulation.dataset.cache import cache_key, read_cache, write_cache
from steeliq.simulation.dataset.dataset import Dataset
from steeliq.simulation.dataset.files import DESCRIPTOR, Package, read_folder
from steeliq.simulation.dataset.findings import Findings


def load(folder: Path | None = None) -> Dataset:
    """Read, convert to canonical units and check the dataset at ``folder`` (None: the reference dataset).

    Raises :class:`~steeliq.errors.DatasetError`, which lists every problem with table, row, column, value and rule.
    """
    path = reference_folder() if folder is None else Path(folder)
    findings = Findings()
    package = read_package(path, findings)
    key = cache_key(package.contents)
    if not findings.problems():
        kept = read_cache(key, path)
        if kept is not None:
            return kept
    dataset = _check(package, findings)
    write_cache(key, dataset)
    return dataset


def reference_folder() -> Path:
    """Where the dataset that ships with the package lies."""
    return Path(str(files("steeliq") / "reference" / "dataset"))


def read_package(path: Path, findings: Findings) -> Package:
    """The files behind ``path``, unread but for their description."""
    if path.suffix.lower() == ".xlsx":
        from steeliq.simulation.dataset.excel import read_workbook

        return read_workbook(path, findings)
    return read_folder(path.parent if path.name == DESCRIPTOR else path, findings)


def _check(package: Package, findings: Findings) -> Dataset:
    from steeliq.simulation.dataset.canonical import canonical, content_hash, csv_text
    from steeliq.simulation.dataset.schema import schema
    from steeliq.simulation.dataset.validate import checked

    frames = {}
    if package.units:
        frames = checked(package.tables(findings), findings, unread=set(package.units))
    problems = findings.problems()
    if problems:
        raise DatasetError(str(package.path), problems)
    tables = {name: canonical(frames[name], table) for name, table in schema().items()}
    texts = {name: csv_text(tables[name], table) for name, table in schema().items()}
    return Dataset(
        tables=MappingProxyType(tables),
        hash=content_hash(texts),
        name=package.name,
        title=package.title,
        version=package.version,
        path=package.path,
    )
