"""An ensemble as one file for other programs."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from steeliq.atomic import PARTIAL
from steeliq.ensemble import exports
from steeliq.errors import RunError
from steeliq.result_folder import LOCK
from steeliq.webui.ensembles.models import Ensemble
from steeliq.webui.runs.launch import short_name

ZIP: Final = "application/zip"


@dataclass(frozen=True, slots=True)
class Kind:
    """A form in which an ensemble can be taken away."""

    slug: str
    label: str
    told: str
    ending: str
    media: str
    write: Callable[[Path, Path], list[Path]] | None = None  # None: the folder as it is


KINDS: Final = (
    Kind("zip", "Everything", "The folder as it is: design, members, results, record.", ".zip", ZIP),
    Kind("csv", "CSV", "Members and outputs, with countries; two files.", "-csv.zip", ZIP, exports.to_csv),
    Kind("xlsx", "Excel", "Members, and outputs of the world by member and year.", ".xlsx",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", exports.to_xlsx),
    Kind("parquet", "Parquet", "Members and outputs, with countries; two files.", "-parquet.zip", ZIP,
         exports.to_parquet),
)  # fmt: skip


def file_name(ensemble: Ensemble, kind: Kind) -> str:
    """Name of the file."""
    return short_name(ensemble) + kind.ending


def content(ensemble: Ensemble, kind: Kind) -> bytes:
    """The file. Raises RunError."""
    if kind.write is None:
        files = [path for path in sorted(ensemble.path.rglob("*")) if _is_kept(path)]
        return _archive([(path, str(path.relative_to(ensemble.path))) for path in files])
    if not ensemble.done:
        raise RunError(f"{ensemble.name}: no member is finished yet; export it when one is")
    with tempfile.TemporaryDirectory(prefix="steeliq-export-") as folder:
        written = kind.write(ensemble.path, Path(folder))
        return written[0].read_bytes() if len(written) == 1 else _archive([(path, path.name) for path in written])


def _is_kept(path: Path) -> bool:
    return path.is_file() and path.name != LOCK and PARTIAL not in path.name


def _archive(files: list[tuple[Path, str]]) -> bytes:
    with tempfile.TemporaryFile() as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, name in files:
                archive.write(path, name)
        stream.seek(0)
        return stream.read()
