"""The menu entry: made for one user, each time the same, taken away to the last file; it starts what it should."""

from __future__ import annotations

import hashlib
import io
import json
import os
import plistlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from steeliq.desktop.shortcut import icon, linux, macos, windows
from steeliq.desktop.shortcut.command import LAUNCHER, Command, ShortcutError, command
from steeliq.desktop.shortcut.install import install, uninstall

ROOT = Path(__file__).resolve().parents[2]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the menu of Linux desktops")
KIT = Command(("/opt/steel iq/steeliq", "app"))
WINDOWS_KIT = Command((r"C:\Users\It's me\steel iq\steeliq.exe", "app"))


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """A person's home folder, in which other programs keep files of their own."""
    home = tmp_path / "home é of one"
    for name in ("share/applications/other.desktop", "share/icons/hicolor/index.theme"):
        (home / name).parent.mkdir(parents=True)
        (home / name).write_text("[Other]\n")
    return home


def steeliq(person: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "HOME": str(person), "XDG_DATA_HOME": str(person / "share"), "STEELIQ_HOME": str(person / "data"),
        "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8",
    } | more  # fmt: skip
    return subprocess.run(
        [sys.executable, "-P", "-m", "steeliq", *arguments],
        env=environment, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture
def here(person: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That person's folders for this process."""
    for name, folder in (("HOME", ""), ("XDG_DATA_HOME", "share"), ("STEELIQ_HOME", "data")):
        monkeypatch.setenv(name, str(person / folder))
    return person


def tree(folder: Path) -> dict[str, str]:
    """Every file and folder with its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


def words_of(line: str) -> list[str]:
    """An Exec line as the specification reads it: the value's escapes, then quotes, then percent signs."""
    text = re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t", "r": "\r", "s": " "}.get(found[1], found[1]), line)
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', text, re.DOTALL)
    return [(re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) or plain).replace("%%", "%") for quoted, plain in words]


# Linux, for real


@on_linux
def test_installing_twice_changes_nothing_and_uninstalling_leaves_nothing(person: Path) -> None:
    before = tree(person)
    first = steeliq(person, "install-shortcut")
    assert first.returncode == 0, first.stderr
    made = tree(person)
    assert "share/applications/steeliq.desktop" in made
    assert "share/icons/hicolor/scalable/apps/steeliq.svg" in made
    assert steeliq(person, "install-shortcut").returncode == 0
    assert {name: text for name, text in tree(person).items() if "cache" not in name} == {
        name: text for name, text in made.items() if "cache" not in name
    }
    removed = steeliq(person, "uninstall-shortcut")
    assert removed.returncode == 0, removed.stderr
    left = tree(person)
    left.pop("share/applications/mimeinfo.cache", None)  # of the desktop's own program, in a folder of others
    assert left == before | {"data": "folder"}
    assert "no shortcut" in steeliq(person, "uninstall-shortcut").stdout


@on_linux
def test_what_someone_changed_is_left(here: Path) -> None:
    install()
    entry = here / "share" / "applications" / "steeliq.desktop"
    entry.write_text(entry.read_text("utf-8") + "Name[de]=Stahl\n", "utf-8")
    assert f"left {entry}: it was changed since" in uninstall()
    assert entry.exists()


@on_linux
def test_an_installation_that_fails_half_way_is_taken_away_all_the_same(here: Path) -> None:
    before = tree(here)
    (here / "share" / "mime").write_text("in the way")
    with pytest.raises(OSError, match="mime"):
        install()
    (here / "share" / "mime").unlink()
    uninstall()
    left = tree(here)
    left.pop("share/applications/mimeinfo.cache", None)
    assert left == before | {"data": "folder"}


@on_linux
def test_an_entry_of_an_older_kit_is_replaced(here: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install()
    monkeypatch.setenv(LAUNCHER, str(launcher))
    install()
    entry = (here / "share" / "applications" / "steeliq.desktop").read_text("utf-8")
    assert f"TryExec={linux.escaped(str(launcher))}\n" in entry
    assert all(line.startswith("removed ") for line in uninstall())


@on_linux
def test_the_list_is_complete_and_a_damaged_one_is_told(here: Path) -> None:
    before = set(tree(here))
    install()
    listed = json.loads((here / "data" / "shortcut.json").read_text("utf-8"))
    ours = {name for name in set(tree(here)) - before if "steeliq" in name and not name.startswith("data")}
    computed = {"share/mime/application/x-steeliq.xml"}
    assert {str(here / name) for name in ours - computed} == set(listed["files"])
    (here / "data" / "shortcut.json").write_text("{")
    with pytest.raises(ShortcutError, match="delete it and install again"):
        uninstall()


@on_linux
@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="desktop-file-validate is not installed")
@pytest.mark.parametrize("start", [KIT, Command(('/a/b$c`d"e\\f%g é', "app"), {"PYTHONPATH": "/x y"})])
def test_the_entry_is_valid(tmp_path: Path, start: Command) -> None:
    (tmp_path / "steeliq.desktop").write_text(linux.entry(start), "utf-8")
    checked = subprocess.run(
        ["desktop-file-validate", tmp_path / "steeliq.desktop"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    """A launcher in a folder with a difficult name, which writes down how it was called."""
    folder = tmp_path / "kit é 50% $HOME `x` \"q\" 'r' \\ ;"
    folder.mkdir()
    program = folder / "steeliq"
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/called.tmp"\nmv "{tmp_path}/called.tmp" "{tmp_path}/called"\n'
    )
    program.chmod(0o755)
    return program


@on_linux
@pytest.mark.skipif(shutil.which("gio") is None, reason="gio is not installed")
def test_the_desktop_starts_the_launcher_with_the_file(person: Path, launcher: Path, tmp_path: Path) -> None:
    installed = steeliq(person, "install-shortcut", **{LAUNCHER: str(launcher)})
    assert installed.returncode == 0, installed.stderr
    bundle = person / "my run é.steeliq"
    bundle.write_bytes(b"PK")
    entry = person / "share" / "applications" / "steeliq.desktop"
    environment = os.environ | {"HOME": str(person), "XDG_DATA_HOME": str(person / "share")}
    subprocess.run(["gio", "launch", str(entry), str(bundle)], env=environment, check=True, capture_output=True)
    end = time.monotonic() + 30
    while not (tmp_path / "called").exists():
        assert time.monotonic() < end, "the launcher was not started"
        time.sleep(0.05)
    assert (tmp_path / "called").read_text("utf-8").splitlines() == ["app", str(bundle)]
    if shutil.which("update-mime-database"):
        told = subprocess.run(
            ["gio", "info", "-a", "standard::content-type", bundle], env=environment, capture_output=True, text=True,
            check=True,
        ).stdout  # fmt: skip
        assert linux.MIME in told


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\n\r\t"), min_size=1), min_size=1))
def test_whatever_a_path_holds_the_entry_names_it(arguments: list[str]) -> None:
    entry = linux.entry(Command(tuple(arguments)))
    line = next(line for line in entry.split("\n") if line.startswith("Exec="))
    words = words_of(line.removeprefix("Exec="))
    assert words == [*(["env"] if "%" in arguments[0] else []), *arguments, "%f"]


def test_a_relative_data_folder_of_the_desktop_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert linux.share() == Path.home() / ".local" / "share"


# what is started


def test_a_named_launcher_comes_first_and_must_be_a_program(launcher: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LAUNCHER, str(launcher))
    assert command() == Command((str(launcher), "app"))
    monkeypatch.setenv(LAUNCHER, str(launcher.parent))
    with pytest.raises(ShortcutError, match="is not a program"):
        command()


def test_the_launcher_of_a_kit_is_found_beside_its_python(launcher: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LAUNCHER, raising=False)
    for prefix in (launcher.parent, launcher.parent / "env"):
        monkeypatch.setattr(sys, "prefix", str(prefix))
        assert command() == Command((str(launcher), "app"))


def test_a_checkout_is_started_with_its_own_python_and_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LAUNCHER, raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    found = command()
    assert found.arguments[1:] == ("-P", "-m", "steeliq", "app")
    shown = subprocess.run(
        [*found.arguments[:-1], "--version"], env={**os.environ, "PYTHONPATH": ""} | found.environment,
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr


# the other systems, as far as their files go


@pytest.mark.skipif(os.name == "nt", reason="there is no sh")
def test_the_bundle_for_macos_has_its_parts_and_its_script_starts_the_launcher(tmp_path: Path, launcher: Path) -> None:
    made = macos.files(Command((str(launcher), "app"), {"A": "it's"}), tmp_path)
    contents = tmp_path / "steeliq.app" / "Contents"
    properties = plistlib.loads(made[contents / "Info.plist"])
    assert contents / "MacOS" / properties["CFBundleExecutable"] in made
    assert contents / "Resources" / f"{properties['CFBundleIconFile']}.icns" in made
    assert made[contents / "Resources" / "steeliq.icns"].startswith(b"icns")
    script = made[contents / "MacOS" / "steeliq"].decode()
    subprocess.run(["/bin/sh", "-c", script], check=True)
    assert (tmp_path / "called").read_text("utf-8").splitlines() == ["app"]


def test_the_link_for_windows_names_program_arguments_and_icon() -> None:
    script = windows.script(WINDOWS_KIT, Path("Programs/steeliq.lnk"), Path("data/steeliq.ico"))
    assert r"$link.TargetPath = 'C:\Users\It''s me\steel iq\steeliq.exe'" in script
    assert "$link.Arguments = 'app'" in script
    assert "steeliq.ico,0'" in script
    assert script.splitlines()[0] == "$ErrorActionPreference = 'Stop'"
    with pytest.raises(ShortcutError, match="checkout"):
        windows.script(Command(("python",), {"PYTHONPATH": "x"}), Path("a.lnk"), Path("b.ico"))


def test_the_registry_for_windows_opens_files_with_the_launcher_and_is_left_clean() -> None:
    made = windows.values(WINDOWS_KIT, Path("steeliq.ico"))
    values = {key: text for key, _name, text in made}
    started = values[r"Software\Classes\steeliq.run\shell\open\command"]
    assert started == f'"{WINDOWS_KIT.program}" app "%1"'
    assert values[r"Software\Classes\.steeliq"] == "steeliq.run"
    keys = windows.keys_to_remove(made)
    assert keys[0] == r"Software\Classes\steeliq.run\shell\open\command"
    assert {r"Software\Classes\.steeliq", r"Software\Classes\steeliq.run", r"Software\Classes\steeliq.run\shell"} < set(
        keys
    )
    assert not {"Software", r"Software\Classes"} & set(keys)


# the icon


def test_the_drawn_icon_has_the_colours_of_the_svg_where_they_belong() -> None:
    svg = icon.svg().decode()
    image = Image.open(io.BytesIO(icon.png(128))).convert("RGBA")
    assert image.size == (128, 128)
    assert image.getpixel((0, 0)) == (0, 0, 0, 0)
    for at, colour in (((64, 72), "#f0a04b"), ((64, 36), "#f0a04b"), ((64, 20), "#1d1d1f"), ((64, 55), "#1d1d1f")):
        assert colour in svg
        assert image.getpixel(at) == (*bytes.fromhex(colour[1:]), 255), at


def test_the_icon_for_windows_holds_every_size() -> None:
    sizes = Image.open(io.BytesIO(icon.ico())).info["sizes"]
    assert sizes == {(size, size) for size in icon.SIZES}
