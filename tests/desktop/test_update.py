"""Another version beside the one in use: it is used only when it is whole and well, and never is there none."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from steeliq.desktop.kit_manifest import NAME, write_manifest
from steeliq.desktop.shortcut.command import LAUNCHER, command
from steeliq.desktop.update import archive as archives
from steeliq.desktop.update import kits
from steeliq.desktop.update import update as updates
from steeliq.desktop.update.kits import Pointer
from steeliq.errors import UpdateError
from tests.desktop import small_kits
from tests.desktop.small_kits import ROOT, tree, write_archive, write_kit, write_members, write_saying_kit, write_sum
from tests.desktop.test_places import disk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the small kits start by a shell script")


@pytest.fixture(scope="session")
def answer() -> str:
    """What the doctor of this checkout says, on one line."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "steeliq.desktop.doctor", "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kits that really run, and archives: 0.1.0 and 0.2.0."""
    folder = tmp_path_factory.mktemp("real")
    for version in ("0.1.0", "0.2.0"):
        write_archive(write_kit(folder, version), folder)
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The folder of kits."""
    return tmp_path / "my kits é"


class Person:
    """Someone with kits that say their version: 0.1.0 in use, and the archive of another."""

    def __init__(self, folder: Path, answer: str) -> None:
        self.folder, self.answer = folder, answer
        self.downloads = folder.parent / "downloads"
        self.downloads.mkdir()
        self.own = write_saying_kit(folder, "0.1.0", self.says("0.1.0"))
        self.told: list[str] = []

    def says(self, version: str, **levels: str) -> str:
        report = json.loads(self.answer) | {"steeliq": version}
        for check in report["checks"]:
            check["level"] = levels.get(check["name"], check["level"])
        return json.dumps(report)

    def kit(self, version: str, **levels: str) -> Path:
        """A kit that lies elsewhere."""
        place = self.downloads / "unpacked"
        shutil.rmtree(place / f"steeliq-{version}", ignore_errors=True)
        return write_saying_kit(place, version, self.says(version, **levels))

    def archive(self, version: str, **levels: str) -> Path:
        return write_archive(self.kit(version, **levels), self.downloads)

    def update(self, archive: Path, **options: object) -> kits.Kit:
        return updates.update(archive, tell=self.told.append, **options)  # type: ignore[arg-type]  # of any of its types

    def starts(self, launcher: Path | None = None) -> str:
        done = subprocess.run(
            [str(launcher or self.folder / "steeliq"), "--version"],
            env={"PATH": ""}, cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        return f"{done.stdout}{done.stderr}".strip()


@pytest.fixture
def person(place: Path, answer: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Person:
    """The one, at work in 0.1.0."""
    someone = Person(place, answer)
    monkeypatch.setattr(sys, "prefix", str(someone.own))
    monkeypatch.setenv("STEELIQ_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv(LAUNCHER, raising=False)
    return someone


def run(program: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A kit's program as from a menu: almost no environment."""
    return subprocess.run(
        [str(program), *arguments],
        env={"PATH": "", "HOME": str(home), "STEELIQ_HOME": str(home / "data"), "XDG_DATA_HOME": str(home / "share")},
        cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


# The whole way, with kits that run


def test_an_update_lies_beside_is_used_from_the_next_start_on_and_can_be_taken_back(
    real: Path, place: Path, tmp_path: Path
) -> None:
    shutil.copytree(real / "steeliq-0.1.0", place / "steeliq-0.1.0")
    old = tree(place / "steeliq-0.1.0")
    done = run(place / "steeliq-0.1.0" / "steeliq", "update", "--from", str(_archive(real)), home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"start it with {place / 'steeliq'}" in done.stdout
    assert tree(place / "steeliq-0.1.0") == old
    assert tree(place / "steeliq-0.2.0") == tree(real / "steeliq-0.2.0")
    assert not (tmp_path / "data").exists(), "the user's data folder was touched"

    def version() -> str:
        return run(place / "steeliq", "--version", home=tmp_path).stdout.strip()

    assert version() == "0.2.0"
    listed = run(place / "steeliq", "update", "--list", home=tmp_path).stdout.splitlines()
    assert [line.split()[:2] + line.split()[5:] for line in listed] == [
        ["steeliq-0.1.0", "0.1.0", "the", "one", "before"], ["steeliq-0.2.0", "0.2.0", "in", "use"],
    ]  # fmt: skip
    back = run(place / "steeliq", "update", "--rollback", home=tmp_path)
    assert back.returncode == 0, back.stderr
    assert "steeliq backup restore" in back.stdout
    assert version() == "0.1.0"
    assert run(place / "steeliq", "update", "--rollback", home=tmp_path).returncode == 0
    assert version() == "0.2.0"


def _archive(real: Path) -> Path:
    return real / "steeliq-0.2.0-linux-64.tar.zst"


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("steeliq/desktop/doctor/examination.py", "the new kit does not start here"),
        ("steeliq/desktop/asking.py", "the new kit does not start here"),
        ("steeliq/__main__.py", "No module named steeliq.__main__"),
    ],
)
def test_a_kit_that_does_not_run_on_this_machine_is_not_used(
    real: Path, place: Path, tmp_path: Path, lost: str, told: str
) -> None:
    shutil.copytree(real / "steeliq-0.1.0", place / "steeliq-0.1.0")
    broken = write_kit(tmp_path / "broken", "0.3.0", change=lambda kit: (kit / "lib" / lost).unlink())
    before = tree(place)
    archive = write_archive(broken, tmp_path)
    done = run(place / "steeliq-0.1.0" / "steeliq", "update", "--from", str(archive), home=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert "the kit in use is as it was" in done.stderr
    assert tree(place) == before


@pytest.mark.skipif(sys.platform != "linux", reason="the menu of Linux desktops")
def test_a_menu_entry_survives_updates(real: Path, place: Path, tmp_path: Path) -> None:
    shutil.copytree(real / "steeliq-0.1.0", place / "steeliq-0.1.0")
    entry = tmp_path / "share" / "applications" / "steeliq.desktop"
    assert run(place / "steeliq-0.1.0" / "steeliq", "install-shortcut", home=tmp_path).returncode == 0
    assert f'"{place}/steeliq-0.1.0/steeliq" app' in entry.read_text("utf-8")
    done = run(place / "steeliq-0.1.0" / "steeliq", "update", "--from", str(_archive(real)), home=tmp_path)
    assert "the menu entry starts it" in done.stdout
    assert f'Exec="{place}/steeliq" app' in entry.read_text("utf-8")
    once = entry.read_bytes()
    assert run(place / "steeliq-0.2.0" / "steeliq", "install-shortcut", home=tmp_path).returncode == 0
    assert entry.read_bytes() == once


def test_a_shortcut_leads_to_the_launcher_beside_the_kits_once_there_is_one(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LAUNCHER, str(person.own / "steeliq"))
    assert command().arguments == (str(person.own / "steeliq"), "app")
    person.update(person.archive("0.2.0"))
    assert command().arguments == (str(person.folder / "steeliq"), "app")
    monkeypatch.delenv(LAUNCHER)
    assert command().arguments == (str(person.folder / "steeliq"), "app")


# Killed


def test_killed_at_any_step_an_update_leaves_the_old_or_the_new_version_in_use(person: Person, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tests.desktop.killed_updates", person.folder, "steeliq-0.1.0",
         person.archive("0.2.0"), scratch],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["code"] for one in told] == [-9] * (len(told) - 1) + [0]
    assert len(told) > 30, "an update has more steps than that"
    seen = set()
    for one in told:
        left = one["left"]
        assert left["starts"] in {"0.1.0", "0.2.0"}, one
        assert "steeliq-0.1.0" in left["kits"], one
        if left["starts"] == "0.2.0":
            assert left["current"] == "steeliq-0.2.0\nsteeliq-0.1.0\n", one
        seen.add(left["starts"])
        assert one["again"] == 0, one
        assert one["then"]["starts"] == "0.2.0", one
        assert one["then"]["names"] == ["current", "steeliq", "steeliq-0.1.0", "steeliq-0.2.0"], one
    assert seen == {"0.1.0", "0.2.0"}


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on the size of files is Linux's")
@pytest.mark.parametrize("most", [0, 5, 20])
def test_a_pointer_or_launcher_that_cannot_be_written_to_its_end_stays_as_it_was(person: Person, most: int) -> None:
    person.update(person.archive("0.2.0"))
    (person.folder / "steeliq").write_text(f"#!/bin/sh\n# {kits.MARK}\n")
    before = tree(person.folder)
    script = (
        "import resource, sys; from pathlib import Path; from steeliq.desktop.update import kits\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        "for write in (lambda at: kits.write_pointer(at, kits.Pointer('steeliq-0.3.0', 'steeliq-0.2.0')), "
        "kits.write_launcher):\n"
        "    try: write(Path(sys.argv[1]))\n"
        "    except OSError: pass\n"
        "    else: sys.exit('it was written')\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, person.folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert tree(person.folder) == before


# What is refused leaves everything as it was


@pytest.fixture
def unchanged(person: Person) -> Iterator[Person]:
    """That person, whose folder must be the same afterwards."""
    before = tree(person.folder)
    yield person
    assert tree(person.folder) == before


def refused(person: Person, archive: Path, told: str, **options: object) -> None:
    with pytest.raises(UpdateError, match=told):
        person.update(archive, **options)


def test_without_a_sum_or_with_another_nothing_is_unpacked(unchanged: Person) -> None:
    archive = unchanged.archive("0.2.0")
    sums = archive.with_name("steeliq-0.2.0-linux-64.sha256")
    good = sums.read_text().split()[0]
    refused(unchanged, archive, "its SHA-256 is .*, --sha256 says 0000", sha256="0" * 64)
    refused(unchanged, archive, "give the 64 hexadecimal digits", sha256="12ab")
    sums.write_text(f"{'1' * 64}  {archive.name}\n")
    refused(unchanged, archive, "damaged, or not the archive that was published")
    sums.write_text(f"{good}  other.tar.zst\n")
    refused(unchanged, archive, "no sum for steeliq-0.2.0-linux-64.tar.zst .found other.tar.zst")
    sums.write_bytes(b"\xff\xfe")
    refused(unchanged, archive, "it cannot be read")
    sums.unlink()
    refused(unchanged, archive, "nothing to check it against; put steeliq-0.2.0-linux-64.sha256 beside it")


@pytest.mark.parametrize("form", ["{sum}\n", "{sum} *{name}\n", "SHA256 {sum}\n", "{upper}  {name}"])
def test_a_sum_is_read_in_the_forms_in_which_they_are_published(person: Person, form: str) -> None:
    archive = person.archive("0.2.0")
    total = hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.with_name("steeliq-0.2.0-linux-64.sha256").unlink()
    text = form.format(sum=total, upper=total.upper(), name=archive.name)
    archive.with_name(f"{archive.name}.sha256").write_text(text)
    assert person.update(archive).version == "0.2.0"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_an_archive_that_was_cut_off_is_refused_whatever_its_sum(unchanged: Person, share: float) -> None:
    archive = unchanged.archive("0.2.0")
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    write_sum(archive)
    refused(unchanged, archive, "damaged, or not an archive")


def test_what_is_no_kit_is_refused(unchanged: Person, tmp_path: Path) -> None:
    downloads = unchanged.downloads
    noise = downloads / "steeliq-0.2.0-linux-64.tar.zst"
    noise.write_bytes(b"not an archive at all")
    write_sum(noise)
    refused(unchanged, noise, "damaged, or not an archive")
    packed = noise.with_suffix(".zip").with_name("steeliq-0.2.0-win-64.zip")
    packed.write_bytes(b"PK but no zip")
    write_sum(packed)
    refused(unchanged, packed, "damaged, or not an archive")
    other = noise.with_name("steeliq-0.2.0.tar.gz")
    other.write_bytes(b"")
    write_sum(other)
    refused(unchanged, other, "its name ends with", sha256=hashlib.sha256(b"").hexdigest())
    refused(unchanged, write_members(noise, {"steeliq-0.2.0/a": b"a"}), "not a kit of steeliq")
    refused(unchanged, write_members(noise, {"steeliq-0.2.0/a": b"a", "b": b"b"}), "not a kit of steeliq")
    refused(unchanged, write_members(noise, {f"other/{NAME}": b"{}"}), "not a kit of steeliq")
    refused(unchanged, write_members(noise, {f"steeliq-0.2.0/{NAME}": b"{"}), "list of files cannot be read")
    refused(unchanged, tmp_path / "nothing.tar.zst", "there is no such file")


def header(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


TOP = "steeliq-0.2.0"
HOSTILE = [
    ("../steeliq-0.2.0/a", b"x", "leads out"),
    ("steeliq-0.2.0/../../a", b"x", "leads out"),
    ("/etc/steeliq", b"x", "no path inside"),
    ("steeliq-0.2.0\\..\\a", b"x", "no path inside"),
    ("C:/a", b"x", "no path inside"),
    ("steeliq-0.2.0/a\nb", b"x", "no path inside"),
    (f"{TOP}/a", header(f"{TOP}/a", tarfile.SYMTYPE, "/etc/passwd"), "links outside"),
    (f"{TOP}/a", header(f"{TOP}/a", tarfile.SYMTYPE, "../../x"), "links outside"),
    (f"{TOP}/a", header(f"{TOP}/a", tarfile.SYMTYPE, "b/../../other"), "links outside"),
    (f"{TOP}/a", header(f"{TOP}/a", tarfile.LNKTYPE, f"{TOP}/b"), "neither file nor folder"),
    (f"{TOP}/a", header(f"{TOP}/a", tarfile.FIFOTYPE), "neither file nor folder"),
    (f"{TOP}/a", header(f"{TOP}/a", tarfile.CHRTYPE), "neither file nor folder"),
]


@pytest.mark.parametrize(("name", "member", "told"), HOSTILE)
def test_members_that_lead_out_of_the_folder_are_refused(
    unchanged: Person, name: str, member: bytes | tarfile.TarInfo, told: str
) -> None:
    archive = unchanged.downloads / "steeliq-0.2.0-linux-64.tar.zst"
    before = tree(unchanged.folder.parent) if unchanged.folder.parent.is_dir() else {}
    write_members(archive, {f"{TOP}/{NAME}": b"{}", name: member})
    refused(unchanged, archive, told)
    left = {path: what for path, what in tree(unchanged.folder.parent).items() if not path.startswith("downloads")}
    assert left == {path: what for path, what in before.items() if not path.startswith("downloads")}


def test_a_member_below_a_link_or_file_is_refused_wherever_it_stands(unchanged: Person) -> None:
    archive = unchanged.downloads / "steeliq-0.2.0-linux-64.tar.zst"
    link = header(f"{TOP}/a", tarfile.SYMTYPE, "lib")
    refused(unchanged, write_members(archive, {f"{TOP}/a": link, f"{TOP}/a/b": b"x"}), "which is no folder")
    refused(unchanged, write_members(archive, {f"{TOP}/a/b": b"x", f"{TOP}/a": link}), "which is no folder")
    refused(unchanged, write_members(archive, {f"{TOP}/a": b"", f"{TOP}/a/b": b"x"}), "which is no folder")
    refused(unchanged, write_members(archive, {f"{TOP}/a/": b""}), "leads out")


PARTS = st.sampled_from(["..", ".", "a", "b", "", "steeliq-0.2.0", "c:", "\\", "é"])
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(members=st.lists(st.tuples(PATHS, st.one_of(st.binary(max_size=3), PATHS)), max_size=5))
@example(members=[("a", "b/../.."), ("b", "a"), ("b/x", b"x")])
def test_whatever_an_archive_holds_nothing_is_written_outside(
    tmp_path_factory: pytest.TempPathFactory, members: list[tuple[str, bytes | str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "inside" / "new").mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")
    held: dict[str, bytes | tarfile.TarInfo] = {f"{TOP}/{NAME}": b'{"format": 1, "files": {}}'}
    for name, what in members:
        path = f"{TOP}/{name}"
        held[path] = what if isinstance(what, bytes) else header(path, tarfile.SYMTYPE, what)
    archive = write_members(folder / "a.tar.zst", held)
    before = {path: what for path, what in tree(folder).items() if not path.startswith("inside/new")}
    with archive.open("rb") as stream:
        try:
            archives.look_into(archive, stream)
        except UpdateError:
            return
        archives.unpack(archive, stream, folder / "inside" / "new")
    after = {path: what for path, what in tree(folder).items() if not path.startswith("inside/new")}
    assert after == before
    for found in (folder / "inside" / "new").rglob("*"):
        assert found.resolve().is_relative_to(folder / "inside" / "new")


def test_an_archive_for_another_platform_is_refused(unchanged: Person) -> None:
    kit = unchanged.kit("0.2.0")
    write_manifest(kit, version="0.2.0", platform="win32-amd64")
    refused(unchanged, write_archive(kit, unchanged.downloads), f"it is for win32-amd64, this is {small_kits.HERE}")


def test_an_older_version_is_put_in_place_only_if_asked_for(person: Person) -> None:
    older = person.archive("0.0.9")
    before = tree(person.folder)
    refused(person, older, "it is 0.0.9, older than 0.1.0, .*backup list.*--allow-older")
    assert tree(person.folder) == before
    person.update(older, allow_older=True)
    assert person.starts() == "0.0.9"


def test_versions_are_compared_as_numbers(person: Person) -> None:
    person.update(person.archive("0.10.0"))
    refused(person, person.archive("0.9.0"), "older than 0.10.0")
    refused(person, person.archive("0.10.0rc1"), "older than 0.10.0")


def test_what_differs_from_its_own_list_is_refused(unchanged: Person) -> None:
    kit = unchanged.kit("0.2.0")
    (kit / "lib" / "é" / "a.txt").write_text("of 0.2.1\n")
    refused(unchanged, write_archive(kit, unchanged.downloads), "changed: lib/é/a.txt")
    (kit / "lib" / "é" / "a.txt").unlink()
    refused(unchanged, write_archive(kit, unchanged.downloads), "missing: lib/é/a.txt")
    kit = unchanged.kit("0.2.0")
    (kit / "sitecustomize.py").write_text("")
    refused(unchanged, write_archive(kit, unchanged.downloads), "not in the list: sitecustomize.py")


@pytest.mark.parametrize("check", ["python", "packages", "libraries", "kit"])
def test_a_kit_whose_doctor_finds_the_program_unwell_is_not_used(unchanged: Person, check: str) -> None:
    refused(unchanged, unchanged.archive("0.2.0", **{check: "problem"}), f"not well on this machine .{check}: ")


def test_what_ails_the_machine_does_not_keep_a_kit_from_being_used(person: Person) -> None:
    person.update(person.archive("0.2.0", memory="problem", data_folder="problem", window="problem"))
    assert person.starts() == "0.2.0"


def test_a_kit_that_says_it_is_another_version_is_not_used(unchanged: Person) -> None:
    kit = unchanged.kit("0.2.0")
    (kit / "answer.json").write_text(unchanged.says("0.1.9") + "\n")
    write_manifest(kit, version="0.2.0", platform=small_kits.HERE)
    refused(unchanged, write_archive(kit, unchanged.downloads), "says that it is 0.1.9, its list of files 0.2.0")


def test_what_is_there_by_the_same_name_is_never_written_over(person: Person) -> None:
    archive = person.archive("0.2.0")
    there = write_saying_kit(person.folder, "0.2.0", "other")
    refused(person, archive, "another kit of this name is there already")
    shutil.rmtree(there)
    there.write_text("a file of mine")
    refused(person, archive, "this is there already and no kit")
    there.unlink()
    shutil.copytree(person.kit("0.2.0"), there, symlinks=True)
    (there / "lib" / "é" / "a.txt").write_text("of 9.2.0\n")
    refused(person, archive, "already, but damaged .changed: lib/é/a.txt")
    (there / "lib" / "é" / "a.txt").write_text("of 0.2.0\n")
    person.update(archive)
    assert any("is there already, and whole" in line for line in person.told)
    assert person.starts() == "0.2.0"


def test_the_version_in_use_is_not_put_in_place_again(unchanged: Person) -> None:
    unchanged.update(write_archive(unchanged.own, unchanged.downloads))
    assert "is the one in use already" in unchanged.told[-1]


@pytest.mark.parametrize("name", ["steeliq", "current"])
def test_files_and_folders_of_others_are_never_written_over(person: Person, name: str) -> None:
    archive = person.archive("0.2.0")
    (person.folder / name).mkdir()
    refused(person, archive, "move it away")
    (person.folder / name).rmdir()
    (person.folder / name).write_text("../mine")
    refused(person, archive, "move it away, or choose another folder with --to")
    assert (person.folder / name).read_text() == "../mine"


def test_of_two_updates_at_once_one_is_refused(unchanged: Person) -> None:
    archive = unchanged.archive("0.2.0")
    with FileLock(unchanged.folder / updates.LOCK):
        refused(unchanged, archive, "another update is at work here")


def test_from_a_checkout_a_folder_must_be_named(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "STEELIQ_HOME": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "steeliq", "update", "--from", __file__],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "was not started from a kit" in done.stderr
    assert "--to FOLDER" in done.stderr


def test_into_a_folder_of_its_own_there_is_nothing_to_go_back_to(person: Person, tmp_path: Path) -> None:
    other = tmp_path / "new" / "place"
    person.update(person.archive("0.2.0"), to=other)
    assert person.starts(other / "steeliq") == "0.2.0"
    assert sorted(path.name for path in person.folder.iterdir()) == ["steeliq-0.1.0"]
    with pytest.raises(UpdateError, match="no kit to go back to"):
        updates.go_back(other, person.told.append)
    refused(person, person.archive("0.3.0"), "this is a kit itself", to=other / "steeliq-0.2.0")


def test_a_folder_that_cannot_be_written_to_is_told_in_a_sentence(real: Path, tmp_path: Path) -> None:
    with disk(tmp_path / "disk é", "30m") as place:
        shutil.copytree(real / "steeliq-0.1.0", place / "steeliq-0.1.0")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        before = tree(place)
        start = place / "steeliq-0.1.0" / "steeliq"
        done = run(start, "update", "--from", str(_archive(real)), home=tmp_path)
        assert done.returncode == 2
        assert "you may not write there (Read-only file system); choose a folder of yours" in done.stderr
        assert "--to FOLDER" in done.stderr
        assert tree(place) == before
        there = run(start, "update", "--from", str(_archive(real)), "--to", str(tmp_path / "mine"), home=tmp_path)
        assert there.returncode == 0, there.stderr
        assert run(tmp_path / "mine" / "steeliq", "--version", home=tmp_path).stdout.strip() == "0.2.0"


def test_on_a_disk_without_room_nothing_is_left(person: Person, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "20m") as small:
        archive = person.archive("0.2.0")
        refused(person, archive, "unpacked it takes .* MB are free; make room", to=small)
        assert sorted(path.name for path in small.iterdir()) == [updates.LOCK]


# Back, and what is kept


def test_a_previous_kit_that_has_gone_or_is_damaged_is_not_gone_back_to(person: Person) -> None:
    person.update(person.archive("0.2.0"))
    (person.own / "lib" / "é" / "a.txt").unlink()
    with pytest.raises(UpdateError, match=r"is damaged .missing: lib/é/a.txt.; steeliq-0.2.0 stays in use"):
        updates.go_back(None, person.told.append)
    shutil.rmtree(person.own)
    with pytest.raises(UpdateError, match=r"has gone; steeliq-0[.]2[.]0 stays in use"):
        updates.go_back(person.folder, person.told.append)
    assert person.starts() == "0.2.0"


def test_only_kits_that_nobody_needs_are_deleted(person: Person) -> None:
    with pytest.raises(UpdateError, match="none is deleted"):
        updates.prune(None, person.told.append)
    busy = person.kit("0.1.1")
    shutil.copy(shutil.which("sleep") or "", busy / "sleep")
    write_manifest(busy, version="0.1.1", platform=small_kits.HERE)
    person.update(write_archive(busy, person.downloads))
    for version in ("0.1.2", "0.1.3", "0.1.4", "0.1.5"):
        person.update(person.archive(version))
    (person.folder / "steeliq-0.1.2" / "notes.txt").write_text("mine")
    (person.folder / "mine").mkdir()
    person.told.clear()
    with subprocess.Popen([person.folder / "steeliq-0.1.1" / "sleep", "600"]) as process:
        updates.prune(None, person.told.append)
        process.kill()
    told = " ".join(person.told)
    assert "steeliq-0.1.0: this steeliq runs from it" in told
    assert "steeliq-0.1.1: it is running" in told
    assert "steeliq-0.1.2: notes.txt: not of the kit, perhaps yours" in told
    names = {path.name for path in person.folder.iterdir()} - {updates.LOCK, "current", "steeliq", "mine"}
    assert names == {f"steeliq-0.1.{number}" for number in (0, 1, 2, 4, 5)}
    assert kits.read_pointer(person.folder) == Pointer("steeliq-0.1.5", "steeliq-0.1.4")


def test_a_zip_is_unpacked_as_well(person: Person) -> None:
    kit = person.kit("0.2.0")
    (kit / "lib64").unlink()  # a zip holds no links
    write_manifest(kit, version="0.2.0", platform=small_kits.HERE)
    person.update(small_kits.write_zip(kit, person.downloads))
    assert person.starts() == "0.2.0"
    assert tree(person.folder / "steeliq-0.2.0") == tree(kit)


# The launcher


def test_the_launcher_works_through_links_from_anywhere_and_moved(person: Person, tmp_path: Path) -> None:
    person.update(person.archive("0.2.0"))
    link = tmp_path / "bin" / "steeliq"
    link.parent.mkdir()
    link.symlink_to(os.path.relpath(person.folder / "steeliq", link.parent))
    assert person.starts(link) == "0.2.0"
    for shell in ("sh", "bash"):
        words = [shell, "steeliq", "--version"]
        done = subprocess.run(words, cwd=person.folder, capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "0.2.0"
    moved = person.folder.rename(tmp_path / "moved $HOME 'ü' \"x\"")
    assert person.starts(moved / "steeliq") == "0.2.0"


def test_a_kit_in_use_that_someone_deleted_leaves_the_one_before(person: Person) -> None:
    person.update(person.archive("0.2.0"))
    shutil.rmtree(person.folder / "steeliq-0.2.0")
    assert person.starts().startswith("0.1.0\nsteeliq: ")
    assert "has gone; this is the kit before it, steeliq-0.1.0" in person.starts()
    shutil.rmtree(person.own)
    assert "names no kit that is there (found 'steeliq-0.2.0')" in person.starts()


@given(active=st.text(max_size=12), previous=st.text(max_size=12))
def test_what_the_pointer_says_is_read_back_or_refused(
    tmp_path_factory: pytest.TempPathFactory, active: str, previous: str
) -> None:
    folder = tmp_path_factory.mktemp("pointer")
    fit = kits.is_name(active) and (not previous or kits.is_name(previous))
    if fit:
        kits.write_pointer(folder, Pointer(active, previous))
        assert kits.read_pointer(folder) == Pointer(active, previous)
    elif not active.isprintable() or "/" in active or active[:1] in {"", "."}:
        assert not kits.is_name(active) or not kits.is_name(previous)
