"""What owners decide: courses and routes per year, investment, limits and refusals, forecasts against outcomes."""

from __future__ import annotations

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
    span,
    stacked,
    view,
    years_of,
)
from steeliq.simulation.results.report.charts_production import stack, technology_names
from steeliq.simulation.results.report.theme import DECISIONS, ROUTES, TECHNOLOGIES, Look

CAPACITY = "Mt/yr of capacity"
IN_AREA = " in "
"""What stands between the good and the area in the name of a scenario's limit on use."""
LIMIT_NOTES = {
    "treasury": "Every owner has a treasury of its own: allowed is what the treasuries together paid for.",
    "metallics": "Iron and scrap that the world has to spare when the investment would start.",
    "needed next year": "Closures refused because the next year could not do without the capacity.",
}
ROUTE_NAMES = (
    "A route is named by its iron, reductant and steel furnace: SR smelting reduction, "
    "ESF DRI melted in an electric smelter, EW electrowinning, MOE molten oxide electrolysis; PIG-BOF: converters on "
    "bought hot metal; MERCHANT and PIG-BF: iron for sale."
)
RELEASED = "Released: what closures and conversions gave back beyond the year's approvals."
SECTION = "Decisions"
NONE = "No decisions in this run: nothing reached the end of its campaign, or the run is too short."


def decision_charts(run: RunTables) -> list[Chart]:
    """Decisions by kind and by route, investment, openings and closures, limits, forecasts."""
    return [by_kind(run), by_route(run), investment(run), changes(run), limits(run), forecasts(run)]


def by_kind(run: RunTables) -> Chart:
    """Capacity decided on, by kind of decision, in the year of the decision."""
    frame = run["decisions"]
    rows = frame.assign(value=frame["capacity"] / 1e6)
    return Chart(
        id="decisions-kind",
        section=SECTION,
        title="Decisions by kind",
        unit="Mt/yr",
        source="results table decisions",
        summary=span(rows.groupby("year")["value"].sum(), "Mt/yr", "Capacity decided on"),
        columns=("decision", "year", "Mt/yr"),
        empty=NONE,
        traces=tuple(stack(rows, "decision", DECISIONS, {}, "Mt/yr")),
        layout=stacked("Mt/yr"),
        note="In the year of the decision; new lines start after their construction.",
    )


def by_route(run: RunTables) -> Chart:
    """Capacity that switches to or is built on each route."""
    frame = run["decisions"]
    frame = frame[frame["decision"].isin(["switch", "expand", "found"]) & (frame["to_route"] != "")]
    rows = frame.assign(value=frame["capacity"] / 1e6)
    names = {str(key): str(key).replace("_", "-") for key in set(frame["to_route"])}
    return Chart(
        id="decisions-route",
        section=SECTION,
        title="Switches and expansions by new route",
        unit="Mt/yr",
        source="results table decisions",
        summary=span(rows.groupby("year")["value"].sum(), "Mt/yr", "Capacity switched or added"),
        columns=("route", "year", "Mt/yr"),
        empty="Nobody switched or expanded in this run.",
        traces=tuple(stack(rows, "to_route", ROUTES, names, "Mt/yr")),
        layout=stacked("Mt/yr"),
        note=f"In the year of the decision. {ROUTE_NAMES}",
    )


def investment(run: RunTables) -> Chart:
    """CAPEX committed, by kind of decision."""
    frame = run["decisions"]
    rows = frame.assign(value=frame["investment"] / 1e9)
    unit = "billion USD"
    return Chart(
        id="investment",
        section=SECTION,
        title="Investment decided on",
        unit=unit,
        source="results table decisions",
        summary=span(rows.groupby("year")["value"].sum(), unit, "Investment"),
        columns=("decision", "year", unit),
        empty="No investment in this run.",
        traces=tuple(stack(rows, "decision", DECISIONS, {}, unit)),
        layout=stacked(unit),
        note="Real USD of 2024. Power, hydrogen, mines and CO2 pipes are paid through prices and not counted here.",
    )


def changes(run: RunTables) -> Chart:
    """Capacity opened (above zero) and closed (below) by technology."""
    frame = run["capacity"]
    opened, closed = frame.assign(value=frame["opened"] / 1e6), frame.assign(value=-frame["closed"] / 1e6)
    names = technology_names(run)
    up = stack(opened, "technology", TECHNOLOGIES, names, "Mt/yr") if (opened["value"] != 0).any() else []
    down = stack(closed, "technology", TECHNOLOGIES, names, "Mt/yr") if (closed["value"] != 0).any() else []
    shown = {trace["name"] for trace in up}
    down = [trace | {"showlegend": trace["name"] not in shown} for trace in down]
    return Chart(
        id="capacity-changes",
        section=SECTION,
        title="Capacity opened and closed",
        unit="Mt/yr",
        source="results table capacity",
        summary=span(opened.groupby("year")["value"].sum(), "Mt/yr", "Capacity opened"),
        columns=("technology", "year", "Mt/yr"),
        empty="Nothing opened or closed in this run.",
        traces=(*up, *down),
        layout=stacked("Mt/yr"),
        note="Opened at the start of the year above zero, closed at its end below; iron and steel lines both count.",
    )


