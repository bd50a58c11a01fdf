"""Public money by instrument and area, and what it bought: capacity with grants, tonnes with support."""

from __future__ import annotations

from typing import Final

import pandas as pd

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    in_unit,
    short,
    span,
    stacked,
    view,
)
from steeliq.simulation.results.report.charts_production import stack, technology_names
from steeliq.simulation.results.report.theme import TECHNOLOGIES, Look
from steeliq.webui.explore.questions.areas import areas_of, told_where_empty, where, whole
from steeliq.webui.explore.series import country_names, largest_stack, regions, technology_lines, why_empty

SECTION: Final = "Policy"
BILLIONS: Final = "billion USD"
GRANTS: Final = {"capex": "grants for new capacity", "reline": "grants for relining"}
RUNNING: Final = {
    "fixed_opex": "fixed cost", "cost_of_debt": "interest", "goods": "goods, such as hydrogen",
    "carbon_contract": "carbon contracts",
}  # fmt: skip
LOOKS: Final = {
    "capex": Look("$blue"), "reline": Look("$blue", "/"), "fixed_opex": Look("$green"),
    "cost_of_debt": Look("$orange"), "goods": Look("$magenta"), "carbon_contract": Look("$slate"),
}  # fmt: skip
BY: Final = {"item": "instrument", "region": "region", "country": "country", "technology": "technology"}
NONE: Final = "No public money was paid or taken in the chosen part of this run."
BOUGHT: Final = {
    "capacity": ("new capacity that was given grants", "Mt/yr"),
    "per-capacity": ("grant for each tonne of that capacity", "USD per t/yr"),
    "made": ("product of works whose running is supported", "Mt"),
    "per-tonne": ("running support for each tonne of that product", "USD/t"),
}
NOTES: Final = {
    "capacity": "In the year in which it is decided. Grants for relining are not counted.",
    "per-capacity": "Grants of the year over the capacity decided in it by the technology in the countries that paid.",
    "made": "Iron and steel of the technologies and countries in which fixed cost, interest, goods or carbon are "
    "supported or taxed in the year.",
    "per-tonne": "Below zero: taxed, or paid back under a carbon contract.",
}


def paid(run: RunTables) -> Chart:
    """Public money by instrument, region, country or technology, for the world or a region."""
    frame, places = run["support"], regions(run)
    rows = frame.assign(
        value=frame["amount"] / 1e9,
        region=frame["country"].map(lambda country: places.get(str(country), str(country))),
    )
    areas = areas_of(run, frame)
    frames: dict[str, tuple[Json, ...]] = {}
    for by in BY:
        for area in areas:
            mine = area.rows(rows)
            if by == "item":
                drawn = tuple(stack(mine, by, LOOKS, GRANTS | RUNNING, BILLIONS))
            elif by == "technology":
                drawn = tuple(stack(mine, by, TECHNOLOGIES, technology_names(run), BILLIONS))
            else:
                drawn = largest_stack(mine, by, country_names(run) if by == "country" else {}, BILLIONS)
            frames[f"{by}|{area.key}"] = drawn
    has_any = any(frames.values())
    return Chart(
        id="support",
        section=SECTION,
        title="Public money by instrument and area",
        unit=BILLIONS,
        source="results table support",
        summary=span(rows.groupby("year")["value"].sum(), BILLIONS, "Public money"),
        columns=("by", "where", "series", "year", BILLIONS),
        empty=why_empty(run, "support", NONE),
        frames=frames if has_any else {},
        controls=(Control("By", "select", tuple(BY), tuple(BY.values())), where(areas)) if has_any else (),
        layout=stacked(BILLIONS),
        views=told_where_empty(frames, {}, NONE) if has_any else {},
        note="Grants in the year of the decision, the rest in the year in which it is paid. Below zero: taxes, and "
        "what is paid back under carbon contracts. The ten largest regions and countries; the others are summed.",
    )


