"""What stops the building of a kit: a changed package, a false hash, a lost file, an unpinned channel."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from scripts.kit.files import sha256_of
from scripts.kit.ledger import LEDGER, verify_channel
from scripts.kit.limits import check_tree
from scripts.kit.locks import Pin, read_lock
from scripts.kit.pack import check_complete
from scripts.kit.recipe import Limits, read_recipe
from scripts.kit.refusal import Refused
from scripts.kit.wheelhouse import checked
from steeliq import __version__
from tests.web.live import ROOT

PYTHON = "3.13.0"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A wheel of one file."""
    path = tmp_path / "house" / "thing-1.0-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("thing.py", "x = 1\n")
    return path


def lock(tmp_path: Path, digest: str) -> dict[str, Pin]:
    path = tmp_path / "some.lock"
    path.write_text(f"thing==1.0 \\\n    --hash=sha256:{digest}\nother==2.0 ; sys_platform == 'win32' \\\n"
                    f"    --hash=sha256:{'0' * 64}\n")  # fmt: skip
    return read_lock(path, PYTHON)


def test_a_wheel_that_the_lock_allows_passes(wheel: Path, tmp_path: Path) -> None:
    assert checked(wheel.parent, lock(tmp_path, sha256_of(wheel))) == {"thing": wheel}


def test_a_flipped_byte_in_a_wheel_is_refused(wheel: Path, tmp_path: Path) -> None:
    pins = lock(tmp_path, sha256_of(wheel))
    content = bytearray(wheel.read_bytes())
    content[40] ^= 1
    wheel.write_bytes(content)
    with pytest.raises(Refused, match=r"thing-1\.0-py3-none-any\.whl: its SHA-256 .* is none of those that the lock"):
        checked(wheel.parent, pins)


def test_a_false_hash_in_the_lock_is_refused(wheel: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is none of those that the lock allows for thing"):
        checked(wheel.parent, lock(tmp_path, "f" * 64))


def test_a_missing_wheel_is_named(wheel: Path, tmp_path: Path) -> None:
    pins = lock(tmp_path, sha256_of(wheel))
    wheel.unlink()
    with pytest.raises(Refused, match=r"there is no wheel for thing 1\.0"):
        checked(wheel.parent, pins)


@pytest.mark.parametrize("text", ["thing==1.0\n", "thing>=1.0\n", "thing @ file:///x\n"])
def test_a_lock_that_pins_nothing_by_hash_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "some.lock").write_text(text)
    with pytest.raises(Refused, match="run scripts/lock"):
        read_lock(tmp_path / "some.lock", PYTHON)


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    """A channel of two packages with its ledger."""
    for name in ("linux-64/a-1-0.conda", "noarch/b-1-0.conda"):
        path = tmp_path / "channel" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode())
    ledger = {
        name: hashlib.sha256(name.encode()).hexdigest() for name in ("linux-64/a-1-0.conda", "noarch/b-1-0.conda")
    }
    (tmp_path / "channel" / LEDGER).write_text(json.dumps(ledger))
    assert verify_channel(tmp_path / "channel") == ledger
    return tmp_path / "channel"


def test_a_package_of_the_channel_that_was_changed_is_refused(channel: Path) -> None:
    (channel / "noarch" / "b-1-0.conda").write_bytes(b"noarch/b-1-0.condb")
    with pytest.raises(Refused, match=r"b-1-0\.conda: its SHA-256 is"):
        verify_channel(channel)


def test_a_package_of_the_channel_that_is_missing_or_too_many_is_refused(channel: Path) -> None:
    (channel / "linux-64" / "c-1-0.conda").write_bytes(b"c")
    with pytest.raises(Refused, match="does not name"):
        verify_channel(channel)
    (channel / "linux-64" / "c-1-0.conda").unlink()
    (channel / "linux-64" / "a-1-0.conda").unlink()
    with pytest.raises(Refused, match="missing"):
        verify_channel(channel)


