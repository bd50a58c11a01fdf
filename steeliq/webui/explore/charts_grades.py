"""Low-carbon steel: who sells it to whom, and what its buyers pay more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from steeliq.simulation.paths import path_over_years
from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    in_unit,
    line,
    span,
    stacked,
    view,
    years_of,
)
from steeliq.simulation.results.report.theme import FALLBACK
from steeliq.webui.explore.questions.areas import told_where_empty
from steeliq.webui.explore.series import country_names, largest_stack, regions, why_empty

PER_TONNE: Final = "USD/t"
DRAWN: Final = 6
SHOWN: Final = {
    "region": ("sold, by region of the maker", "Mt"),
    "maker": ("sold, by country of the maker", "Mt"),
    "buyer": ("sold, by buyer", "Mt"),
    "premium": ("premium, by buyer", PER_TONNE),
}
NOTES: Final = {
    "premium": "Solid: what buyers pay above conventional steel, the mean of their purchases. Dashed: what they would "
    "pay. Where more is offered than they want, they pay less, down to nothing.",
}


def grades(run: RunTables) -> Chart:
    """Low-carbon steel sold by maker and buyer, and its premium."""
    frame, places = run["grades"], regions(run)
    rows = frame.assign(
        value=frame["amount"] / 1e6,
        region=frame["origin"].map(lambda country: places.get(str(country), str(country))),
        buyer=_buyers(run, frame),
    )
    frames: dict[str, tuple[Json, ...]] = {
        "region": largest_stack(rows, "region", {}, "Mt"),
        "maker": largest_stack(rows, "origin", country_names(run), "Mt"),
        "buyer": largest_stack(rows, "buyer", {}, "Mt"),
        "premium": _premiums(rows),
    }
    frames = {key: tuple(in_unit(trace, SHOWN[key][1]) for trace in traces) for key, traces in frames.items()}
    has_any = any(frames.values())
    empty = why_empty(
        run, "grades", "No steel was sold as low-carbon: nobody pays more for it, or none was clean enough."
    )
    return Chart(
        id="grades",
        section="Policy",
        title="Low-carbon steel: sold, and its premium",
        unit="Mt",
        source="results table grades",
        summary=span(rows.groupby("year")["value"].sum(), "Mt", "Sold as low-carbon steel"),
        columns=("what", "series", "year", "value", "unit"),
        empty=empty,
        frames=frames if has_any else {},
        controls=(Control("What", "select", tuple(SHOWN), tuple(label for label, _ in SHOWN.values())),)
        if has_any
        else (),
        layout=stacked("Mt"),
        views=told_where_empty(frames, {key: view(unit, NOTES.get(key, "")) for key, (_, unit) in SHOWN.items()}, empty)
        if has_any
        else {},
        note="Crude steel with a certificate of its making, within the intensity that its buyers accept. Buyers with "
        "the same threshold and willingness to pay are one market. The ten largest; the others are summed.",
    )


def _buyers(run: RunTables, frame: pd.DataFrame) -> list[str]:
    """What the buyers of each sale are called: areas to which the scenario gives this willingness, or what they pay."""
    demand: Mapping[str, Any] = run.document.get("scenario", {}).get("demand", {}) if run.document else {}
    demand = demand if isinstance(demand, Mapping) else {}
    own, limit = demand.get("premiums") or {}, float(demand.get("low_carbon_threshold", np.nan))
    years = np.array(sorted(set(frame["year"])), dtype=np.int64)
    paid = {area: _path(path, years) for area, path in own.items()}
    names: dict[tuple[int, float, float], str] = {}
    for year, threshold, willing in (
        frame[["year", "threshold", "willingness"]].drop_duplicates().itertuples(index=False)
    ):
        at = int(np.searchsorted(years, year))
        areas = [
            area for area, path in paid.items() if abs(path[at] - willing) < 1e-6 and abs(limit - threshold) < 1e-9
        ]
        plain = f"up to {threshold:g} tCO2/t, {willing:g} {PER_TONNE}"
        names[int(year), float(threshold), float(willing)] = ", ".join(sorted(areas)) or plain
    keys = zip(
        frame["year"].astype(int), frame["threshold"].astype(float), frame["willingness"].astype(float), strict=True
    )
    return [names[key] for key in keys]


def _path(path: Any, years: Any) -> Any:
    table = {int(year): float(value) for year, value in path.items()} if isinstance(path, Mapping) else float(path)
    return path_over_years(table, years)


def _premiums(rows: pd.DataFrame) -> tuple[Json, ...]:
    sums = rows.groupby("buyer")["amount"].sum().reset_index()
    largest = sums.sort_values(["amount", "buyer"], ascending=[False, True])["buyer"].head(DRAWN)
    traces: list[Json] = []
    for buyer, look in zip(largest, FALLBACK, strict=False):
        mine = rows[rows["buyer"] == buyer]
        weighed = mine.assign(paid=mine["premium"] * mine["amount"], would=mine["willingness"] * mine["amount"])
        by = weighed.groupby("year")[["paid", "would", "amount"]].sum()
        for name, column, dash in ((buyer, "paid", "solid"), (f"{buyer}, would pay", "would", "dash")):
            values = (by[column] / by["amount"]).to_numpy(float).round(3)
            traces.append(line(str(name), years_of(by.index), values, look.colour, PER_TONNE, dash))
    return tuple(traces)
