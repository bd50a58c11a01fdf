"""The flake: evaluated and built by Nix against a stand-in for nixpkgs (tests/nix/stub), its wheel and kit compared.

What this shows: the flake is sound, builds from env/wheels.json and the tree alone, in a sandbox without network where
the machine allows one, and gives the same bytes again. What it cannot show is how nixpkgs' own Python behaves.
"""

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from scripts.kit.wheel_list import entries
from steeliq import __version__
from tests.web.live import ROOT

SYSTEM = "x86_64-linux"
SEEN = ("/bin", "/usr", "/lib64/ld-linux-x86-64.so.2", "/etc/ssl/certs", "/var/lib/dpkg")
"""What the stand-in for nixpkgs takes from this machine."""


class Flake:
    """A copy of this checkout's files as a flake, beside the stand-in that knows where Python and the wheels are."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.tree, self.stub, self.home = folder / "tree", folder / "stub", folder / "home"
        self.home.mkdir(parents=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.tree / name)
        shutil.copytree(ROOT / "tests" / "nix" / "stub", self.stub)
        machine = {"python": sys.base_prefix, "wheels": str(wheels)}
        (self.stub / "machine.json").write_text(json.dumps(machine), "utf-8")
        seen = [path for path in (*SEEN, sys.base_prefix, str(wheels)) if Path(path).exists()]
        self.settings = "\n".join([
            "experimental-features = nix-command flakes",
            "build-users-group =",
            "substituters =",
            "flake-registry =",
            "sandbox = true",  # where it can be had; else Nix builds without
            f"extra-sandbox-paths = {' '.join(seen)}",
        ])  # fmt: skip

    def nix(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["nix", *words, "--override-input", "nixpkgs", f"path:{self.stub}", "--no-write-lock-file"],
            cwd=self.home, env=os.environ | {"HOME": str(self.home), "NIX_CONFIG": self.settings},
            check=False, capture_output=True, text=True,
        )  # fmt: skip

    def build(self, output: str, *options: str) -> Path:
        """The folder that Nix made."""
        link = self.home / output
        done = self.nix("build", f"path:{self.tree}#{output}", "--print-build-logs", "--out-link", str(link), *options)
        assert done.returncode == 0, done.stderr[-4000:]
        return link.resolve()


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file of env/wheels.json, which is as pip chooses them today."""
    by_purpose, flat = tmp_path_factory.mktemp("by-purpose"), tmp_path_factory.mktemp("wheels")
    assert entries(by_purpose) == json.loads((ROOT / "env" / "wheels.json").read_text("utf-8")), "run scripts/lock"
    for wheel in by_purpose.rglob("*.whl"):
        wheel.replace(flat / wheel.name)
    return flat


@pytest.fixture(scope="module")
def flake(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Flake:
    if os.geteuid() != 0:
        pytest.skip("only root can let Nix build over this machine's own tools")
    if shutil.which("nix") is None:
        if shutil.which("apt-get") is None:
            pytest.skip("there is no 'nix' on the PATH; install it (Debian: apt install nix-bin)")
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nix-bin"],
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return Flake(tmp_path_factory.mktemp("flake"), wheels)


def files(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below a folder."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_input_is_locked_to_one_revision_by_its_hash() -> None:
    node = json.loads((ROOT / "flake.lock").read_text("utf-8"))["nodes"]["nixpkgs"]
    original = node["original"]
    assert f'"github:{original["owner"]}/{original["repo"]}/{original["ref"]}"' in (ROOT / "flake.nix").read_text(
        "utf-8"
    )
    assert len(node["locked"]["rev"]) == 40
    assert node["locked"]["narHash"].startswith("sha256-")


def test_the_flake_offers_app_wheel_kit_shell_and_checks(flake: Flake) -> None:
    done = flake.nix("flake", "show", "--json", f"path:{flake.tree}")
    assert done.returncode == 0, done.stderr
    offered = {kind: set(of[SYSTEM]) for kind, of in json.loads(done.stdout).items()}
    assert offered == {
        "packages": {"default", "wheel", "kit"},
        "apps": {"default"},
        "devShells": {"default"},
        "checks": {"app", "kit", "tests"},
    }


def test_a_wheel_with_another_hash_is_refused(flake: Flake, tmp_path: Path) -> None:
    changed = tmp_path / "tree"
    shutil.copytree(flake.tree, changed)
    listed = json.loads((changed / "env" / "wheels.json").read_text("utf-8"))
    wheel = next(one for one in listed if one["pname"] == "hatchling")
    wheel["hash"] = f"sha256-{'A' * 43}="
    (changed / "env" / "wheels.json").write_text(json.dumps(listed), "utf-8")
    done = flake.nix("build", f"path:{changed}#wheel", "--no-link")
    assert done.returncode != 0
    assert "hash mismatch" in done.stderr
    assert wheel["name"] in done.stderr


def test_the_wheel_is_the_same_again_and_outside_of_nix(flake: Flake, tools: Path, tmp_path: Path) -> None:
    made = files(flake.build("wheel"))
    assert list(made) == [f"steeliq-{__version__}-py3-none-any.whl"]
    flake.build("wheel", "--rebuild")  # fails if any byte differs
    subprocess.run(
        [tools, "-P", "-m", "scripts.kit.wheel", "--out", tmp_path],
        cwd=flake.tree, env=os.environ | {"PYTHONPATH": str(flake.tree)}, check=True,
    )  # fmt: skip
    assert files(tmp_path) == made


def test_the_app_that_nix_builds_gives_the_same_tables(flake: Flake, tmp_path: Path) -> None:
    app = flake.build("default")
    words = ["run", "reference", "--years", "2025-2026", "--out"]
    here = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "STEELIQ_HOME": str(tmp_path / "home")}
    for command, folder in (
        ([str(app / "bin" / "steeliq")], "by-nix"),
        ([sys.executable, "-P", "-m", "steeliq"], "here"),
    ):
        done = subprocess.run(
            [*command, *words, tmp_path / folder], env=here, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    tables = files(tmp_path / "here" / "tables")
    assert tables
    assert files(tmp_path / "by-nix" / "tables") == tables


def test_the_kit_that_nix_builds_has_the_bytes_of_the_one_that_the_script_builds(flake: Flake, archive: Path) -> None:
    stem = f"steeliq-{__version__}-linux-64"
    if archive.name != f"{stem}.tar.zst":
        pytest.skip(f"the flake builds the small kit of this version, and this one is {archive.name}")
    by_nix = files(flake.build("kit"))
    assert by_nix == {
        name: sha256((archive.parent / name).read_bytes()).hexdigest()
        for name in (f"{stem}.cdx.json", f"{stem}.sha256", f"{stem}.tar.zst")
    }


def test_the_checks_of_the_flake_pass(flake: Flake) -> None:
    done = flake.nix("flake", "check", "--print-build-logs", f"path:{flake.tree}")
    assert done.returncode == 0, done.stderr[-4000:]