@pytest.fixture
def packed(tmp_path: Path) -> tuple[Path, Path]:
    """An environment of one package, and its copy."""
    for root in ("prefix", "tree"):
        (tmp_path / root / "lib").mkdir(parents=True)
        (tmp_path / root / "lib" / "x.py").write_text("x = 1\n")
    meta = tmp_path / "prefix" / "conda-meta"
    meta.mkdir()
    (meta / "x.json").write_text(json.dumps({"name": "x", "files": ["lib/x.py", "lib/x.pyc"]}))
    check_complete(tmp_path / "prefix", tmp_path / "tree")
    return tmp_path / "prefix", tmp_path / "tree"


def test_a_tree_from_which_a_file_is_missing_is_refused(packed: tuple[Path, Path]) -> None:
    (packed[1] / "lib" / "x.py").unlink()
    with pytest.raises(Refused, match=r"first lib/x\.py of x"):
        check_complete(*packed)


def test_a_tree_with_another_content_is_refused(packed: tuple[Path, Path]) -> None:
    (packed[1] / "lib" / "x.py").write_text("x = 2\n")
    with pytest.raises(Refused, match=r"first lib/x\.py of x"):
        check_complete(*packed)


def test_a_file_of_two_packages_is_refused(packed: tuple[Path, Path]) -> None:
    (packed[0] / "conda-meta" / "y.json").write_text(json.dumps({"name": "y", "files": ["lib/x.py"]}))
    with pytest.raises(Refused, match=r"both x and y bring this file"):
        check_complete(*packed)


def test_a_file_that_was_pushed_aside_is_refused(packed: tuple[Path, Path]) -> None:
    (packed[1] / "__clobbers__").mkdir()
    (packed[1] / "__clobbers__" / "x.py").write_text("")
    with pytest.raises(Refused, match="two packages bring the same file"):
        check_complete(*packed)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("lib/libGL.so.1", b"", "must come from the host"),
        ("lib/libstdc++.so.6", b"", "must come from the host"),
        ("lib/notes.txt", b"made in /somewhere/here/x", "a folder of this machine"),
        ("lib/" + "x" * 60, b"", "64 characters, more than 40"),
        ("lib/new.so", b"\x7fELF" + b"\0" * 12 + b"\x03\0" + b"\0GLIBC_2.99\0", "needs glibc 2.99"),
    ],
)
def test_what_must_not_be_in_a_kit_is_named(name: str, content: bytes, told: str, tmp_path: Path) -> None:
    limits = Limits(compressed_mb=1, files=3, path=40)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "fine.py").write_bytes(b"x = 1")
    check_tree(tmp_path, read_recipe(), limits, [Path("/somewhere/here")])
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused, match=told):
        check_tree(tmp_path, read_recipe(), limits, [Path("/somewhere/here")])


def test_too_many_files_and_a_link_to_elsewhere_are_named(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.py").write_text("")
    (tmp_path / "link").symlink_to("/usr/bin/true")
    with pytest.raises(Refused) as refused:
        check_tree(tmp_path, read_recipe(), Limits(compressed_mb=1, files=3, path=40), [])
    assert "5 files, more than 3" in str(refused.value)
    assert "link is a link to /usr/bin/true" in str(refused.value)


def test_nothing_is_built_from_a_channel_that_is_not_pinned(tools: Path) -> None:
    assert not (ROOT / "env" / "conda-linux-64.json").exists(), "there is a lock now: test building by it"
    done = subprocess.run(
        [tools, "-P", "-m", "scripts.kit.build", "--channel", "conda-forge"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "there is no env/conda-linux-64.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_environment_file_asks_for_exactly_what_the_lock_pins() -> None:
    recipe = read_recipe()
    text = (ROOT / "environment.yml").read_text("utf-8")
    asked = dict(re.findall(r"^  - ([\w.-]+)=([\w.]+)$", text, re.MULTILINE))
    pins = {
        recipe.conda_name(pin.name): pin.version for pin in read_lock(ROOT / "env" / "runtime.lock", PYTHON).values()
    }
    assert asked == pins | {"python": "3.13", "steeliq": __version__}
    assert re.findall(r"^  - (\S+)$", text.partition("dependencies:")[0], re.MULTILINE) == [
        "./dist/channel",
        "conda-forge",
    ]


def test_the_locks_agree_with_each_other() -> None:
    runtime, window, dev = (read_lock(ROOT / "env" / f"{name}.lock", PYTHON) for name in ("runtime", "window", "dev"))
    for name, pin in runtime.items():
        assert window[name].version == dev[name].version == pin.version
