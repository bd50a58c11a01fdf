"""Uploads that are refused: everything that is wrong is told, and nothing of them is kept."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from django.test import Client

from steeliq.simulation.dataset import load
from steeliq.webui.data import archives, uploads
from tests.web.datasets import (
    WORKBOOK,
    kept,
    members,
    packed,
    refused,
    send,
    tiny_package,
    tiny_workbook,
    tracker_workbook,
)


def test_files_that_are_nothing_are_refused(client: Client, own: Path, tmp_path: Path) -> None:
    for content, told in ((b"", "empty"), (b"no archive", "no Excel workbook"), (b"PK\x03\x04", "no Excel workbook")):
        assert told in refused(client, own, content)
    assert "datapackage.json" in refused(client, own, packed({"a.csv": b"a,b\n1,2\n"}), "a.zip")
    assert "found none" in refused(client, own, packed({}), "a.zip")
    assert "found 2 of them" in refused(client, own, packed({"datapackage.json": b"{}", "b/datapackage.json": b"{}"}))
    assert client.post("/data/upload/", {}).status_code == 302
    assert client.get("/data/upload/").status_code == 405


def test_hours_become_a_copy_of_the_dataset_with_them(client: Client, own: Path, tmp_path: Path) -> None:
    hours = pd.DataFrame({"site": "IND-hills", "hour": np.arange(8760), "solar": 0.25, "wind": 0.5})
    send(client, packed(tiny_package(tmp_path)), "tiny.zip", title="Tiny world")

    answer = send(client, hours.to_parquet(index=False), "record.parquet", base="tiny-world")

    assert answer.status_code == 302
    made = load(own / "tiny-world-with-hours-of-record")
    assert set(made["site_hours"]["site"]) == {"IND-hills"}
    assert made["site_hours"].groupby("part")["h12"].mean().to_dict() == {"solar": 0.25, "wind": 0.5}
    refusal = send(client, hours.head(100).to_parquet(index=False), "record.parquet", base="tiny-world")
    assert refusal.status_code == 422
    assert "<td>record.parquet</td>" in refusal.content.decode()
    assert "100 hours of IND-hills" in refusal.content.decode()
    assert "NETCDF3_64BIT" in refused(client, own, b"\x89HDF\r\n\x1a\n", "record.nc")


def test_names_of_uploads_are_text_only(client: Client, own: Path) -> None:
    text = refused(client, own, b"no archive", "<script>x.xlsx")

    assert "<script>x" not in text
    assert "&lt;script&gt;x.xlsx" in text


def test_a_wrong_cell_is_listed_with_row_and_column(client: Client, own: Path, tmp_path: Path) -> None:
    package = tiny_package(tmp_path)
    package["plants.csv"] = package["plants.csv"].replace(b"DEU", b"XXX", 1)

    text = refused(client, own, packed(package), "world.zip")

    assert "<td>plants</td>" in text
    assert "<code>XXX</code>" in text


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "a\\..\\evil.csv", "C:evil.csv", "x/../../evil.csv"])
def test_archives_that_reach_outside_are_refused(client: Client, own: Path, tmp_path: Path, name: str) -> None:
    text = refused(client, own, packed(tiny_package(tmp_path) | {name: b"x"}), "world.zip")

    assert "outside itself" in text
    assert not list(own.parent.rglob("evil.csv"))


def test_links_and_doubles_in_archives_are_refused(client: Client, own: Path, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        link = zipfile.ZipInfo("plants.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "holds a link" in refused(client, own, content.getvalue(), "world.zip")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("datapackage.json", "{}")
    assert "twice" in refused(client, own, content.getvalue(), "world.zip")


def test_bombs_are_refused_before_they_unfold(client: Client, own: Path, tmp_path: Path) -> None:
    zeros = b"\0" * (archives.UNPACKED + 1)
    bomb = packed({"datapackage.json": zeros})
    assert len(bomb) < 1_000_000
    assert "would unfold to" in refused(client, own, bomb, "world.zip")

    many = packed({f"{number}.csv": b"" for number in range(archives.MEMBERS + 1)})
    assert "files, more than" in refused(client, own, many, "world.zip")

    lying = bytearray(packed({"datapackage.json": b"\0" * 5_000_000}))
    place = lying.rindex(b"PK\x01\x02")
    lying[place + 24 : place + 28] = (100).to_bytes(4, "little")
    assert "damaged" in refused(client, own, bytes(lying), "world.zip")


def test_a_file_that_is_too_large_is_refused(client: Client, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1000)

    assert "more than" in refused(client, own, b"x" * 1001)


def test_a_sheet_with_a_far_cell_is_refused(client: Client, own: Path, tmp_path: Path) -> None:
    parts = members(tiny_workbook(tmp_path))
    sheet = "xl/worksheets/sheet3.xml"
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", far)

    assert "reaches over 1,048,576 rows" in refused(client, own, packed(parts))


def test_shared_texts_that_multiply_are_refused(
    client: Client, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "TEXT", 100_000)
    file = tmp_path / "long.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("plants")
        for row in range(50):
            sheet.write_string(row, 0, "x" * 30_000)

    assert "more text" in refused(client, own, file.read_bytes())


def _without(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        del parts[name]

    return change


def _swap(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name], f"{name} holds no {old!r}"
        parts[name] = parts[name].replace(old, new, 1)

    return change


PACKAGE_MUTATIONS: dict[str, Callable[[dict[str, bytes]], None]] = {
    "a file is missing": _without("plants.csv"),
    "the description is missing": _without("datapackage.json"),
    "the description is no JSON": _swap("datapackage.json", b"{", b"{{"),
    "the description is a list": lambda parts: parts.update({"datapackage.json": b"[]"}),
    "the description is a number": lambda parts: parts.update({"datapackage.json": b"1e999"}),
    "the description is not UTF-8": lambda parts: parts.update({"datapackage.json": b"\xff\xfe{"}),
    "resources is text": lambda parts: parts.update({"datapackage.json": b'{"resources": "x"}'}),
    "a resource is null": lambda parts: parts.update({"datapackage.json": b'{"resources": [null]}'}),
    "deep nesting": lambda parts: parts.update({"datapackage.json": b"[" * 200_000}),
    "a path leads outside": _swap("datapackage.json", b'"path": "plants.csv"', b'"path": "../../secret-key"'),
    "a path is a web address": _swap("datapackage.json", b'"path": "plants.csv"', b'"path": "https://a.example/b"'),
    "a path holds a zero byte": _swap("datapackage.json", b'"path": "plants.csv"', b'"path": "pl\\u0000ants.csv"'),
    "a unit is unknown": _swap("datapackage.json", b'"unit": "t/yr"', b'"unit": "furlong"'),
    "a unit measures something else": _swap("datapackage.json", b'"unit": "t/yr"', b'"unit": "km"'),
    "a unit is a trick": _swap("datapackage.json", b'"unit": "t/yr"', b'"unit": "__import__(\'os\')"'),
    "a table twice": _swap("datapackage.json", b'"name": "plants"', b'"name": "blocs"'),
    "a file that nobody names": lambda parts: parts.update({"more.csv": b"a\n1\n"}),
    "a column is missing": _swap("plants.csv", b",owner", b""),
    "a column is misspelt": _swap("plants.csv", b"owner", b"ovner"),
    "semicolons": lambda parts: parts.update({"plants.csv": parts["plants.csv"].replace(b",", b";")}),
    "UTF-16": lambda parts: parts.update({"plants.csv": parts["plants.csv"].decode().encode("utf-16")}),
    "zero bytes": _swap("plants.csv", b"DEU", b"D\0U"),
    "an open quote": _swap("plants.csv", b"DEU", b'"DEU'),
    "an empty table": lambda parts: parts.update({"plants.csv": b""}),
    "a header alone": lambda parts: parts.update({"plants.csv": parts["plants.csv"].split(b"\n")[0] + b"\n"}),
    "a formula": _swap("plants.csv", b"false", b'"=HYPERLINK(1)"'),
    "a number in words": _swap("furnace_groups.csv", b",operating", b"x,operating"),
    "an unknown status": _swap("furnace_groups.csv", b"operating", b"sleeping"),
    "a country that does not exist": _swap("countries.csv", b"DEU", b"XXX"),
}  # fmt: skip


@pytest.mark.parametrize("mutation", PACKAGE_MUTATIONS)
def test_mutated_packages_give_a_list_of_problems(client: Client, own: Path, tmp_path: Path, mutation: str) -> None:
    package = tiny_package(tmp_path)
    PACKAGE_MUTATIONS[mutation](package)

    refused(client, own, packed(package), "world.zip")


WORKBOOK_MUTATIONS: dict[str, Callable[[dict[str, bytes]], None]] = {
    "no sheets part": _without(WORKBOOK),
    "no relations": _without("xl/_rels/workbook.xml.rels"),
    "no sheet": _without("xl/worksheets/sheet4.xml"),
    "cut in the middle": lambda parts: parts.update(
        {"xl/worksheets/sheet4.xml": parts["xl/worksheets/sheet4.xml"][:400]}
    ),
    "no XML": lambda parts: parts.update({"xl/worksheets/sheet4.xml": b"\0\1\2"}),
    "an unknown encoding": _swap("xl/sharedStrings.xml", b"UTF-8", b"WTF-8"),
    "a sheet of another name": _swap(WORKBOOK, b'name="plants"', b'name="plantes"'),
    "an entity bomb": lambda parts: parts.update(
        {
            "xl/worksheets/sheet4.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "'
            + b"x" * 1000
            + b'">'
            + b"".join(b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10 if n else b"&b;" * 10) for n in range(9))
            + b"]><worksheet>&b8;</worksheet>"
        }
    ),
    "an index beyond the shared texts": _swap("xl/worksheets/sheet4.xml", b"<v>", b"<v>99999"),
    "a binary workbook inside": lambda parts: parts.update({"xl/workbook.bin": b"\0"}),
}


@pytest.mark.parametrize("mutation", WORKBOOK_MUTATIONS)
def test_mutated_workbooks_give_a_list_of_problems(client: Client, own: Path, tmp_path: Path, mutation: str) -> None:
    parts = members(tiny_workbook(tmp_path))
    WORKBOOK_MUTATIONS[mutation](parts)

    refused(client, own, packed(parts))


def scrambled(content: bytes, dice: random.Random) -> bytes:
    """A few bytes changed, lost or put in, in the archive or in one of its parts."""

    def hurt(part: bytes) -> bytes:
        data = bytearray(part)
        for _ in range(dice.randint(1, 8)):
            place = dice.randrange(len(data)) if data else 0
            match dice.randrange(3):
                case 0:
                    data[place : place + 1] = bytes([dice.choice(b'<>&"0169azAZ/= ,\n{}[]\0\xff')])
                case 1:
                    del data[place : place + dice.randint(1, 40)]
                case _:
                    data[place:place] = bytes(dice.choice(b'<>&"0169azAZ/= ,\n') for _ in range(dice.randint(1, 9)))
        return bytes(data)

    if dice.random() < 0.3:
        return hurt(content)
    parts = members(content)
    name = dice.choice(sorted(parts))
    return packed(parts | {name: hurt(parts[name])})


@pytest.mark.parametrize("seed", range(12))
def test_scrambled_files_are_taken_whole_or_refused_whole(client: Client, own: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    whole = [tiny_workbook(tmp_path), packed(tiny_package(tmp_path)), tracker_workbook(tmp_path / "tracker.xlsx")]
    for content in whole:
        before = kept(own)
        answer = send(client, scrambled(content, dice), title="Scrambled", base="tiny")
        after = kept(own)
        if answer.status_code == 302:
            assert len(after - before) == 1
            load(own / (after - before).pop())
        else:
            assert answer.status_code == 422
            assert after == before
