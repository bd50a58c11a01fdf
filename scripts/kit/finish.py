"""From an environment to a kit: what a person meets at its top, static files, bytecode, licences, the list of files."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
from pathlib import Path

from scripts.kit.files import entries, remove_empty_folders
from scripts.kit.interpreter import Interpreter
from scripts.kit.recipe import ROOT, matches
from scripts.kit.refusal import Refused

TEMPLATES = ROOT / "env" / "launcher"
IMPORTED = Path(__file__).with_name("imported.py")
PLATFORM = "linux-x86_64"


def put_launchers(tree: Path, words: dict[str, str]) -> None:
    """The launcher, its desktop file, a page to read, the licence and the lock, at the top of the kit."""
    for name in ("steeliq", "steeliq.desktop"):
        shutil.copyfile(TEMPLATES / name, tree / name)
        (tree / name).chmod(0o755)
    text = (TEMPLATES / "README.txt").read_text("utf-8")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    (tree / "README.txt").write_text(text, "utf-8")
    shutil.copyfile(ROOT / "LICENSE", tree / "LICENSE")
    shutil.copyfile(ROOT / "env" / "runtime.lock", tree / "runtime.lock")  # where the doctor looks


def collect_static_files(tree: Path, interpreter: Interpreter, home: Path) -> None:
    """Let the kit's own Django put its static files in one folder, under names that tell their content."""
    collected = tree / interpreter.library / "site-packages" / "steeliq" / "webui" / "collected"
    shutil.rmtree(collected, ignore_errors=True)
    collected.mkdir()
    script = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'steeliq.webui.settings'; import django; django.setup(); "
        "from django.core.management import call_command; call_command('collectstatic', interactive=False, verbosity=0)"
    )
    run_inside(tree, "-c", script, home=home)
    listed = collected / "staticfiles.json"
    if not listed.is_file():
        raise Refused(f"{collected}: the static files were not collected there")
    for name, hashed in json.loads(listed.read_text("utf-8"))["paths"].items():
        if hashed != name:  # nobody asks for it by this name
            (collected / name).unlink(missing_ok=True)
    for packaged in (tree / interpreter.library / "site-packages" / "plotly").rglob("plotly*.js"):
        for copy in collected.rglob("plotly*.js"):
            if filecmp.cmp(packaged, copy, shallow=False):  # the same 5 MB once: reports are made of the package's
                copy.unlink()
                copy.symlink_to(packaged.relative_to(copy.parent, walk_up=True))


def compile_bytecode(
    tree: Path, interpreter: Interpreter, home: Path, longest: int, always: tuple[str, ...] = ("*",)
) -> None:
    """Compile what is imported, to bytecode that is never compared with its source (files of a kit bear no time).

    ``-B``: else Python itself would write bytecode that holds times for what it imports here. The few whose paths would
    be longer than ``longest`` characters do without, and so do modules that steeliq does not import, but for those of
    site-packages that fit ``always``.
    """
    for folder in sorted(tree.rglob("__pycache__")):
        shutil.rmtree(folder)
    run_inside(
        tree, "-m", "compileall", "-q", "-f", "-j0", "--invalidation-mode", "unchecked-hash",
        "-s", str(tree), "-p", "/", str(tree / interpreter.library), home=home,
    )  # fmt: skip
    imported = set(run_inside(tree, "-c", IMPORTED.read_text("utf-8"), home=home).splitlines())
    site = f"{interpreter.library}/site-packages/"
    for name, path in list(entries(tree)):
        if name.endswith(".pyc"):
            source = f"{name.partition('__pycache__/')[0]}{path.name.partition('.')[0]}.py"
            is_wanted = source in imported or (source.startswith(site) and matches(source.removeprefix(site), always))
            if len(name) > longest or not is_wanted:
                path.unlink()
    remove_empty_folders(tree)


def run_inside(tree: Path, *arguments: str, home: Path) -> str:
    """What the kit's own Python writes for these arguments; raises Refused if it fails."""
    done = subprocess.run(
        [tree / "bin" / "python3", "-s", "-B", "-P", *arguments],
        check=False, capture_output=True, text=True, cwd=home,
        env={"PATH": "", "HOME": str(home), "STEELIQ_HOME": str(home / "data"), "PYTHONHASHSEED": "0", "TZ": "UTC"},
    )  # fmt: skip
    if done.returncode:
        shown = " ".join(arguments)[:80]
        raise Refused(f"{tree}: its own Python failed at '{shown}':\n{(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def put_licences(tree: Path, interpreter: Interpreter) -> None:
    """``THIRD-PARTY.txt``: whose software is in the kit, under which licence, and where its text is."""
    lines = [
        "Software of others in this folder, each under its own licence. The texts lie at the places named below.",
        "",
    ]
    for path in sorted((tree / "conda-meta").glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        if record["name"] in {"steeliq", "python_abi"}:
            continue
        texts = [name for name in record["files"] if _is_licence(name) and (tree / name).is_file()]
        lines += [f"{record['name']} {record['version']}: {record.get('license') or 'see its metadata'}"]
        lines += [f"    {name}" for name in sorted(texts)]
    lines += ["", "Libraries that CPython uses, as the building machine's distribution ships them:"]
    folder = tree / "share" / "licenses"
    folder.mkdir(parents=True, exist_ok=True)
    for name, origin in sorted(interpreter.bundled.items()):
        text = _copyright_of(origin)
        lines += [f"lib/{name}"]
        if text is not None:
            target = folder / f"{name}.txt"
            shutil.copyfile(text, target)
            lines += [f"    {target.relative_to(tree).as_posix()}"]
    (tree / "THIRD-PARTY.txt").write_text("\n".join(lines) + "\n", "utf-8")


def _is_licence(name: str) -> bool:
    file = name.rpartition("/")[2].lower()
    if file.endswith((".py", ".pyc")):
        return False
    by_place = ".dist-info/licenses/" in name or name.startswith("share/licenses/")
    return by_place or file.startswith(("license", "licence", "copying", "notice", "copyright"))


def _copyright_of(library: Path) -> Path | None:
    """The copyright file of the Debian package that a library is from; None elsewhere."""
    asker = shutil.which("dpkg-query", path=os.defpath)
    if asker is None:
        return None
    for path in dict.fromkeys(
        (library, Path("/") / library.relative_to("/usr") if library.is_relative_to("/usr") else library)
    ):
        done = subprocess.run([asker, "-S", str(path)], check=False, capture_output=True, text=True)
        if done.returncode == 0:
            package = done.stdout.split(":", maxsplit=1)[0].split(",")[0].strip()
            text = Path("/usr/share/doc") / package / "copyright"
            return text if text.is_file() else None
    return None
