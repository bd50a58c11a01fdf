"""A kit's list of files: it finds every damage, names it, and is the same for the same tree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steeliq.desktop.kit_manifest import NAME, KitError, compare, read_manifest, write_manifest

CONTENTS = st.dictionaries(
    st.from_regex(r"[a-c]{1,2}(/[d-f é#]{1,2}){0,2}\.txt", fullmatch=True),
    st.binary(min_size=1, max_size=20),
    min_size=1,
)


def make_kit(root: Path) -> Path:
    (root / "bin").mkdir(parents=True)
    (root / "lib" / "é").mkdir(parents=True)
    (root / "bin" / "python3.13").write_bytes(b"python")
    (root / "bin" / "python").symlink_to("python3.13")
    (root / "lib" / "é" / "a.py").write_bytes(b"a = 1\n")
    (root / "lib64").symlink_to("lib")
    write_manifest(root, version="1.0", platform="linux-x86_64")
    return root


def damage(root: Path, *, full: bool = False) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    manifest = read_manifest(root)
    assert manifest is not None
    found = compare(root, manifest, full=full)
    return found.missing, found.changed, found.extra


@pytest.mark.parametrize("full", [False, True])
def test_a_kit_as_it_was_made_is_whole(tmp_path: Path, full: bool) -> None:
    root = make_kit(tmp_path / "kit ü")
    assert damage(root, full=full) == ((), (), ())
    assert sorted(json.loads((root / NAME).read_text("utf-8"))["links"]) == ["bin/python", "lib64"]


def test_missing_changed_and_extra_files_are_named(tmp_path: Path) -> None:
    root = make_kit(tmp_path)
    (root / "bin" / "python3.13").unlink()
    (root / "lib" / "é" / "a.py").write_bytes(b"a = 10\n")
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").symlink_to("elsewhere")
    (root / "note.txt").write_text("mine")
    (root / "lib" / "__pycache__").mkdir()
    (root / "lib" / "__pycache__" / "a.pyc").write_bytes(b"")
    (root / ".DS_Store").write_bytes(b"")

    assert damage(root) == (("bin/python3.13",), ("lib/é/a.py", "bin/python"), ("note.txt",))


def test_a_link_that_became_a_file_is_a_change(tmp_path: Path) -> None:
    root = make_kit(tmp_path)
    (root / "bin" / "python").unlink()
    (root / "bin" / "python").write_bytes(b"python")
    assert damage(root) == ((), ("bin/python",), ())


def test_a_change_of_the_same_size_is_found_when_contents_are_compared(tmp_path: Path) -> None:
    root = make_kit(tmp_path)
    (root / "lib" / "é" / "a.py").write_bytes(b"a = 2\n")
    assert damage(root) == ((), (), ())
    assert damage(root, full=True) == ((), ("lib/é/a.py",), ())


@settings(max_examples=25)
@given(contents=CONTENTS, at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes], at: int, bit: int
) -> None:
    root = tmp_path_factory.mktemp("kit")
    for name, content in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    write_manifest(root, version="1", platform="any")
    hurt = sorted(contents)[at % len(contents)]
    flipped = bytearray(contents[hurt])
    flipped[at % len(flipped)] ^= 1 << bit
    (root / hurt).write_bytes(flipped)

    assert damage(root, full=True) == ((), (hurt,), ())


def test_the_same_tree_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = make_kit(tmp_path / "a"), make_kit(tmp_path / "b")
    assert (first / NAME).read_bytes() == (second / NAME).read_bytes()


def test_what_is_no_kit_and_what_is_no_list_are_told_apart(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None
    for text in ("{", "[]", '{"format": 2, "files": {}}', '{"format": 1, "files": []}'):
        (tmp_path / NAME).write_text(text)
        with pytest.raises(KitError, match="unpack the archive again"):
            read_manifest(tmp_path)
