"""The kit puts itself in place from its own archive, as somebody who may not write where it lies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kit.conftest import Kit, home_for


@pytest.fixture(scope="session")
def carried(archive: Path, places: Path) -> Path:
    """The archive and its sum where somebody can read them."""
    folder = places / "carried here"
    folder.mkdir()
    shutil.copy(archive.with_name(archive.name.removesuffix(".tar.zst") + ".sha256"), folder)
    return Path(shutil.copy(archive, folder))


def test_it_is_put_into_a_folder_of_ones_own_without_a_network_and_starts_there(
    kit: Kit, carried: Path, places: Path
) -> None:
    home = home_for(places / "home of update")
    mine = Kit(kit.folder, home)
    here = mine.start("update", "--from", str(carried))
    assert here.returncode == 2
    assert "you may not write there" in here.stderr
    assert "--to FOLDER" in here.stderr

    done = mine.start("update", "--from", str(carried), "--to", str(home / "my kits"), alone=True)
    assert done.returncode == 0, done.stderr
    assert not (home / "data").exists(), "the user's data folder was touched"
    launcher = str(home / "my kits" / "steeliq")
    assert mine.start("--version", by=[launcher]).stdout == kit.start("--version").stdout
    again = mine.start("update", "--from", str(carried), by=[launcher])
    assert "is the one in use already, and whole" in again.stdout, again.stderr


def test_an_archive_with_a_flipped_byte_is_refused_by_its_sum(kit: Kit, carried: Path, places: Path) -> None:
    flipped = places / "flipped" / carried.name
    flipped.parent.mkdir()
    whole = bytearray(carried.read_bytes())
    whole[len(whole) // 2] ^= 1
    flipped.write_bytes(whole)
    shutil.copy(carried.with_name(carried.name.removesuffix(".tar.zst") + ".sha256"), flipped.parent)
    home = home_for(places / "home of flipped")
    done = Kit(kit.folder, home).start("update", "--from", str(flipped), "--to", str(home / "kits"))
    assert done.returncode == 2
    assert "damaged, or not the archive that was published" in done.stderr
    assert [path.name for path in (home / "kits").iterdir()] == [".steeliq-update.lock"]
