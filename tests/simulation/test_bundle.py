"""A run in one file: the same bytes each time, back again unharmed, and every broken bundle refused without a trace."""

import hashlib
import io
import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from steeliq.errors import InputError, RunError
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.results.bundle import About, import_bundle, run_files, write_bundle
from steeliq.simulation.results.bundle_checks import BundleError, is_known
from steeliq.simulation.results.tables import read_table, table_path
from steeliq.simulation.run import run
from steeliq.simulation.scenario.files import load_scenario
from tests.worlds import tiny_tables, write_tiny

Files = dict[str, bytes]
YEARS = (2025, 2026)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load(write_tiny(tmp_path_factory.mktemp("worlds") / "tiny"))


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    out = tmp_path_factory.mktemp("runs") / "tiny"
    run(load_scenario("reference", ["period.end=2026", "carbon.scenario=uniform_100"]), dataset, out)
    return out


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, run_dir: Path, dataset: Dataset) -> Path:
    about = About("My run", "with <b>notes</b>", "a,b")
    return write_bundle(run_dir, tmp_path_factory.mktemp("bundles") / "tiny.steeliq", dataset=dataset, about=about)


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_run_comes_back_as_it_was(bundle: Path, run_dir: Path, dataset: Dataset, tmp_path: Path) -> None:
    taken = import_bundle(bundle, tmp_path / "runs" / "new", tmp_path / "datasets")
    own = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in run_files(run_dir).items()}
    assert contents(taken.run_dir) == own
    assert taken.dataset is not None
    assert load(taken.dataset).hash == dataset.hash
    assert taken.about == About("My run", "with <b>notes</b>", "a,b")
    assert taken.document["dataset"]["hash"] == dataset.hash
    assert sorted(path.name for path in tmp_path.rglob(".*")) == []
    # And a bundle of the imported run is the same bundle.
    again = write_bundle(taken.run_dir, tmp_path / "again.steeliq", dataset=load(taken.dataset), about=taken.about)
    assert again.read_bytes() == bundle.read_bytes()


def test_a_dataset_that_is_there_is_not_stored_twice(bundle: Path, tmp_path: Path) -> None:
    first = import_bundle(bundle, tmp_path / "runs" / "a", tmp_path / "datasets").dataset
    assert import_bundle(bundle, tmp_path / "runs" / "b", tmp_path / "datasets").dataset == first
    assert first is not None
    # One that was edited since is another dataset and stays untouched.
    text = (first / "sources.csv").read_text("utf-8")
    (first / "sources.csv").write_text(text.replace("Made up for tests", "Edited"), "utf-8")
    third = import_bundle(bundle, tmp_path / "runs" / "c", tmp_path / "datasets").dataset
    assert third not in (None, first)
    assert "Edited" in (first / "sources.csv").read_text("utf-8")


def test_a_bundle_without_dataset_is_whole(run_dir: Path, tmp_path: Path) -> None:
    path = write_bundle(run_dir, tmp_path / "lean.steeliq")
    taken = import_bundle(path, tmp_path / "new", tmp_path / "datasets")
    assert taken.dataset is None
    assert len(read_table(taken.run_dir, "production")) == len(read_table(run_dir, "production"))


