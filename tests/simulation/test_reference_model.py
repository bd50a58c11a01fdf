"""docs/reference-model.md: every capability has a row, and its modules, settings and tests exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.problems import settings_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference-model.md").read_text("utf-8")
CAPABILITY = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)
DEFECT = re.compile(r"^\| (D\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"\[`(test_\w+)`\]\(\.\./(tests/[\w/]+\.py)\)")
MODULE = re.compile(r"`([\w/]+\.py|scripts/\w+)`")
SETTING = re.compile(rf"`((?:{'|'.join(Scenario.model_fields)})\.\w+(?:\.\w+)?)`")
DEFECTS = 16  # of section 14 of the model's specification


def test_every_capability_has_one_row_with_a_verdict_on_both_models() -> None:
    rows = CAPABILITY.findall(PAGE)
    assert sorted(int(number) for number, *_ in rows) == list(range(1, 104))
    for number, _, theirs, ours, where in rows:
        assert re.fullmatch(r"(works|caveat)(, offline)?|no effect|legacy", theirs), number
        assert ours in {"yes", "differently", "no"}, number
        assert ours != "yes" or MODULE.search(where) or SETTING.search(where), f"{number} names no place"


def test_the_rows_are_counted_right() -> None:
    told = re.search(
        r"Of the 103 rows below (\d+) say \*yes\*, (\d+) \*differently\*, (\d+) \*no\*", " ".join(PAGE.split())
    )
    assert told
    verdicts = [ours for _, _, _, ours, _ in CAPABILITY.findall(PAGE)]
    assert [int(count) for count in told.groups()] == [verdicts.count(word) for word in ("yes", "differently", "no")]


@pytest.mark.parametrize("module", sorted(set(MODULE.findall(PAGE))))
def test_every_module_of_the_page_exists(module: str) -> None:
    places = (ROOT, ROOT / "steeliq" / "simulation")
    assert any((place / module).is_file() for place in places), module


def test_every_setting_of_the_page_exists() -> None:
    found = set(SETTING.findall(PAGE))
    assert found
    assert found <= set(settings_of())


def test_every_defect_names_tests_that_exist() -> None:
    rows = DEFECT.findall(PAGE)
    assert [number for number, _, _ in rows] == [f"D{number}" for number in range(1, DEFECTS + 1)]
    for number, _, tests in rows:
        named = TEST.findall(tests)
        assert named, f"{number} names no test"
        for name, file in named:
            tree = ast.parse((ROOT / file).read_text("utf-8"))
            names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert name in names, f"{number}: {file} has no test {name}"
