"""Datasets that the tests of the data pages send: as a workbook, as a package, and as the tracker publishes plants."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from steeliq.simulation.dataset.excel import write_workbook
from tests.worlds import tiny_tables, write_tiny

WORKBOOK = "xl/workbook.xml"


def kept(folder: Path) -> set[str]:
    """Everything among own datasets but locks, and all that is half done: a refusal must leave it as it was."""
    staging = folder.parent / "staging"
    half = {path.name for path in staging.iterdir()} if staging.is_dir() else set[str]()
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")} | half


def send(client: Client, content: bytes, name: str = "world.xlsx", **data: str) -> Any:
    """The answer to an upload."""
    return client.post("/data/upload/", {"file": SimpleUploadedFile(name, content), **data})


def tiny_workbook(folder: Path) -> bytes:
    file = folder / "tiny.xlsx"
    write_workbook(file, tiny_tables(), name="tiny", title="Tiny world", description="For tests", version="1")
    return file.read_bytes()


def tiny_package(folder: Path, *, under: str = "") -> dict[str, bytes]:
    return {f"{under}{file.name}": file.read_bytes() for file in sorted(write_tiny(folder / "package").iterdir())}


def packed(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in members.items():
            archive.writestr(name, part)
    return content.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refused(client: Client, own: Path, content: bytes, name: str = "world.xlsx") -> str:
    """The page that says why an upload is refused; nothing of it may be kept."""
    before = kept(own)
    answer = send(client, content, name)
    assert answer.status_code == 422
    assert kept(own) == before
    text = answer.content.decode()
    assert "nothing was stored" in text
    assert "<td>" in text
    return str(text)


PLANTS: tuple[tuple[object, ...], ...] = (
    ("P1", "Duisburg works", "Germany", "51.5, 6.7", "Rhine Steel", "Rhine Group [100%]", 1970),
    ("P2", "Minas mill", "Brazil", "unknown", "", "", "unknown"),
    ("P3", "Far works", "Atlantis", "0, 0", "Poseidon", "", 1990),
    ("P4", "", "India", "22.8, 86.2", "=Evil()", "unknown", 2300),
    ("P1", "Again", "Germany", "51.5, 6.7", "Rhine Steel", "", 1970),
    ("", "No id", "Germany", "51.5, 6.7", "Rhine Steel", "", 1970),
)
CAPACITIES: tuple[tuple[object, ...], ...] = (
    ("P1", "operating", 1970, 3000, 3500, "", "", "", "", ""),
    ("P1", "announced", "", "", "", 2000, "", "", "", ""),
    ("P1", "retired", 1950, 500, "", "", "", "", "", ""),
    ("P2", "operating", "", "", "", 800, "", "", "", ""),
    ("P3", "operating", 1990, "", "", 900, "", "", "", ""),
    ("P4", "operating", "", "", "", "", "", 700, "", ">0"),
    ("P4", "construction", "", "", "", 90_000_000, "", "", "", ""),
    ("P9", "operating", 2000, "", "", 500, "", "", "", ""),
)


def tracker_workbook(
    path: Path, plants: tuple[tuple[object, ...], ...] = PLANTS, rows: tuple[tuple[object, ...], ...] = CAPACITIES
) -> bytes:
    """A workbook as the tracker publishes it, with one row of each kind of trouble."""
    from steeliq.simulation.dataset.gem import WORKBOOK_CAPACITIES, WORKBOOK_PLANTS

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        for name, heads, cells in (
            ("Plant data", WORKBOOK_PLANTS, plants),
            ("Plant capacities and status", WORKBOOK_CAPACITIES, rows),
        ):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(heads))
            for number, row in enumerate(cells, start=1):
                sheet.write_row(number, 0, list(row))
    return path.read_bytes()
