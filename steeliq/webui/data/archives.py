"""Whether an uploaded archive may be opened at all: its size, its names, and what its sheets would unfold to.

A zip file of a few kilobytes can unfold to terabytes, and a workbook with one cell at the far corner to a table of
17 billion cells. Everything here streams and counts; nothing is unpacked before it was measured.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO
from xml.etree import ElementTree as ET

MEMBERS = 1_000
UNPACKED = 150_000_000  # bytes; the reference dataset as a workbook has 12 MB
CELLS = 4_000_000  # of one sheet with all empty cells up to the last; the largest table has 0.1 million
TEXT = 200_000_000  # characters of all cells together
CHUNK = 1 << 20
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_OTHER_FORMATS = frozenset({"xl/workbook.bin", "content.xml", "Index/Document.iwa"})


class NotOpened(ValueError):
    """The archive is not opened; the text says why and what to do."""


def measured(archive: zipfile.ZipFile) -> None:
    """Raise NotOpened for an archive that is too large, encrypted, damaged, or names files outside itself."""
    members = archive.infolist()
    if len(members) > MEMBERS:
        raise NotOpened(
            f"the archive holds {len(members):,} files, more than {MEMBERS:,}; give the dataset's files only"
        )
    names = [member.filename for member in members]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise NotOpened(f"the archive holds the file {twice[0]} twice; pack it again")
    for member in members:
        _check_member(member)
    declared = sum(member.file_size for member in members)
    if declared > UNPACKED:
        raise NotOpened(f"the archive would unfold to {declared / 1e6:,.0f} MB, more than {UNPACKED / 1e6:,.0f} MB")
    for member in members:
        _read_through(archive, member)


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    path = PurePosixPath(name)
    if "\\" in name or "\0" in name or ":" in name or path.is_absolute() or ".." in path.parts:
        raise NotOpened(f"the archive names a file outside itself ({name[:80]}); pack the dataset's folder again")
    if (member.external_attr >> 16) & 0o170000 == 0o120000:
        raise NotOpened(f"the archive holds a link ({name[:80]}); pack files only")
    if member.flag_bits & 0x1:
        raise NotOpened("the archive is encrypted; save it without a password")


def _read_through(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unfold a member without keeping it: its real size and its check sum must be those that it declares."""
    try:
        with archive.open(member) as stream:
            while stream.read(CHUNK):
                pass
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise NotOpened(f"the archive is damaged at {member.filename[:80]} ({error}); save it again") from error


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """True if the archive is an Excel workbook (.xlsx)."""
    return "xl/workbook.xml" in archive.namelist()


def measured_workbook(archive: zipfile.ZipFile) -> None:
    """Raise NotOpened for a workbook whose sheets would unfold to more than they are worth, or are no XML."""
    names = archive.namelist()
    other = sorted(_OTHER_FORMATS & set(names))
    if other:
        raise NotOpened(f"the workbook holds parts of another format ({other[0]}); save it as .xlsx again")
    try:
        lengths = _shared_texts(archive, names)
        text = 0
        for name in _sheet_parts(archive, names):
            with archive.open(name) as stream:
                area = _measure_sheet(stream, lengths)
            text += area.text
            if area.cells > CELLS:
                told = f"{area.rows:,} rows x {area.columns:,} columns"
                raise NotOpened(f"the sheet in {name} reaches over {told}; delete what lies beyond the table")
            if text > TEXT:
                raise NotOpened("the workbook holds more text than a dataset needs; remove what is no table")
    except (ET.ParseError, LookupError, ValueError) as error:
        if isinstance(error, NotOpened):
            raise
        raise NotOpened(f"the workbook is damaged ({error}); save it as .xlsx again") from error


@dataclass(slots=True)
class _Area:
    """How far a sheet reaches and how much text its cells hold."""

    rows: int = 0
    columns: int = 0
    text: int = 0

    @property
    def cells(self) -> int:
        return self.rows * self.columns


def _sheet_parts(archive: zipfile.ZipFile, names: list[str]) -> list[str]:
    """Every part that a reader may take for a sheet: all XML of the workbook and whatever it refers to."""
    relations = "xl/_rels/workbook.xml.rels"
    targets: set[str] = set()
    if relations in names:
        for element in ET.fromstring(archive.read(relations)):  # noqa: S314  # expat refuses entity bombs since 2.4.1
            targets.add(posixpath.normpath(posixpath.join("/xl", element.get("Target", ""))).lstrip("/").lower())
    return [
        name
        for name in names
        if (name.lower().startswith("xl/") and name.lower().endswith(".xml") and not _is_shared(name))
        or (name.lower() in targets and not _is_shared(name))
    ]


def _is_shared(name: str) -> bool:
    return posixpath.basename(name).lower() == "sharedstrings.xml"


def _shared_texts(archive: zipfile.ZipFile, names: list[str]) -> list[int]:
    """Length of each text that cells share."""
    found = [name for name in names if _is_shared(name)]
    lengths: list[int] = []
    for name in found:
        with archive.open(name) as stream:
            length = 0
            for element in _ended(stream):
                if element.tag.endswith("}t"):
                    length += len(element.text or "")
                elif element.tag.endswith("}si"):
                    lengths.append(length)
                    length = 0
    return lengths


def _ended(stream: IO[bytes]) -> Iterator[ET.Element]:
    """Every element when it ends; shared texts are forgotten at once."""
    for _, element in ET.iterparse(stream):  # noqa: S314  # as above
        yield element
        if element.tag.endswith("}si"):
            element.clear()


def _measure_sheet(stream: IO[bytes], lengths: list[int]) -> _Area:
    """Row and column of the farthest cell; cells without a place stand behind the one before."""
    area = _Area()
    row = column = 0
    for event, element in ET.iterparse(stream, events=("start", "end")):  # noqa: S314  # as above
        tag = element.tag.rpartition("}")[2]
        if event == "start" and tag == "row":
            told = element.get("r", "")
            row, column = (int(told) if told.isascii() and told.isdigit() else row + 1), 0
        elif event == "start" and tag == "c":
            place = _PLACE.fullmatch(element.get("r", ""))
            column = _column_number(place[1]) if place else column + 1
            area.rows = max(area.rows, int(place[2]) if place else row)
            area.columns = max(area.columns, column)
        elif event == "end" and tag == "c":
            area.text += _text_of(element, lengths)
        elif event == "end" and tag == "row":
            element.clear()
    return area


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _text_of(cell: ET.Element, lengths: list[int]) -> int:
    text = sum(len(part.text or "") for part in cell.iter())
    if cell.get("t") == "s" and text < 12:
        value = next((part.text or "" for part in cell if part.tag.endswith("}v")), "")
        if value.isascii() and value.isdigit() and int(value) < len(lengths):
            return lengths[int(value)]
    return text
