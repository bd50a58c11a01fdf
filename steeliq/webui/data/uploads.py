"""What becomes of an uploaded file: a new dataset, or the list of everything that is wrong with it.

Four kinds are taken and told apart by what is in them: a dataset as an Excel workbook, a dataset package as a zip
archive, the official workbook of the Global Iron and Steel Tracker, whose plants replace those of a base dataset, and
hours of sun and wind as Parquet or NetCDF, which replace the made-up ones of a base dataset.
"""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

from django.core.files.uploadedfile import UploadedFile
from python_calamine import CalamineError, load_workbook

from steeliq.errors import DatasetError, Problem
from steeliq.simulation.dataset import load
from steeliq.simulation.dataset.excel import ABOUT
from steeliq.simulation.dataset.files import DESCRIPTOR
from steeliq.simulation.dataset.findings import Findings
from steeliq.simulation.dataset.importer import CAPACITIES, PLANTS, TrackerImport, import_tracker
from steeliq.simulation.dataset.load import read_package
from steeliq.simulation.siting.hours import with_hours
from steeliq.webui.data import library
from steeliq.webui.data.archives import NotOpened, is_workbook, measured, measured_workbook
from steeliq.webui.data.library import Entry

_log = logging.getLogger(__name__)

LARGEST = 50_000_000  # bytes; the reference dataset has 1.5 MB
HOURLY = {b"PAR1": ".parquet", b"CDF\x01": ".nc", b"CDF\x02": ".nc", b"\x89HDF": ".nc"}
"""First bytes of files with hours, and the ending by which their reader knows them."""
LONGEST = 2_000  # characters of a description
LISTED = 2_000
"""Rows that are kept in an account of an import; the tracker has some 2,700 rows in all."""

UNREADABLE = (
    *(LookupError, ValueError, TypeError, AttributeError, RuntimeError, OSError, ArithmeticError, MemoryError),
    *(ET.ParseError, CalamineError),
)
"""What readers of other people raise on damaged files that are well-formed archives."""


class Refusal(DatasetError):
    """The file is not taken; ``problems`` says all that is wrong with it."""


def take(upload: UploadedFile[Any], title: str, base: Entry) -> Entry:
    """Make a dataset of the uploaded file; raises Refusal, and then nothing is stored.

    ``title``: '' takes the one in the file, else the file's name. ``base``: the world round an imported fleet.
    """
    name = PurePosixPath(str(upload.name or "file").replace("\\", "/")).name[:120]
    if not upload.size:
        raise _refusal(name, "the file is empty; choose another")
    if upload.size > LARGEST:
        raise _refusal(name, f"the file has {upload.size / 1e6:,.0f} MB, more than {LARGEST / 1e6:.0f} MB")
    with library.staging() as folder:
        # a name of our own: nothing of what the browser said becomes a path
        file = folder / "upload.xlsx"
        with file.open("wb") as out:
            for chunk in upload.chunks():
                out.write(chunk)
        with _refusing(name):
            return _taken(file, name, title.strip()[:120], base)


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Every way in which reading may fail as a Refusal that names the file as the person knows it."""
    try:
        yield
    except Refusal:
        raise
    except DatasetError as error:
        raise Refusal(name, error.problems) from error
    except NotOpened as error:
        raise _refusal(name, str(error)) from error
    except zipfile.BadZipFile as error:
        rule = "the file is no Excel workbook (.xlsx) and no zip archive, or it is damaged; save or pack it again"
        raise _refusal(name, rule) from error
    except UNREADABLE as error:
        _log.warning("the upload %s cannot be read", name, exc_info=True)  # it may be our own mistake
        told = f"{type(error).__name__}: {error}"[:200]
        raise _refusal(name, f"the file cannot be read ({told}); save it again with another program") from error


def _refusal(name: str, rule: str) -> Refusal:
    return Refusal(name, [Problem(name, 0, "", "", rule)])


def _taken(file: Path, name: str, title: str, base: Entry) -> Entry:
    with file.open("rb") as opened:
        ending = HOURLY.get(opened.read(4))
    if ending:
        return _hours(file.rename(file.with_suffix(ending)), name, title, base)
    with zipfile.ZipFile(file) as archive:
        measured(archive)
        if is_workbook(archive):
            measured_workbook(archive)
            sheets = _sheet_names(archive)
            if {PLANTS, CAPACITIES} & sheets:
                return _tracker(file, name, title, base)
            return _dataset(file, name, title)
        stage = file.parent / "package"
        _unpack(archive, stage)
    return _dataset(stage, name, title)


def _sheet_names(archive: zipfile.ZipFile) -> set[str]:
    root = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  # expat refuses entity bombs since 2.4.1
    return {element.get("name", "") for element in root.iter() if element.tag.endswith("}sheet")}


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    """Write the package's files to ``folder``: those beside its description, without folders of their own."""
    descriptors = [PurePosixPath(name) for name in archive.namelist() if PurePosixPath(name).name == DESCRIPTOR]
    if len(descriptors) != 1:
        found = f"{len(descriptors)} of them" if descriptors else "none"
        raise NotOpened(f"a zip archive must hold one {DESCRIPTOR} beside its CSV files; found {found}")
    root = descriptors[0].parent
    folder.mkdir()
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if path.parent == root and not member.is_dir():
            (folder / path.name).write_bytes(archive.read(member))


