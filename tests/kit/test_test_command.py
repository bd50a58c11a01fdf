"""The test command's own answer: an exit code that says what the checks said."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ("python", "ruff", "mypy", "lint-imports")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout of nothing but the command, with checks that all pass at once."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "test", tmp_path / "scripts" / "test")
    for name in ("setup", "build-kit"):
        answer(tmp_path / "scripts" / name, 'echo "0  kit.tar.zst"')
    for name in CHECKS:
        answer(tmp_path / ".venv" / "bin" / name, "true")
    return tmp_path


def answer(path: Path, text: str) -> None:
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(0o755)


def ask(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run it where no kit is at hand yet, so that it builds one."""
    there = {name: value for name, value in os.environ.items() if name != "STEELIQ_KIT"}
    return subprocess.run([tree / "scripts" / "test"], env=there, capture_output=True, text=True, check=False)


def test_it_succeeds_when_every_check_does(tree: Path) -> None:
    told = ask(tree)
    assert told.stdout.endswith("All checks passed.\n")
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("name", CHECKS)
def test_one_check_that_fails_makes_it_fail(tree: Path, name: str) -> None:
    answer(tree / ".venv" / "bin" / name, "exit 1")
    told = ask(tree)
    assert told.returncode == 1
    assert "FAILED: " in told.stderr
    assert "All checks passed." not in told.stdout


def test_a_kit_that_cannot_be_built_makes_it_fail(tree: Path) -> None:
    answer(tree / "scripts" / "build-kit", "exit 7")
    told = ask(tree)
    assert told.returncode == 7
    assert "All checks passed." not in told.stdout