def bought(run: RunTables) -> Chart:
    """What public money went to, by technology: capacity with grants, tonnes with running support, and USD for each."""
    built, made = _built(run), _made(run)
    kinds = {
        "capacity": built.assign(value=built["tonnes"] / 1e6),
        "made": made.assign(value=made["tonnes"] / 1e6),
    }
    frames = {
        "capacity": tuple(stack(kinds["capacity"], "technology", TECHNOLOGIES, technology_names(run), "Mt/yr")),
        "per-capacity": technology_lines(run, _each(built), "USD per t/yr"),
        "made": tuple(stack(kinds["made"], "technology", TECHNOLOGIES, technology_names(run), "Mt")),
        "per-tonne": technology_lines(run, _each(made), "USD/t"),
    }
    frames = {key: tuple(in_unit(trace, BOUGHT[key][1]) for trace in traces) for key, traces in frames.items()}
    has_any = any(frames.values())
    first = sorted(BOUGHT, key=lambda key: not frames[key])  # what there is stands before what there is not
    choice = Control("What", "select", tuple(first), tuple(BOUGHT[key][0] for key in first))
    return Chart(
        id="support-bought",
        section=SECTION,
        title="What public money went to",
        unit="Mt/yr",
        source="results tables support, capacity and production",
        summary=_summary(built, made),
        columns=("what", "technology", "year", "value", "unit"),
        empty=why_empty(run, "support", NONE),
        frames=frames if has_any else {},
        controls=(choice,) if has_any else (),
        layout=stacked("Mt/yr"),
        views=told_where_empty(
            frames, {key: view(unit, NOTES[key]) for key, (_, unit) in BOUGHT.items()}, "None in the chosen part."
        )
        if has_any
        else {},
        note="What the money went to, not what it caused: some of it would have been built and made without. Compare "
        "with a run without support to see the difference.",
    )


def _built(run: RunTables) -> pd.DataFrame:
    """Grants and the capacity decided with them: year, technology, amount USD, tonnes t/yr.

    What is decided in a year is what is committed at its end, less what was before and has not opened since; of the
    run's first year the earlier state is not known.
    """
    by = ["year", "country", "technology"]
    frame = run["support"]
    grants = frame[frame["item"] == "capex"].groupby(by, as_index=False)["amount"].sum()
    capacity = whole(run)["capacity"][[*by, "committed", "opened"]]
    before = capacity[[*by, "committed"]].assign(year=capacity["year"] + 1).rename(columns={"committed": "before"})
    known = capacity.merge(before, on=by, how="left")
    known = known[known["year"] > capacity["year"].min()] if len(capacity) else known
    known = known.assign(tonnes=(known["committed"] + known["opened"] - known["before"].fillna(0.0)).clip(lower=0.0))
    return _summed(grants.merge(known[[*by, "tonnes"]], on=by, how="inner"))


def _made(run: RunTables) -> pd.DataFrame:
    """Running support and the product that it went to: year, technology, amount USD, tonnes t."""
    by = ["year", "country", "technology"]
    frame = run["support"]
    money = frame[frame["item"].isin(list(RUNNING))].groupby(by, as_index=False)["amount"].sum()
    made = run["production"].groupby(by)["production"].sum().rename("tonnes").reset_index()
    return _summed(money[money["amount"] != 0].merge(made, on=by, how="inner"))


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby(["year", "technology"], as_index=False)[["amount", "tonnes"]].sum()


def _each(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows[rows["tonnes"] > 0]
    return rows.assign(value=rows["amount"] / rows["tonnes"])


def _summary(built: pd.DataFrame, made: pd.DataFrame) -> str:
    parts = [
        f"{short(float(rows['amount'].sum()) / 1e9)} {BILLIONS} went to "
        f"{short(float(rows['tonnes'].sum()) / 1e6)} {unit}"
        for rows, unit in ((built, "Mt/yr of new capacity"), (made, "Mt of product"))
        if len(rows)
    ]
    return f"{'; '.join(parts)}." if parts else NONE