def _dataset(path: Path, name: str, title: str) -> Entry:
    """A dataset in a workbook or a folder: checked, then kept in the canonical form."""
    dataset = load(path)
    package = read_package(path, Findings())
    told = package.title if package.title not in {path.stem, ""} else PurePosixPath(name).stem
    return library.store(
        dataset.tables,
        title=title or told[:120],
        description=_description(path) or f"Uploaded from {name}.",
        version=(dataset.version or "1")[:40],
    )


def _description(path: Path) -> str:
    """What the dataset says about itself, in its description or on the workbook's first sheet; '' if nothing."""
    if path.is_dir():
        document = json.loads((path / DESCRIPTOR).read_bytes())
        return str(document.get("description") or "")[:LONGEST]
    book = load_workbook(path)
    rows = book.get_sheet_by_name(ABOUT).to_python() if ABOUT in book.sheet_names else []
    return next((str(row[1])[:LONGEST] for row in rows if len(row) > 1 and row[0] == "description"), "")


def _tracker(file: Path, name: str, title: str, base: Entry) -> Entry:
    world = library.opened(base)
    made = import_tracker(file, world, name)
    return library.store(
        made.tables,
        title=title or f"{base.title} with plants of {PurePosixPath(name).stem}"[:120],
        description=f"{base.title} with the plants, furnace groups and hot links of {name}.",
        version=world.version or "1",
        report=_account(made, name, base, world.hash),
    )


def _hours(file: Path, name: str, title: str, base: Entry) -> Entry:
    world = library.opened(base)
    try:
        tables = with_hours(world.tables, file, name=name)
    except DatasetError as error:
        told = [replace(one, table=name) if one.table == file.name else one for one in error.problems]
        raise Refusal(name, told) from error
    return library.store(
        tables,
        title=title or f"{base.title} with hours of {PurePosixPath(name).stem}"[:120],
        description=f"{base.title} with the hours of sun and wind of {name}.",
        version=world.version or "1",
    )


def _account(made: TrackerImport, name: str, base: Entry, base_hash: str) -> dict[str, object]:
    """The import's account as it is kept: plain values only."""
    return {
        "file": name,
        "base": base.title,
        "base_hash": base_hash,
        "listed": made.listed,
        "plants": int((~made.tables["plants"]["synthetic"].astype(bool)).sum()),
        "furnace_groups": int(made.taken["furnace_groups"].sum()),
        "taken": made.taken.to_dict("records"),
        "assumed": [asdict(one) for one in made.assumed],
        "refused": [asdict(one) for one in made.refused[:LISTED]],
        "refused_count": len(made.refused),
    }