def test_the_bytes_depend_on_nothing_but_the_run(bundle: Path, run_dir: Path, dataset: Dataset, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(run_dir, tmp_path / "ünder another näme")
    (elsewhere / "report.html").write_text("not part of a bundle", "utf-8")
    about = About("My run", "with <b>notes</b>", "a,b")
    assert write_bundle(elsewhere, tmp_path / "x.steeliq", dataset=dataset, about=about).read_bytes() == (
        bundle.read_bytes()
    )


def test_only_complete_runs_and_their_own_datasets_are_bundled(run_dir: Path, tmp_path: Path) -> None:
    tables = tiny_tables()
    tables["plants"].loc[0, "name"] = "Another name"
    other = load(write_tiny(tmp_path / "other", tables))
    with pytest.raises(RunError, match="made from dataset"):
        write_bundle(run_dir, tmp_path / "x.steeliq", dataset=other)
    unfinished = shutil.copytree(run_dir, tmp_path / "unfinished")
    document = json.loads((unfinished / "run.json").read_text("utf-8"))
    (unfinished / "run.json").write_text(json.dumps(document | {"status": "cancelled"}), "utf-8")
    with pytest.raises(RunError, match="only a complete run"):
        write_bundle(unfinished, tmp_path / "x.steeliq")
    lacking = shutil.copytree(run_dir, tmp_path / "lacking")
    (lacking / "scenario.toml").unlink()
    with pytest.raises(RunError, match=r"scenario\.toml is missing"):
        write_bundle(lacking, tmp_path / "x.steeliq")
    assert not list(tmp_path.glob("*.steeliq*"))


def test_an_import_never_overwrites(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "runs" / "new").mkdir(parents=True)
    with pytest.raises(RunError, match="exists"):
        import_bundle(bundle, tmp_path / "runs" / "new", tmp_path / "datasets")


@pytest.mark.parametrize(
    "name",
    ["../run.json", "/run.json", "tables/../run.json", "tables/production/2025.parquet/", "C:/run.json", "",
     "tables\\production\\2025.parquet", "dataset/plants.csv.exe", "dataset/../../x.csv", "reference/secrets.parquet",
     "tables/production/99999.parquet", "RUN.JSON", "checkpoint/2025.npz", "tables/produ\u00e7tion/2025.parquet",
     "tables/production/2025.parquet\n", "tables/production/\u0662\u0660\u0662\u0665.parquet", ".lock"],
)  # fmt: skip
def test_names_that_a_bundle_may_not_hold(name: str) -> None:
    assert not is_known(name)


def unzipped(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Files, *, relist: bool = True) -> bytes:
    """The files as a bundle; ``relist`` makes the manifest fit them."""
    if relist and "manifest.json" in files:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
            if name != "manifest.json"
        }
        files = files | {"manifest.json": json.dumps(manifest).encode()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def manifest_with(**changes: object) -> Callable[[Files], bytes]:
    def change(files: Files) -> bytes:
        document = json.loads(files["manifest.json"]) | changes
        return zipped(files | {"manifest.json": json.dumps(document).encode()}, relist=False)

    return change


def run_with(**changes: object) -> Callable[[Files], bytes]:
    def change(files: Files) -> bytes:
        document = json.loads(files["run.json"]) | changes
        return zipped(files | {"run.json": json.dumps(document).encode()})

    return change


def with_file(name: str, data: bytes, *, relist: bool = True) -> Callable[[Files], bytes]:
    return lambda files: zipped(files | {name: data}, relist=relist)


def without(name: str, *, relist: bool = True) -> Callable[[Files], bytes]:
    return lambda files: zipped({key: data for key, data in files.items() if key != name}, relist=relist)


def parquet(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), stream, store_schema=False)
    return stream.getvalue()


def table_with(change: Callable[[pd.DataFrame], pd.DataFrame], name: str = "tables/demand/2025.parquet") -> (
    Callable[[Files], bytes]
):  # fmt: skip
    return lambda files: zipped(files | {name: parquet(change(pq.read_table(io.BytesIO(files[name])).to_pandas()))})


def csv_with(old: bytes, new: bytes, name: str) -> Callable[[Files], bytes]:
    return lambda files: zipped(files | {name: files[name].replace(old, new)})


def flipped(position: float) -> Callable[[Files], bytes]:
    def change(files: Files) -> bytes:
        data = bytearray(zipped(files, relist=False))
        data[int(position * len(data))] ^= 0xFF
        return bytes(data)

    return change


def cut(share: float) -> Callable[[Files], bytes]:
    def change(files: Files) -> bytes:
        data = zipped(files, relist=False)
        return data[: int(share * len(data))]

    return change


def twice(files: Files) -> bytes:
    stream = io.BytesIO(zipped(files))
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("run.json", files["run.json"])
    return stream.getvalue()


def linked(files: Files) -> bytes:
    stream = io.BytesIO(zipped(files))
    with zipfile.ZipFile(stream, "a") as archive:
        entry = zipfile.ZipInfo("reference/owners.parquet".replace("owners", "sources"))
        archive.filelist = [kept for kept in archive.filelist if kept.filename != entry.filename]
        archive.NameToInfo.pop(entry.filename)
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, b"/etc/passwd")
    return stream.getvalue()


