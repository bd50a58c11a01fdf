"""The archive by itself: what is in it, in which order, how large, and the same when it is built elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.kit.locks import read_lock
from scripts.kit.recipe import INTERPRETER, read_recipe
from scripts.kit.sbom import LEVEL
from steeliq import __version__
from tests.web.live import ROOT

PYTHON = "3.13.0"


@pytest.fixture(scope="module")
def members(archive: Path) -> Iterator[list[tarfile.TarInfo]]:
    """What the archive lists."""
    with subprocess.Popen(["zstd", "-dcq", archive], stdout=subprocess.PIPE) as unpacking:
        assert unpacking.stdout
        with tarfile.open(fileobj=unpacking.stdout, mode="r|") as opened:
            yield list(opened)


def variant(archive: Path) -> str:
    return "window" if "-window" in archive.name else "small"


def test_it_keeps_the_limits_of_the_recipe(
    archive: Path, members: list[tarfile.TarInfo], tell: Callable[[str], None]
) -> None:
    recipe = read_recipe()
    limits = recipe.limits[variant(archive)]
    tell(f"{archive.stat().st_size / 1e6:.1f} MB, {len(members):,} files")
    assert archive.stat().st_size <= limits.compressed_mb * 1e6
    assert len(members) <= limits.files
    names = [one.name.partition("/")[2] for one in members]
    assert {
        len(name) for name in names if "django_tasks_db/migrations" not in name and len(name) > limits.path
    } == set()


def test_nothing_in_it_tells_who_made_it_when(members: list[tarfile.TarInfo]) -> None:
    assert [one.name for one in members] == sorted(one.name for one in members)
    assert {(one.uid, one.gid, one.uname, one.gname) for one in members} == {(0, 0, "", "")}
    assert {one.mtime for one in members} == {read_recipe().epoch}
    assert {one.mode for one in members} <= {0o644, 0o755, 0o777}
    assert {one.name.split("/")[0] for one in members} == {f"steeliq-{__version__}"}
    assert not [one.name for one in members if one.issym() and one.linkname.startswith("/")]
    assert all(one.isfile() or one.issym() for one in members)


def test_it_brings_what_a_person_looks_for(members: list[tarfile.TarInfo]) -> None:
    names = {one.name.partition("/")[2]: one for one in members}
    assert {
        "steeliq",
        "steeliq.desktop",
        "README.txt",
        "LICENSE",
        "THIRD-PARTY.txt",
        "kit-manifest.json",
    } <= names.keys()
    assert names["steeliq"].mode == 0o755
    assert "lib/python3.13/site-packages/steeliq/docs/model.md" in names
    assert not [name for name in names if "/tests/" in name and "steeliq" not in name]
    assert not [name for name in names if re.search(r"(^|/)(conda-unpack|activate|pip)$", name)]


def test_the_sums_beside_it_are_its_own(archive: Path) -> None:
    lines = archive.with_name(archive.name.removesuffix(".tar.zst") + ".sha256").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sums[archive.name] == hashlib.sha256(archive.read_bytes()).hexdigest()
    with subprocess.Popen(["zstd", "-dcq", archive], stdout=subprocess.PIPE) as unpacking:
        assert unpacking.stdout
        digest = hashlib.sha256()
        while part := unpacking.stdout.read(1 << 20):
            digest.update(part)
    assert sums[archive.name.removesuffix(".zst")] == digest.hexdigest()


def test_the_list_of_parts_names_every_package_of_the_lock_with_an_allowed_hash(archive: Path) -> None:
    document = json.loads(archive.with_name(archive.name.removesuffix(".tar.zst") + ".cdx.json").read_text("utf-8"))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    parts = {one["name"]: one for one in document["components"]}
    for pin in read_lock(ROOT / "env" / "runtime.lock", PYTHON).values():
        assert parts[pin.name]["version"] == pin.version
        assert parts[pin.name]["hashes"][0]["content"] in pin.hashes
        assert parts[pin.name]["licenses"]
    assert INTERPRETER in parts
    references = [one["bom-ref"] for one in document["components"]]
    assert len(set(references)) == len(references)


def test_built_again_in_another_folder_it_has_the_same_bytes(archive: Path, tools: Path, places: Path) -> None:
    if os.geteuid() == 0 and variant(archive) == "small":
        pytest.skip("as root, Nix builds it a second time, in a place of its own: test_nix.py compares every byte")
    wheels = archive.parent / "wheels"
    where = places / "built agaïn"
    (where / "work").mkdir(parents=True)
    parts = json.loads(archive.with_name(archive.name.removesuffix(".tar.zst") + ".cdx.json").read_text("utf-8"))
    [level] = [one["value"] for one in parts["metadata"]["component"]["properties"] if one["name"] == LEVEL]
    given = ["--wheels", str(wheels)] if wheels.is_dir() else []
    environment = {"PATH": f"{tools.parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo"}
    subprocess.run(
        [tools, "-P", "-m", "scripts.kit.build", "--variant", variant(archive), "--out", where, *given,
         "--level", level, "--work", where / "work"],
        check=True, cwd=ROOT, env=environment,
    )  # fmt: skip
    again = where / archive.name
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(archive.read_bytes()).digest()
    for suffix in (".sha256", ".cdx.json"):
        name = archive.name.removesuffix(".tar.zst") + suffix
        assert (where / name).read_bytes() == (archive.parent / name).read_bytes()
