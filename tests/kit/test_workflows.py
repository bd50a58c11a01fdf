"""The workflows of GitHub, which cannot run here: their form, the scripts and options they call, each step that can."""

import json
import os
import re
import shutil
import subprocess
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from steeliq import __version__

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
NAMES = sorted(path.name for path in FOLDER.iterdir())
ACTIONS = {
    "actions/checkout",
    "actions/setup-python",
    "actions/upload-artifact",
    "actions/download-artifact",
    "actions/attest-build-provenance",
}


def read(name: str) -> dict[str, Any]:
    """A workflow with all scalars as text, so that ``on`` stays ``on``."""
    document: dict[str, Any] = yaml.load((FOLDER / name).read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 (texts only, which is safe)
    return document


def jobs(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(name)["jobs"]
    return found


def matrices(job: dict[str, Any]) -> list[dict[str, str]]:
    """The combinations a job runs with."""
    matrix = dict(job.get("strategy", {}).get("matrix", {}))
    more = matrix.pop("include", None)
    rows = [dict(zip(matrix, row, strict=True)) for row in product(*matrix.values())]
    return [row | extra for row in rows for extra in more or [{}]]


def commands() -> list[tuple[str, str, str]]:
    """Workflow, step and text of every command, with the matrix put in."""
    found = []
    for name in NAMES:
        for job in jobs(name).values():
            for row in matrices(job):
                for one in job.get("steps", []):
                    if "run" in one:
                        text = one["run"]
                        for key, value in row.items():
                            text = text.replace(f"${{{{ matrix.{key} }}}}", value)
                        found.append((name, one["name"], text))
    return found


def step(workflow: str, job: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in jobs(workflow)[job]["steps"] if one.get("name") == name)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_has_the_form_that_this_repository_allows(name: str) -> None:
    schema = json.loads((Path(__file__).parent / "workflow.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(read(name), schema, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("permissions:\n  contents: read\njobs", "jobs"),  # any token would do anything
        ("runs-on: ubuntu-24.04", "runs-on: ubuntu-latest"),
        ("timeout-minutes: 90\n", "\n"),
        ("run: .ci/run", "run: |\n          a\n          b"),
        ("uses: actions/checkout@v4", "uses: actions/checkout@main"),
        ("steps:", "stages:"),
    ],
)
def test_the_form_refuses_what_it_is_for(wrong: str, right: str) -> None:
    text = (FOLDER / "test.yml").read_text("utf-8")
    assert wrong in text
    schema = json.loads((Path(__file__).parent / "workflow.schema.json").read_text("utf-8"))
    changed = yaml.load(text.replace(wrong, right), Loader=yaml.BaseLoader)  # noqa: S506 (texts only, which is safe)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed, schema, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_refers_to_what_there_is(name: str) -> None:
    there = jobs(name)
    for job in there.values():
        assert job.get("needs", name) in {*there, name}
        if "uses" in job:
            assert "workflow_call" in read(Path(job["uses"]).name)["on"]
        for one in job.get("steps", []):
            assert one.get("uses", "actions/checkout@").rpartition("@")[0] in ACTIONS
        given = {key for row in matrices(job) for key in row}
        used = set(re.findall(r"matrix\.(\w+)", json.dumps(job)))
        assert used <= given


def test_every_push_is_tested_by_what_is_called_at_home() -> None:
    assert read("test.yml")["on"]["push"] == ""
    assert step("test.yml", "test", "Test")["run"] == ".ci/run"


def test_the_kits_of_three_platforms_are_in_the_matrix() -> None:
    built = {"linux-64" for row in matrices(jobs("kit.yml")["linux-64"]) if row["variant"] == "small"}
    built |= {row["platform"] for row in matrices(jobs("kit.yml")["others"])}
    assert built == {"linux-64", "win-64", "osx-arm64"}


def test_a_release_is_a_draft_with_its_provenance() -> None:
    draft = jobs("release.yml")["draft"]
    assert draft["needs"] == "kit"
    assert "--draft" in step("release.yml", "draft", "Draft")["run"]
    attested = [one["with"]["subject-path"] for one in draft["steps"] if "attest" in one.get("uses", "")]
    assert attested == ["dist/steeliq-*"]
    assert draft["permissions"] == {"contents": "write", "id-token": "write", "attestations": "write"}


@pytest.mark.parametrize(("workflow", "name", "text"), commands())
def test_a_step_is_shell_and_calls_scripts_with_options_they_have(workflow: str, name: str, text: str) -> None:
    subprocess.run(["bash", "-n"], input=text, text=True, check=True)
    words = text.split()
    if words[0] in {"git", "gh"}:
        return
    called = words[2:4] if words[0] == "python" else words[:1]
    command = ["python", "-P", *called] if words[0] == "python" else called
    program = ROOT / Path(words[3].replace(".", "/") + ".py" if words[0] == "python" else words[0])
    assert program.is_file()
    if words == [".ci/run"]:
        return
    bash = shutil.which("bash") or "bash"
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [bash, "-c", " ".join([*command, "--help"])],
        cwd=ROOT, env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for option in (word for word in words if word.startswith("--")):
        assert option in done.stdout


def test_the_checkout_is_trusted_for_this_user_only(tmp_path: Path) -> None:
    text = step("test.yml", "test", "Trust the checkout, whoever owns it")["run"]
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GITHUB_WORKSPACE": "/some/where"}
    subprocess.run(["bash", "-eo", "pipefail", "-c", text], env=variables, check=True)
    assert "directory = /some/where" in (tmp_path / ".gitconfig").read_text("utf-8")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A checkout with a dated changelog and a folder of finished kits, as the draft's job finds them."""
    checkout = tmp_path / "checkout"
    for name in ("scripts/__init__.py", "scripts/kit", "steeliq/__init__.py", "CHANGELOG.md"):
        source, target = ROOT / name, checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    changelog = checkout / "CHANGELOG.md"
    text = re.sub(
        rf"^## {re.escape(__version__)} \(.*\)$",
        f"## {__version__} (2026-03-04)",
        changelog.read_text("utf-8"),
        flags=re.MULTILINE,
    )
    changelog.write_text(text, "utf-8")
    dist = checkout / "dist"
    dist.mkdir()
    archive = dist / f"steeliq-{__version__}-linux-64.tar.zst"
    archive.write_bytes(b"a kit")
    digest = sha256(b"a kit").hexdigest()
    stem = f"steeliq-{__version__}-linux-64"
    (dist / f"{stem}.sha256").write_text(f"{digest}  {archive.name}\n{'0' * 64}  {stem}.tar\n", "utf-8")
    parts = {"metadata": {"component": {"hashes": [{"alg": "SHA-256", "content": digest}]}}}
    (dist / f"{stem}.cdx.json").write_text(json.dumps(parts), "utf-8")
    return checkout


def run_step(name: str, checkout: Path, tag: str = f"v{__version__}") -> subprocess.CompletedProcess[str]:
    """A step of the draft's job in this checkout, as GitHub would start it; ``gh`` writes down what it is asked."""
    tools = checkout / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > asked\n', "utf-8")
    (tools / "gh").chmod(0o755)
    path = os.pathsep.join([str(tools), str(ROOT / ".venv" / "bin"), os.environ["PATH"]])
    variables = {"PATH": path, "GITHUB_REF_NAME": tag, "PYTHONPATH": str(checkout)}
    text = step("release.yml", "draft", name)["run"]
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", text],
        cwd=checkout,
        env=variables,
        check=False,
        capture_output=True,
        text=True,
    )


CHECK = "Check tag, checksums and parts lists; take the notes from the changelog"


def test_the_steps_of_a_release_run(release: Path) -> None:
    done = run_step(CHECK, release)
    assert done.returncode == 0, done.stderr
    assert (release / "notes.md").read_text("utf-8").startswith("### Changes results")
    assert run_step("Draft", release).returncode == 0
    asked = (release / "asked").read_text("utf-8").splitlines()
    assert asked[:4] == ["release", "create", f"v{__version__}", "--draft"]
    assert {f"dist/steeliq-{__version__}-linux-64{end}" for end in (".tar.zst", ".sha256", ".cdx.json")} <= set(asked)


def test_a_wrong_tag_an_undated_changelog_and_a_missing_kit_stop_a_release(release: Path) -> None:
    for path in (release / "dist").iterdir():
        path.unlink()
    shutil.copyfile(ROOT / "CHANGELOG.md", release / "CHANGELOG.md")
    if "(unreleased)" not in (release / "CHANGELOG.md").read_text("utf-8"):
        (release / "CHANGELOG.md").write_text("", "utf-8")
    done = run_step(CHECK, release, tag="v9.9.9")
    assert done.returncode == 3
    for words in ("the tag is v9.9.9", "has no section", "there is no steeliq-"):
        assert words in done.stderr


@pytest.mark.parametrize(
    ("suffix", "content", "words"),
    [
        (".tar.zst", "another kit", "which is what the archive has"),
        (".sha256", "", "which is what the archive has"),
        (".cdx.json", "{}", "no list of parts"),
        (
            ".cdx.json",
            '{"metadata": {"component": {"hashes": [{"content": "abc"}]}}}',
            "about an archive with the hash",
        ),
    ],
)
def test_files_that_are_not_about_the_same_bytes_stop_a_release(
    release: Path, suffix: str, content: str, words: str
) -> None:
    (release / "dist" / f"steeliq-{__version__}-linux-64{suffix}").write_text(content, "utf-8")
    done = run_step(CHECK, release)
    assert done.returncode == 3
    assert words in done.stderr
