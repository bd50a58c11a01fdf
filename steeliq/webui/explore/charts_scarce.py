"""What was scarce: limits of the dispatch with their use and shadow price, and limits that held decisions back."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    bar,
    in_unit,
    line,
    lines,
    short,
    stacked,
    view,
    years_of,
)
from steeliq.simulation.results.report.charts_decisions import IN_AREA, limit_unit
from steeliq.simulation.results.report.theme import FALLBACK, Look
from steeliq.webui.explore.series import DASHES, largest_stack, why_empty

SECTION: Final = "Policy"
PRICE: Final = "USD/unit"
DRAWN: Final = 10
UNITS: Final = {"CO2 storage": "Mt CO2", "emission cap": "Mt CO2", "quota": "Mt"}
LEAST: Final = 1e-6
FOLLOWED: Final = ("considered", "announced", "dropped", "not worth its cost")
"""What the table candidates says of projects at sites that no limit held back."""
COUNTED: Final = {
    "held": ("decisions whose best course was refused", "decisions"),
    "refused": ("all refused courses that were worth their cost", "courses"),
}


def limits(run: RunTables) -> Chart:
    """Use of each limit against what it allows, the dearest first."""
    frame = _named(run)
    order = _dearest_first(frame)
    units = {key: _unit(run, *key.split(": ", 1)) for key in order}
    frames = {key: _use(frame[frame["key"] == key].sort_values("year"), units[key]) for key in order}
    dear = [key for key in order if float(frame.loc[frame["key"] == key, "price"].max()) > LEAST]
    return Chart(
        id="scarcity",
        section=SECTION,
        title="Caps and limits: used against allowed",
        unit="Mt",
        source="results table scarcity",
        summary=f"Scarce in some year: {', '.join(dear)}." if dear else "No cap or limit was scarce in any year.",
        columns=("limit", "series", "year", "value", "unit"),
        empty=why_empty(run, "scarcity", "This scenario sets no cap or limit in the chosen years."),
        frames=frames,
        controls=(Control("Limit", "select", order, tuple(_title(key) for key in order)),) if order else (),
        layout=stacked("Mt"),
        views={key: view(units[key]) for key in order},
        note="What the market may use in a year. Limits on what may be decided stand on the page of decisions. The "
        "limits whose shadow price is highest come first, then those that are used most.",
    )


def _named(run: RunTables) -> pd.DataFrame:
    frame = run["scarcity"]
    return frame.assign(key=frame["kind"] + ": " + frame["limit"])


def _title(key: str) -> str:
    return key[:1].upper() + key[1:]


def _dearest_first(frame: pd.DataFrame) -> tuple[str, ...]:
    used = np.divide(frame["used"], frame["allowed"], out=np.zeros(len(frame)), where=frame["allowed"].to_numpy() > 0)
    best = frame.assign(use=used).groupby("key")[["price", "use"]].max().reset_index()
    best = best.assign(price=best["price"].round(6), use=best["use"].round(6))
    return tuple(best.sort_values(["price", "use", "key"], ascending=[False, False, True])["key"].astype(str))


def _unit(run: RunTables, kind: str, limit: str) -> str:
    if kind in UNITS:
        return UNITS[kind]
    if kind == "biomass":
        return limit_unit(run, f"biomass {limit}").replace("/yr", "")
    if IN_AREA in limit:
        return limit_unit(run, limit).replace("/yr", "")
    return "million units"


def _use(rows: pd.DataFrame, unit: str) -> tuple[Json, ...]:
    years = years_of(rows["year"])
    beyond = rows["beyond"].to_numpy(float) / 1e6
    within = rows["used"].to_numpy(float) / 1e6 - beyond
    traces = [bar("used", years, within, Look("$blue"), unit)]
    if (beyond > LEAST).any():
        traces.append(bar("beyond the limit, at a price", years, beyond, Look("$orange", "/"), unit))
    allowed = line("allowed", years, rows["allowed"].to_numpy(float) / 1e6, "$text", unit, "dash")
    if len(years) == 1:  # a line has no length then
        allowed["marker"] = {"symbol": "line-ew", "size": 60, "line": {"width": 2.2, "color": "$text"}}
    traces.append(allowed)
    return tuple(in_unit(trace, unit) for trace in traces)


def prices(run: RunTables) -> Chart:
    """Shadow price of the limits that were scarce."""
    frame = _named(run)
    scarce = [key for key in _dearest_first(frame) if float(frame.loc[frame["key"] == key, "price"].max()) > LEAST]
    traces = []
    for key, look in zip(scarce[:DRAWN], FALLBACK, strict=False):
        rows = frame[frame["key"] == key].sort_values("year")
        dash = DASHES.get(look.pattern, "solid")
        values = rows["price"].to_numpy(float)
        traces.append(line(_title(key), years_of(rows["year"]), values, look.colour, PRICE, dash))
    top = (
        f"{_title(scarce[0])}: up to {short(float(frame.loc[frame['key'] == scarce[0], 'price'].max()))}"
        if scarce
        else ""
    )
    return Chart(
        id="scarcity-price",
        section=SECTION,
        title="Shadow prices of caps and limits",
        unit=PRICE,
        source="results table scarcity",
        summary=f"{top} {PRICE}." if scarce else "No cap or limit was scarce.",
        columns=("limit", "year", PRICE),
        empty=why_empty(
            run, "scarcity", "No cap or limit was scarce in the chosen years: one more unit would have saved nothing."
        ),
        traces=tuple(traces),
        layout=lines(PRICE, zero=True),
        note="What one more unit (a tonne of CO2 or of goods, or the commodity's unit) would have saved. Of an "
        "emission cap it is the carbon price that the cap makes, on top of the scenario's. "
        f"The {DRAWN} dearest are drawn.",
    )


def held_back(run: RunTables) -> Chart:
    """How often each limit held decisions back, by year."""
    frame = run["candidates"]
    refused = frame[(frame["refused_by"] != "") & (frame["npv"] > 0) & ~frame["refused_by"].isin(list(FOLLOWED))]
    open_ = frame[frame["refused_by"] == ""].groupby(["year", "furnace_group"])["npv"].max().rename("taken")
    order = refused.sort_values(["npv", "route"], ascending=[False, True])
    best = order.drop_duplicates(["year", "furnace_group"]).join(open_, on=["year", "furnace_group"])
    best = best[best["npv"] > best["taken"].fillna(0.0)]
    counted = {"held": best, "refused": refused}
    frames = {
        key: largest_stack(rows.assign(value=1.0), "refused_by", {}, COUNTED[key][1]) for key, rows in counted.items()
    }
    most = best["refused_by"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    has_any = any(frames.values())
    choice = Control("Counted", "select", tuple(COUNTED), tuple(label for label, _ in COUNTED.values()))
    return Chart(
        id="held-back",
        section="Decisions",
        title="What held decisions back",
        unit="decisions",
        source="results table candidates",
        summary=f"{most.index[0]} held back most: {int(most.iloc[0]):,} decisions."
        if len(most)
        else "Nothing was held back.",
        columns=("counted", "limit", "year", "number"),
        empty="No limit refused anything that was worth its cost in the chosen part of this run.",
        frames=frames if has_any else {},
        controls=(choice,) if has_any else (),
        layout=stacked("decisions"),
        views={key: view(unit) for key, (_, unit) in COUNTED.items()} if has_any else {},
        note="Held back: of a furnace group that came up, or a project at a site, a refused course was worth more than "
        "any that was open to it; the limit of the best such course counts. The ten that count most; the others are "
        "summed. What each limit allowed stands in the figure of limits.",
    )