def size_lie(files: Files) -> bytes:
    """The directory of the zip announces 10 bytes for a file that unpacks to many more."""
    data = bytearray(zipped(files))
    at = data.rindex(b"scenario.toml") - 46
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def encrypted(files: Files) -> bytes:
    data = bytearray(zipped(files))
    data[data.rindex(b"scenario.toml") - 46 + 8] |= 1
    return bytes(data)


def many(files: Files) -> bytes:
    return zipped(files | {f"x/{number}": b"" for number in range(5_100)})


BOMB = b"0" * 40_000_000
DEEP = b"".join(b'{"%s":' % hashlib.sha256(bytes(n)).hexdigest().encode() for n in range(40_000)) + b"1" + b"}" * 40_000

BROKEN: dict[str, tuple[Callable[[Files], bytes], str]] = {
    "empty file": (lambda _: b"", "no whole zip file"),
    "text": (lambda _: b"this is a letter, not a zip", "no whole zip file"),
    "html": (lambda _: b"<!doctype html><title>404</title>", "no whole zip file"),
    "empty zip": (lambda _: zipped({}), "manifest.json; the file is missing"),
    "another zip": (lambda _: zipped({"word/document.xml": b"<w/>"}), "no such file"),
    "cut in half": (cut(0.5), "no whole zip file"),
    "cut at the end": (cut(0.999), "no whole zip file"),
    "a byte flipped early": (flipped(0.2), "manifest|damaged|no whole zip"),
    "a byte flipped in the middle": (flipped(0.5), "manifest|damaged|no whole zip"),
    "a byte flipped late": (flipped(0.8), "manifest|damaged|no whole zip"),
    "zip slip up": (with_file("../../evil.txt", b"x"), r"\.\./\.\./evil\.txt.*no such file"),
    "zip slip absolute": (with_file("/tmp/evil.txt", b"x"), "no such file"),  # noqa: S108 (must be refused)
    "zip slip inside": (with_file("tables/production/../../../evil.parquet", b"x"), "no such file"),
    "zip slip backslash": (with_file("tables\\..\\..\\evil.txt", b"x"), "no such file"),
    "unknown file": (with_file("autorun.py", b"print()"), "no such file"),
    "folder entry": (with_file("tables/", b""), "no such file"),
    "symbolic link": (linked, "link or a device"),
    "file twice": (twice, "run.json; the file is in the bundle 2 times"),
    "too many files": (many, "at most 5,000 files"),
    "encrypted": (encrypted, "encrypted"),
    "bomb as table": (with_file("dataset/plants.csv", BOMB), "200 times its size"),
    "bomb as manifest": (with_file("manifest.json", b" " * 5_000_000, relist=False), "at most 4,194,304 bytes"),
    "size that lies": (size_lie, "manifest|damaged"),
    "no manifest": (without("manifest.json"), "manifest.json; the file is missing"),
    "manifest no JSON": (with_file("manifest.json", b"{", relist=False), "not JSON"),
    "manifest not UTF-8": (with_file("manifest.json", b"\xff\xfe{", relist=False), "not JSON"),
    "manifest a list": (with_file("manifest.json", b"[]", relist=False), "JSON object"),
    "manifest very deep": (with_file("manifest.json", DEEP, relist=False), "not JSON"),
    "manifest deep": (with_file("manifest.json", b'{"kind":' + b"[" * 900 + b"]" * 900 + b"}", relist=False), "nested"),
    "another kind": (manifest_with(kind="shopping-list"), "no bundle of steeliq"),
    "newer format": (manifest_with(format=2, steeliq="9.0.0"), "later version .* update steeliq"),
    "format no number": (manifest_with(format="1"), "whole number"),
    "files no table": (manifest_with(files=["run.json"]), "bytes and sha256"),
    "files with odd hashes": (manifest_with(files={"run.json": {"bytes": 1, "sha256": "x"}}), "bytes and sha256"),
    "file not listed": (with_file("dataset/quotas.csv", b"x", relist=False), "SHA-256|bytes"),
    "file changed": (with_file("scenario.toml", b'name = "x"\n', relist=False), "scenario.toml.*manifest says"),
    "file missing": (without("tables/demand/2026.parquet", relist=False), "demand/2026.parquet; the manifest lists"),
    "table missing everywhere": (without("tables/demand/2026.parquet"), "demand/2026.parquet; the table is missing"),
    "no run.json": (without("run.json"), "run.json; the file is missing"),
    "no scenario": (without("scenario.toml"), "scenario.toml; the file is missing"),
    "run.json no JSON": (with_file("run.json", b"nonsense"), "run.json.*not JSON"),
    "run.json with NaN": (with_file("run.json", b'{"format": NaN}'), "run.json.*not JSON"),
    "run.json bare": (with_file("run.json", b"{}"), "status is missing"),
    "run.json newer": (run_with(format=99), "run.json.*later version"),
    "run not complete": (run_with(status="running"), "only complete runs"),
    "years swapped": (run_with(years=[2026, 2025]), "first and the last year"),
    "years beyond the tables": (run_with(years=[2025, 2040]), "2040.parquet|period"),
    "run.json of a text as dataset": (run_with(dataset="tiny"), "dataset is missing or of another type"),
    "run.json with notes that are none": (run_with(notes=5), "notes must be a list"),
    "run.json of no machine": (run_with(platform={"system": "Linux"}), "platform.machine must be a text"),
    "run.json without packages": (run_with(packages={"numpy": 3}), "packages holds values"),
    "another dataset hash": (run_with(dataset={"name": "tiny", "hash": "0" * 64}), "names the dataset"),
    "scenario no TOML": (with_file("scenario.toml", b"= ="), "not TOML"),
    "scenario unknown setting": (with_file("scenario.toml", b'name = "x"\nmagic = 1\n'), "magic"),
    "scenario not UTF-8": (with_file("scenario.toml", b'name = "\xff"'), "UTF-8"),
    "another scenario": (with_file("scenario.toml", b'name = "other"\n'), "not the scenario that run.json"),
    "table no Parquet": (with_file("tables/demand/2025.parquet", b"PAR1PAR1"), "no readable Parquet"),
    "table without a column": (table_with(lambda f: f.drop(columns="unmet")), "its columns must be"),
    "table with another type": (table_with(lambda f: f.assign(unmet="much")), "its columns must be"),
    "table with columns swapped": (table_with(lambda f: f[list(f.columns[::-1])]), "its columns must be"),
    "table of another year": (table_with(lambda f: f.assign(year=2031)), "rows of another year"),
    "table with endless text": (table_with(lambda f: f.assign(country="x" * 20_000)), "at most 10,000 characters"),
    "labels of another shape": (
        table_with(lambda f: f.rename(columns={"name": "title"}), "reference/plants.parquet"),
        "its columns must be",
    ),
    "dataset without descriptor": (without("dataset/datapackage.json"), "dataset"),
    "dataset damaged": (csv_with(b"operating", b"on holiday", "dataset/furnace_groups.csv"), "furnace_groups"),
    "dataset changed": (csv_with(b"Ruhr Works", b"Other Works", "dataset/plants.csv"), "names the dataset"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_bundles_are_refused_and_leave_nothing(bundle: Path, tmp_path: Path, case: str) -> None:
    change, message = BROKEN[case]
    path = tmp_path / "upload.steeliq"
    path.write_bytes(change(unzipped(bundle)))
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(BundleError, match=message) as refused:
        import_bundle(path, home / "runs" / "new", home / "datasets")
    assert refused.value.problems
    assert isinstance(refused.value, InputError)
    assert [entry.name for entry in home.rglob("*")] in ([], ["runs"])
    assert not (tmp_path / "evil.txt").exists()


def test_every_broken_bundle_is_unlike_the_sound_one(bundle: Path, tmp_path: Path) -> None:
    """The helper that rebuilds bundles makes sound ones, so that each refusal above is due to its own change."""
    path = tmp_path / "rebuilt.steeliq"
    path.write_bytes(zipped(unzipped(bundle)))
    assert import_bundle(path, tmp_path / "new", tmp_path / "datasets").dataset is not None
    assert table_path(tmp_path / "new", "demand", 2026).is_file()
    assert len(BROKEN) >= 25
