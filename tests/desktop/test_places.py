"""Where the data lie: full disks, folders without access, synced folders, network drives."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from django.db import connection

from steeliq.errors import RunError
from steeliq.places import NETWORK, mount_of, network_kind, synced_by
from steeliq.webui.core.backups import back_up, backups, fault_of
from steeliq.webui.core.database import bring_up_to_date
from steeliq.webui.core.notices import told
from steeliq.webui.core.places import NEEDED, check_place
from tests.desktop.conftest import NOW, forget_notices
from tests.web.live import ROOT

MOUNTS = [
    ("/", "ext4"),
    ("/run", "tmpfs"),
    ("/home", "nfs4"),
    ("/home/mine", "ext4"),
    ("/mnt/my share", "cifs"),
    ("/mnt/ssh", "fuse.sshfs"),
]


@contextmanager
def disk(place: Path, size: str) -> Iterator[Path]:
    """A small disk; needs root."""
    place.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("NOT TESTED: a full disk and a read-only disk need a user who may mount one (root)")
    try:
        yield place
    finally:
        connection.close()
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/data", "nfs4"),
        ("/home/mine/data", "ext4"),
        ("/mnt/my share/steeliq", "cifs"),
        ("/mnt/ssh", "fuse.sshfs"),
        ("/mnt/sshd/steeliq", "ext4"),
        ("/var/lib", "ext4"),
    ],
)
def test_a_network_drive_is_known_by_its_mount(path: str, kind: str) -> None:
    assert mount_of(Path(path), MOUNTS)[1] == kind
    assert (kind in NETWORK) == (kind != "ext4")


@pytest.mark.parametrize(
    ("path", "program"),
    [
        (PureWindowsPath(r"C:\Users\me\OneDrive - University\steeliq"), "OneDrive"),
        (PureWindowsPath(r"C:\Users\me\OneDrive\steeliq"), "OneDrive"),
        (PurePosixPath("/home/me/Dropbox/steeliq"), "Dropbox"),
        (PurePosixPath("/home/me/Dropbox (Personal)/steeliq"), "Dropbox"),
        (PurePosixPath("/Users/me/Library/Mobile Documents/com~apple~CloudDocs/steeliq"), "iCloud Drive"),
        (PurePosixPath("/Users/me/Library/CloudStorage/GoogleDrive-me/My Drive/steeliq"), "Google Drive"),
        (PurePosixPath("/home/me/.local/share/steeliq"), ""),
        (PurePosixPath("/home/me/dropbox-test-results/steeliq"), ""),
    ],
)
def test_a_synced_folder_is_known_by_its_name(path: PureWindowsPath | PurePosixPath, program: str) -> None:
    assert synced_by(path) == program


def test_a_share_is_a_network_drive() -> None:
    assert network_kind(Path(r"\\server\share\steeliq"))


def test_a_synced_folder_is_told_at_the_first_start_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "Dropbox"
    monkeypatch.setitem(connection.settings_dict, "NAME", home / "steeliq.sqlite3")
    forget_notices()
    bring_up_to_date(NOW)
    assert any("Dropbox" in text and "STEELIQ_HOME" in text for text in told())
    forget_notices()
    bring_up_to_date(NOW)
    assert told() == []
    connection.close()


def test_a_place_that_is_no_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot write here"):
        check_place(tmp_path / "file" / "home")
    check_place(tmp_path / "new" / "home")
    assert list((tmp_path / "new" / "home").iterdir()) == [], "the trial leaves nothing"


def test_a_read_only_data_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "100m") as place:
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        answer = subprocess.run(
            [sys.executable, "-P", "-m", "steeliq", "serve", "--no-browser"],
            env=os.environ | {"STEELIQ_HOME": str(place), "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
    assert answer.returncode == 2
    assert "cannot write here (read-only file system)" in answer.stderr
    assert "STEELIQ_HOME" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_disk_that_is_too_small_says_how_much_is_needed_and_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with disk(tmp_path / "disk", "20m") as place:
        monkeypatch.setitem(connection.settings_dict, "NAME", place / "steeliq.sqlite3")
        with pytest.raises(RunError, match=rf"needs at least {NEEDED // 10**6} MB here, but 2\d MB are free"):
            bring_up_to_date(NOW)
        assert list(place.iterdir()) == []


def test_at_whatever_size_a_disk_fills_up_nothing_is_half_written(
    folder: Path, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = fresh.read_bytes()
    # Nothing is asked beforehand, so that the disk is full in the middle of writing.
    monkeypatch.setattr("steeliq.webui.core.places.NEEDED", -(10**9))
    monkeypatch.setattr("steeliq.webui.core.backups.SPARE", -(10**9))
    ends = set()
    for pages in range(50):
        with disk(folder / "disk", f"{(len(content) + 4096 * pages) // 1024 + 4}k") as place:
            path = place / "steeliq.sqlite3"
            path.write_bytes(content)
            monkeypatch.setitem(connection.settings_dict, "NAME", path)
            forget_notices()
            try:
                bring_up_to_date(NOW)
                connection.close()
                back_up(path, "asked", NOW)
                ends.add("well")
            except (RunError, OSError) as error:
                ends.add("refused")
                told_as = str(error)
                assert str(place) in told_as, told_as
            connection.close()
            for left in place.glob("steeliq*"):  # with its log, to where there is room to look at it
                shutil.copy(left, folder)
            assert fault_of(folder / path.name) == ""
            assert all(fault_of(one.path) == "" for one in backups(path))
            assert not list(place.rglob("*.partial*"))
    assert ends == {"well", "refused"}
