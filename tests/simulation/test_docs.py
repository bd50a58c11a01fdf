"""The documentation says what the code does: generated pages are current, every command and setting is in them."""

import re
from pathlib import Path

import pytest

from scripts.write_docs import command_names, pages
from steeliq.simulation.scenario.problems import settings_of

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("page", [path.name for path in pages()])
def test_a_generated_page_is_current(page: str) -> None:
    wanted = next(text for path, text in pages().items() if path.name == page)
    assert (ROOT / "docs" / page).read_text("utf-8") == wanted, "run scripts/docs"


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for words in command_names():
        assert f"\n## {' '.join(('steeliq', *words))}\n" in text


def test_every_setting_of_a_scenario_is_documented() -> None:
    text = (ROOT / "docs" / "scenario.md").read_text("utf-8")
    for name in settings_of():
        assert f"| `{name}` |" in text


@pytest.mark.parametrize(
    "page", sorted(str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
)
def test_a_page_links_only_to_files_that_exist(page: str) -> None:
    file = ROOT / page
    for target in LINK.findall(file.read_text("utf-8")):
        assert target.startswith("http") or (file.parent / target).exists(), target


def test_every_room_of_the_package_is_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = [path.parent for path in (ROOT / "steeliq").rglob("__init__.py") if "results/report" not in path.as_posix()]
    for room in rooms:
        assert f"`{room.relative_to(ROOT).as_posix()}/`" in text
    for module in (ROOT / "steeliq" / "simulation").glob("*.py"):
        assert module.name == "__init__.py" or f"`{module.name}`" in text


def test_every_script_has_help_and_is_named_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for script in sorted((ROOT / "scripts").iterdir()):
        if script.is_file() and not script.suffix:
            assert "--help" in script.read_text("utf-8") or "argparse" in script.read_text("utf-8")
            assert f"`scripts/{script.name}" in readme
