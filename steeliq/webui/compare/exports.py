"""One run as files for other programs: what can be had, and the bytes of it.

Everything is made from the run folder when it is asked for; nothing is kept beside the run.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from steeliq.errors import RunError, SteeliqError
from steeliq.paths import plain_name
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.results.bundle import STAMP, SUFFIX, About, write_bundle
from steeliq.simulation.results.crate import to_crate
from steeliq.simulation.results.export import to_iamc, to_xlsx
from steeliq.simulation.results.fingerprint import short_hash
from steeliq.simulation.results.harmless import harmless_frame
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.readme import NAME, export_text
from steeliq.simulation.results.report import write_report
from steeliq.simulation.results.slides import to_pptx
from steeliq.simulation.results.tables import read_table, tables_in, years_done
from steeliq.webui.runs.models import Run

BOM: Final = "\ufeff"
"""Without it Excel takes UTF-8 for another encoding."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A form in which a run can be taken away."""

    slug: str
    label: str
    ending: str
    media: str
    description: str
    make: Callable[[Run, Path], bytes]
    more: tuple[Kind, ...] = ()
    """The same with something added, offered beside it."""


def file_name(run: Run, kind: Kind) -> str:
    """Name of the downloaded file: the run's name, the short hash of its inputs, the ending."""
    return f"{plain_name(run.name)}-{short_hash(read_run_json(run.path))}{kind.ending}"


def dataset_of(run: Run) -> tuple[Dataset | None, str]:
    """The dataset that the run was made from, or None and the reason why it is not at hand."""
    wanted = str(read_run_json(run.path)["dataset"]["hash"])
    try:
        found = load(Path(run.dataset) if run.dataset else None)
    except (SteeliqError, OSError) as error:
        return None, f"The run's dataset cannot be read any more: {str(error).splitlines()[0]}"
    if found.hash != wanted:
        return None, f"The dataset has changed since the run (then {wanted[:12]}, now {found.hash[:12]})."
    return found, ""


def _report(run: Run, folder: Path) -> bytes:
    return write_report(run.path, folder / "report.html").read_bytes()


def _workbook(run: Run, folder: Path) -> bytes:
    return to_xlsx(run.path, folder / "results.xlsx").read_bytes()


def _workbook_with_reasons(run: Run, folder: Path) -> bytes:
    return to_xlsx(run.path, folder / "results.xlsx", reasons=True).read_bytes()


def _slides(run: Run, folder: Path) -> bytes:
    return to_pptx(run.path, folder / "slides.pptx").read_bytes()


def _iamc(run: Run, folder: Path) -> bytes:
    path = to_iamc(run.path, folder / "iamc.csv")
    # Only the scenario's name can begin like a formula; the rest are the community's own words.
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return harmless_frame(frame).to_csv(index=False, lineterminator="\n").encode()


def _bundle(run: Run, folder: Path) -> bytes:
    dataset, _ = dataset_of(run)
    about = About(run.name, run.notes, run.tags)
    return write_bundle(run.path, folder / f"run{SUFFIX}", dataset=dataset, about=about).read_bytes()


def _crate(run: Run, folder: Path) -> bytes:
    dataset, _ = dataset_of(run)
    return to_crate(run.path, folder / "crate.zip", dataset=dataset).read_bytes()


def _csv(run: Run, folder: Path) -> bytes:
    del folder
    texts = ((f"{name}.csv", _csv_text(read_table(run.path, name))) for name in tables_in(run.path))
    return zipped([*texts, *_record(run)])


def _csv_text(frame: pd.DataFrame) -> bytes:
    return (BOM + harmless_frame(frame).to_csv(index=False, lineterminator="\n")).encode()


def _parquet(run: Run, folder: Path) -> bytes:
    """One file per table with all years, and the names and places beside them."""
    del folder
    held = tables_in(run.path)
    tables = ((f"tables/{name}.parquet", _parquet_bytes(read_table(run.path, name))) for name in held)
    labels = (
        (f"reference/{path.name}", path.read_bytes()) for path in sorted((run.path / "reference").glob("*.parquet"))
    )
    return zipped([*tables, *labels, *_record(run)])


def _parquet_bytes(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), stream, compression="zstd", store_schema=False)
    return stream.getvalue()


def _record(run: Run) -> list[tuple[str, bytes]]:
    record = [(name, (run.path / name).read_bytes()) for name in ("run.json", "scenario.toml")]
    return [(NAME, export_text(read_run_json(run.path)).encode()), *record]


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip whose bytes depend on its files alone."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, STAMP)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

KINDS: Final = (
    Kind("report", "Report", ".html", "text/html; charset=utf-8",
         "The main charts, the audit and where everything came from, as one page that works offline.", _report),
    Kind("slides", "Slides", ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
         "Key figures and eight charts that can be edited in the presentation.", _slides),
    Kind("excel", "Excel workbook", ".xlsx", XLSX,
         "The world by year, every table but the decisions' reasons as a sheet, sources; long tables by furnace group "
         "are summed up. Takes some ten seconds.", _workbook,
         (Kind("excel-reasons", "with every decision's reasons", "-reasons.xlsx", XLSX,
               "twice as large.", _workbook_with_reasons),)),
    Kind("csv", "CSV files", "-csv.zip", "application/zip",
         "Every result table, all years and rows, as text; a README says from which run and in which units.", _csv),
    Kind("parquet", "Parquet files", "-parquet.zip", "application/zip",
         "Every result table, all years and rows, with types; the fastest for pandas, R and DuckDB.", _parquet),
    Kind("iamc", "IAMC table", "-iamc.csv", "text/csv; charset=utf-8",
         "Model, scenario, region, variable, unit and years, as pyam and the scenario databases read it.", _iamc),
    Kind("crate", "Research object", "-crate.zip", "application/zip",
         "For a repository: tables, record and data in a zip that describes itself (Process Run Crate).", _crate),
    Kind("bundle", "Run bundle", SUFFIX, "application/zip",
         "The whole run in one file: scenario, dataset, results and provenance. steeliq takes it in again.", _bundle),
)  # fmt: skip
"""In the order of the page."""


def kind_of(slug: str) -> Kind | None:
    """The form of that name."""
    return next((kind for one in KINDS for kind in (one, *one.more) if kind.slug == slug), None)


def content(run: Run, kind: Kind) -> bytes:
    """The bytes of a run in a form; ``RunError`` if the run's files are missing or damaged."""
    if not years_done(run.path):
        raise RunError(f"{run.path}: result tables are missing or damaged, so there is nothing to export; run it again")
    with tempfile.TemporaryDirectory(prefix="steeliq-export-") as folder:
        return kind.make(run, Path(folder))
