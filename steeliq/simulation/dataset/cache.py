"""Remembers checked datasets, so that the same files are read and checked only once.

An entry is one file, named by the SHA-256 of everything that decides the outcome: the bytes of the dataset's
files, the schema and the code that checks. It begins with the SHA-256 of the rest; an entry that does not fit
its own sum is ignored and written again. Nothing is lost if the folder is deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa

from steeliq import __version__
from steeliq.simulation.dataset.dataset import Dataset
from steeliq.simulation.dataset.schema import schema, schema_text

_KEPT = 16
_CHECKING_CODE = ("steeliq.simulation.dataset", "steeliq.simulation.technology")


def cache_folder() -> Path:
    """Where checked datasets are kept: under ``STEELIQ_HOME`` if set, else in the user's cache folder."""
    home = os.environ.get("STEELIQ_HOME")
    if home:
        return Path(home) / "cache" / "datasets"
    from platformdirs import user_cache_path

    return user_cache_path("steeliq", appauthor=False) / "datasets"


def cache_key(contents: Mapping[str, bytes]) -> str:
    """Key [hex] of a dataset's files, this schema and this code."""
    digest = hashlib.sha256(f"{__version__}\n{pd.__version__}\n{pa.__version__}\n".encode())
    parts = {"columns.csv": schema_text().encode(), **_code(), **contents}
    for name, content in sorted(parts.items()):
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def read_cache(key: str, path: Path) -> Dataset | None:
    """The dataset kept under ``key``, or None if there is none or it is damaged."""
    try:
        content = (cache_folder() / f"{key}.arrow").read_bytes()
    except OSError:
        return None
    return unpacked(content, path)


def unpacked(content: bytes, path: Path) -> Dataset | None:
    """The dataset that was packed into ``content``, or None if that is damaged; ``path`` is where it came from."""
    total, _, body = content.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != total:
        return None
    source = pa.BufferReader(body)
    about = json.loads(source.read(int.from_bytes(source.read(4), "little")))
    tables = {}
    for name in schema():
        with pa.ipc.open_stream(source) as stream:
            tables[name] = stream.read_pandas()
    return Dataset(tables=MappingProxyType(tables), path=path, **about)


def write_cache(key: str, dataset: Dataset) -> None:
    """Keep ``dataset`` under ``key``; a folder that cannot be written is no error."""
    try:
        _write(cache_folder() / f"{key}.arrow", packed(dataset))
        _forget_old(cache_folder())
    except OSError:
        return


def packed(dataset: Dataset) -> bytes:
    """All of a dataset in one piece that begins with the SHA-256 of the rest."""
    about = {"hash": dataset.hash, "name": dataset.name, "title": dataset.title, "version": dataset.version}
    text = json.dumps(about).encode()
    body = pa.BufferOutputStream()
    body.write(len(text).to_bytes(4, "little") + text)
    for name in schema():
        table = pa.Table.from_pandas(dataset.tables[name], preserve_index=False)
        with pa.ipc.new_stream(body, table.schema) as stream:
            stream.write_table(table)
    content: bytes = body.getvalue().to_pybytes()
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def _write(file: Path, content: bytes) -> None:
    """All or nothing: another process sees the old file or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".new-", delete=False) as new:
        new.write(content)
    try:
        Path(new.name).replace(file)
    except OSError:
        Path(new.name).unlink(missing_ok=True)
        raise


def _forget_old(folder: Path) -> None:
    entries = sorted(folder.glob("*.arrow"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in entries[_KEPT:]:
        file.unlink(missing_ok=True)


def _code() -> dict[str, bytes]:
    """The modules that read and check, by name: a changed check must see the dataset again."""
    return {
        f"{package}/{file.name}": file.read_bytes()
        for package in _CHECKING_CODE
        for file in files(package).iterdir()
        if file.name.endswith(".py")
    }
