"""Decisions in words: the sentences say what the tables hold, and nothing is left unexplained."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from steeliq.simulation.agents.decide import Choices
from steeliq.simulation.results.explanations import (
    NO_CHANGE,
    PARTS,
    TABLES,
    Explanation,
    document,
    explain,
    find_groups,
)
from steeliq.simulation.results.labels import Labels
from tests.results_example import reference_tables, run_tables
from tests.simulation.test_decisions import anyhow, cases
from tests.simulation.test_reasons import choices_of, lone


def tables_of(choices: Choices) -> dict[str, pd.DataFrame]:
    return {name: getattr(choices, name) for name in ("decisions", "candidates", "reasons", "limits")}


def told(choices: Choices) -> list[Explanation]:
    return explain(tables_of(choices), choices.decisions["furnace_group"])


# --- words ------------------------------------------------------------------------------------------------------------


def test_a_renovation_of_a_micro_world_in_words() -> None:
    # The figures of test_reasons.test_a_renovation_in_parts_by_hand: 14 t of steel per t of capacity.
    (one,) = told(choices_of(lone("EAF", 1.0, 0.7)))
    assert one.title == "renovate, SCRAP-EAF"
    assert one.sentences[0] == "End of campaign: renovation pays."
    assert one.sentences[1] == (
        "Renovate is worth 3,913 USD per tonne of yearly capacity: sales 9,800 in; ore, scrap and iron 4,560, "
        "energy and reductants 444, carbon 187, fixed costs 600, equity 19 and debt service 77 out."
    )
    # An extension of 8 years: 8 x 0.7 x 700 of sales instead of 14 x 700, and so on with every part.
    assert one.sentences[2] == (
        "The best other course, Extend, is worth 1,565, 2,348 less; what sets them apart most: sales (5,880 for "
        "Renovate), ore, scrap and iron (2,736 for Extend) and fixed costs (360 for Extend)."
    )
    assert [(course.name, course.chosen) for course in one.courses] == [("Renovate", True), ("Extend", False)]


def test_a_switch_among_rivals_in_words() -> None:
    (one,) = explain(run_tables(2025), ["P1-BF-1"])
    assert one.title == "switch, BF-BOF → DRI-H2-EAF"
    assert one.sentences == (
        "End of campaign: best NPV among routes that pass all limits.",
        "DRI-H2-EAF is worth 212 USD per tonne of yearly capacity: sales 2,600, old line until the start 150 and "
        "expected change of the steel price 42 in; ore, scrap and iron 880, energy and reductants 760, labour and "
        "services 150, carbon 10, fixed costs 390, equity 170 and debt service 220 out.",
        "The best other course, BF-CCS-BOF, is worth 148, 64 less; what sets them apart most: energy and reductants "
        "(140 for DRI-H2-EAF), equity (110 for BF-CCS-BOF) and carbon (100 for DRI-H2-EAF).",
        "SCRAP-EAF, worth 240, was refused: metallics; 8.00 Mt/yr asked, 0.50 of 4.00 left.",
        "Chances by worth alone, and what the draw added in USD per tonne: DRI-H2-EAF 66 % (draw +64), BF-CCS-BOF "
        "18 % (draw −31) and keeping the line 16 % (draw −12).",
    )
    assert [(course.name, course.why) for course in one.courses] == [
        ("SCRAP-EAF", "refused: metallics; 8.00 Mt/yr asked, 0.50 of 4.00 left"),
        ("DRI-H2-EAF", "chosen"),
        ("BF-CCS-BOF", "worth 64 less"),
        ("Renovate", "worth 71 less"),
    ]


ROW = {"year": 2030, "furnace_group": "G", "plant": "P", "country": "DEU", "owner": "O"}


def small(
    decision: dict[str, Any] | None, courses: list[tuple[Any, ...]], columns: str = "route npv refused_by"
) -> dict[str, pd.DataFrame]:
    """One decision and its courses; what is not given is unknown."""
    rest = {"from_route": "BF_BOF", "to_route": "", "capacity": 1e6, "investment": 0.0, "start": 2031, "reason": "r"}
    rows = pd.DataFrame(courses, columns=columns.split()).assign(year=2030, furnace_group="G")
    reasons = {name: rows.get(name, math.nan) for name in (*PARTS, "draw", "probability", "asked", "left")}
    decisions = [] if decision is None else [ROW | rest | {"npv": 0.0, "gain": 0.0} | decision]
    names = [*ROW, *rest, "npv", "gain", "decision"]
    return {
        "decisions": pd.DataFrame(decisions, columns=names),
        "candidates": rows[["year", "furnace_group", "route", "npv", "refused_by"]],
        "reasons": rows[["year", "furnace_group", "route"]].assign(**reasons),
        "limits": pd.DataFrame(columns=["year", "limit", "allowed"]),
    }


def fates(tables: dict[str, pd.DataFrame], year: int | None = None) -> dict[str, str]:
    (one,) = explain(tables, ["G"], year)
    return {course.name: course.why for course in one.courses}


def test_a_draw_against_the_better_course_is_told() -> None:
    switch = {"decision": "switch", "to_route": "A", "npv": 10.0}
    tables = small(
        switch, [("A", 10.0, "", 30.0), ("B", 25.0, "", -5.0), ("stay", -3.0, "", 0.0)], "route npv refused_by draw"
    )
    assert fates(tables) == {
        "B": "worth 15 more, but the draw favoured the other by 35", "A": "chosen", "Renovate": "not worth its cost",
    }  # fmt: skip
    (one,) = explain(tables, ["G"])
    assert (
        "No way to keep the line pays, so the new one is measured against closing, which is worth 0." in one.sentences
    )


def test_a_price_that_moved_within_the_year_is_told() -> None:
    (one,) = explain(small({"decision": "renovate", "npv": 90.0}, [("stay", 100.0, "")]), ["G"])
    assert one.sentences[-1] == (
        "Approvals earlier in the year moved the expected steel price, which took 10: 90 when it was decided."
    )


def test_new_plants_are_compared_by_what_a_dollar_earns() -> None:
    # A earns 30 on equity of 10 (3 a dollar), B 40 on 20 (2 a dollar: a third less), C 35 on 10 (a sixth more).
    expand = {"decision": "expand", "from_route": "", "to_route": "A", "npv": 30.0}
    courses = [("A", 30.0, "", -10.0), ("B", 40.0, "", -20.0), ("C", 35.0, "", -10.0)]
    assert fates(small(expand, courses, "route npv refused_by equity")) == {
        "A": "chosen",
        "B": "worth 33 % less per dollar of investment",
        "C": "worth 17 % more per dollar of investment, but the draw decided",
    }


def test_a_plant_founded_at_a_site_tells_the_story_of_its_project() -> None:
    tables = {name: pd.concat([run_tables(year)[name] for year in range(2025, 2031)]) for name in TABLES}
    founded = "SITE-BRA-Bahia-2030-EAF-2030"
    row = (2029, founded, "DRI_H2_EAF", 70.0, "")
    later = (2029, "SITE-BRA-Bahia", "DRI_H2_EAF", 70.0, "metallics")
    more = pd.DataFrame([row, later], columns=["year", "furnace_group", "route", "npv", "refused_by"])
    tables["candidates"] = pd.concat([tables["candidates"], more])
    (one,) = explain(tables, [founded])
    assert one.sentences[:3] == (
        "Taken up in 2026, announced in 2027, still worth its cost.",
        "After the announcement it waited: not needed yet (2028).",
        "Its NPV, in USD per tonne of yearly capacity: 60 in 2026, 70 in 2027, 80 in 2028, 90 in 2029.",
    )
    assert {course.name: course.why for course in one.courses} == {
        "SCRAP-EAF": "chosen",
        "DRI-H2-EAF": "its project here is announced, but metallics refused it",
    }


def test_the_projects_of_a_site_are_explained_by_year() -> None:
    tables, labels = run_tables(2028), Labels(reference_tables())
    assert find_groups(tables, labels, "SITE-BRA-Bahia") == ("SITE-BRA-Bahia",)
    assert explain(tables, ["SITE-BRA-Bahia"]) == []
    (one,) = explain(tables, ["SITE-BRA-Bahia"], 2028)
    assert [course.why for course in one.courses] == ["its project here is announced, but not needed yet"]
    (begun,) = explain(run_tables(2029), ["SITE-BRA-Bahia"], 2029)
    assert [course.why for course in begun.courses] == ["its building began"]


@pytest.mark.parametrize(
    ("limit", "asked", "left", "words"),
    [
        ("technology ban", 1e6, 0.0, "the technology is banned there"),
        ("treasury", 48e6, 1e6, "the owner's treasury; 48.0 million USD of equity asked, 1.0 there"),
        ("growth DRI_H2", 2e6, 0.5e6, "growth DRI_H2; 2.00 Mt/yr asked, 0.50 left"),
        ("metallics", 2e6, -1e6, "metallics; 2.00 Mt/yr asked, nothing left"),
        ("CO2 storage Europe", 3e6, 1e6, "CO2 storage Europe; 3.00 Mt asked, 1.00 left"),
        ("not needed yet", math.nan, math.nan, "not needed yet"),
    ],
)
def test_a_limit_speaks_in_its_own_unit(limit: str, asked: float, left: float, words: str) -> None:
    tables = small({"decision": "close"}, [("A", 9.0, limit, asked, left)], "route npv refused_by asked left")
    assert fates(tables) == {"A": f"refused: {words}", "Close": "chosen"}


def test_a_year_in_which_nothing_changed_is_explained_when_asked_for() -> None:
    tables = small(None, [("stay", 5.0, ""), ("A", 3.0, ""), ("extend", 7.0, "")])
    assert explain(tables, ["G"]) == []
    (one,) = explain(tables, ["G"], 2030)
    assert one.decision == NO_CHANGE
    assert fates(tables, 2030) == {
        "Renovate": "goes on", "A": "worth 2 less",
        "Extend": "looked at only where a campaign ends and a renovation does not pay or cannot be paid",
    }  # fmt: skip


# --- laws -------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(case=cases)
def test_every_decision_is_explained_and_no_course_without_a_why(case: dict[str, Any]) -> None:
    _, _, choices = anyhow(**case)
    found = told(choices)
    assert len(found) == len(choices.decisions)
    for one in found:
        assert [course.chosen for course in one.courses].count(True) == (0 if one.courses == () else 1)
        assert all(course.why for course in one.courses)
        assert not any("nan" in sentence for sentence in one.sentences)
        for course in one.courses:
            if course.parts:
                assert sum(course.parts.values()) == pytest.approx(course.npv, rel=1e-9, abs=1e-6)
    assert json.loads(json.dumps(document(found), allow_nan=False)) == document(found)


# --- finding a plant --------------------------------------------------------------------------------------------------


def example() -> tuple[dict[str, pd.DataFrame], Labels]:
    return run_tables(2025), Labels(reference_tables())


@pytest.mark.parametrize("wanted", ["P1", "Works P1", "works p1"])
def test_a_plant_is_found_by_id_or_name(wanted: str) -> None:
    tables, labels = example()
    assert find_groups(tables, labels, wanted) == ("P1-BF-1", "P1-BOF-1")


def test_a_furnace_group_is_found_alone() -> None:
    tables, labels = example()
    assert find_groups(tables, labels, "P1-BOF-1") == ("P1-BOF-1",)


def test_an_unknown_plant_is_answered_with_what_comes_close() -> None:
    tables, labels = example()
    with pytest.raises(ValueError, match=r"no plant or furnace group 'P1-BF-2'; close to it: P1-BF-1"):
        find_groups(tables, labels, "P1-BF-2")
    with pytest.raises(ValueError, match=r"'zzzz'; ids and names stand in the table production"):
        find_groups(tables, labels, "zzzz")