def limits(run: RunTables) -> Chart:
    """What each limit that was touched allowed, let through and refused; those that refused most come first."""
    frame = run["limits"]
    order = frame.groupby("limit")[["refused", "used"]].sum().sort_values(["refused", "used"], ascending=False)
    touched = frame.loc[(frame[["refused", "used"]] != 0).any(axis=1), "limit"]
    keys = tuple(str(key) for key in order.index[order.index.isin(list(touched))])
    units = {key: limit_unit(run, key) for key in keys}
    frames = {key: tuple(_limit(frame[frame["limit"] == key].sort_values("year"), units[key])) for key in keys}
    worst = f"{keys[0]} refused most." if keys and order["refused"].iloc[0] > 0 else "No limit refused anything."
    return Chart(
        id="limits",
        section=SECTION,
        title="Limits and what they refused",
        unit="Mt/yr",
        source="results table limits",
        summary=worst,
        columns=("limit", "series", "year", "value", "unit"),
        empty="No limit was touched in this run.",
        frames=frames,
        controls=(Control("Limit", "select", keys, keys),) if keys else (),
        layout=stacked("Mt/yr"),
        views={key: view(units[key], _limit_note(frame[frame["limit"] == key], key)) for key in keys},
        note="What may be approved in the year, beyond what earlier years took. Refused asks may be made again in a "
        "later year.",
    )


def limit_unit(run: RunTables, limit: str) -> str:
    """Unit of a limit's millions: capacity, CO2 to store, or the good that its name holds."""
    if limit.startswith("CO2 storage"):
        return "Mt CO2/yr"
    if limit.startswith("biomass"):
        commodity = limit.rsplit(" ", maxsplit=1)[-1]
        names = run.labels.names("commodities", "commodity")
        return f"{_millions(run, commodity)}/yr of {names.get(commodity, 'biomass').lower()}"
    if IN_AREA in limit:
        return f"{_millions(run, limit.partition(IN_AREA)[0])}/yr"
    return "Mt/yr of metallics" if limit == "metallics" else CAPACITY


def _millions(run: RunTables, commodity: str) -> str:
    """What a million units of a commodity are called."""
    unit = run.labels.column("commodities", "commodity", "unit").get(commodity, "t")
    return {"GJ": "PJ", "MWh": "TWh"}.get(unit, f"M{unit}")


def _limit_note(rows: pd.DataFrame, limit: str) -> str:
    released = RELEASED if (rows["used"] < 0).any() else ""
    return " ".join(part for part in (LIMIT_NOTES.get(limit, ""), released) if part)


def _limit(rows: pd.DataFrame, unit: str) -> list[Json]:
    years = years_of(rows["year"])
    used, refused, allowed = (rows[name].to_numpy(float) / 1e6 for name in ("used", "refused", "allowed"))
    traces = [
        bar("approved", years, used.clip(min=0.0), Look("$blue"), unit),
        bar("refused", years, refused, Look("$orange", "/"), unit),
        line("allowed", years, allowed, "$text", unit, "dash"),
    ]
    if (used < 0).any():
        traces.insert(1, bar("released", years, used.clip(max=0.0), Look("$teal", "x"), unit))
    return [in_unit(trace, unit) for trace in traces]


def forecasts(run: RunTables) -> Chart:
    """What had been expected for each year, and what came."""
    frame = run["forecasts"]
    kinds = tuple(sorted(set(frame["indicator"])))
    frames = {kind: tuple(_forecast(frame[frame["indicator"] == kind], kind)) for kind in kinds}
    return Chart(
        id="forecasts",
        section=SECTION,
        title="Forecasts against outcomes",
        unit="USD/t or Mt/yr",
        source="results table forecasts",
        summary="What decision makers expected for each year, and the value that came.",
        columns=("indicator", "series", "year", "value", "unit"),
        empty="No forecasts in this run.",
        frames=frames,
        controls=(Control("Indicator", "select", kinds, kinds),) if kinds else (),
        layout=lines("USD/t or Mt/yr"),
        views={kind: view(_forecast_unit(kind)) for kind in kinds},
        note="A lasting gap between the two lines means that owners decided on wrong expectations.",
    )


def _forecast_unit(kind: str) -> str:
    return "Mt/yr" if "capacity" in kind else "USD/t"


def _forecast(rows: pd.DataFrame, kind: str) -> list[Json]:
    unit = _forecast_unit(kind)
    scale = 1e6 if unit == "Mt/yr" else 1.0
    means = rows.groupby("year")[["expected", "outcome"]].mean() / scale
    came = means["outcome"].dropna()
    traces = [
        line("expected", years_of(means.index), means["expected"].to_numpy(float), "$orange", unit, "dash"),
        line("outcome", years_of(came.index), came.to_numpy(float), "$blue", unit),
    ]
    return [in_unit(trace, unit) for trace in traces]
