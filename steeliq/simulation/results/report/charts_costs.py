"""What steel costs and sells for: prices, the cost curve of each year, and cost by item."""

from __future__ import annotations

import math

import pandas as pd

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    bar,
    line,
    lines,
    number,
    numbers,
    short,
    span,
    wrapped,
    year_slider,
    years_of,
)
from steeliq.simulation.results.report.charts_production import steel_technologies, technology_names
from steeliq.simulation.results.report.theme import FALLBACK, ITEMS, TECHNOLOGIES, ordered

UNIT = "USD/t"
PRICED = ("crude_steel", "scrap", "iron_ore", "dr_ore", "pig_iron", "dri", "dri_h2")
COUNTRIES_SHOWN = 6
BLOCK = 20
"""Height of a cost class of the cost curve, USD/t."""


def cost_charts(run: RunTables) -> list[Chart]:
    """Prices, cost curve, costs by item."""
    return [prices(run), cost_curve(run), cost_stack(run)]


def world_price(run: RunTables, commodity: str) -> pd.Series[float]:
    """World mean price by year, USD/t, weighted by what each country uses (steel: is supplied with; else plain)."""
    frame = run["prices"]
    frame = frame[frame["commodity"] == commodity].dropna(subset=["price"])
    if commodity == "crude_steel":
        frame = frame.merge(run["demand"][["year", "country", "supplied"]], on=["year", "country"], how="left")
        frame["weight"] = frame["supplied"].fillna(0.0)
    else:
        frame = frame.assign(weight=1.0)
    sums = frame.assign(paid=frame["price"] * frame["weight"]).groupby("year")[["paid", "weight"]].sum()
    sums = sums[sums["weight"] > 0]
    return sums["paid"] / sums["weight"]


def prices(run: RunTables) -> Chart:
    """World mean and the largest users, one commodity at a time; clipped prices are marked."""
    frame = run["prices"]
    found = set(frame["commodity"])
    goods = tuple(key for key in PRICED if key in found)
    names = run.labels.names("commodities", "commodity")
    demand = run["demand"].groupby("country")["demand"].sum().sort_values(ascending=False, kind="stable")
    largest = [str(country) for country in demand.index[:COUNTRIES_SHOWN]]
    frames = {good: tuple(_price_lines(run, good, largest)) for good in goods}
    labels = tuple(names.get(good, good) for good in goods)
    return Chart(
        id="prices",
        section="Prices and costs",
        title="Prices, world mean and largest users",
        unit=UNIT,
        source="results tables prices and demand",
        summary=span(world_price(run, "crude_steel"), UNIT, "World mean steel price"),
        columns=("commodity", "where", "year", UNIT),
        empty="No prices in this run.",
        frames=frames,
        controls=(Control("Commodity", "select", goods, labels),) if goods else (),
        layout=lines(UNIT),
        note="Real USD of 2024. Steel: world mean weighted by steel supplied; other goods: mean of countries. "
        "A cross marks a year in which a shortage price was cut to its bound.",
        wide=True,
    )


def _price_lines(run: RunTables, good: str, countries: list[str]) -> list[Json]:
    frame = run["prices"]
    frame = frame[frame["commodity"] == good].sort_values("year")
    names = run.labels.names("countries", "country")
    world = world_price(run, good)
    traces = [line("World mean", years_of(world.index), world.to_numpy(float), "$magenta", UNIT, "dash")]
    for country, look in zip(countries, [look for look in FALLBACK if look.colour != "$magenta"], strict=False):
        rows = frame[frame["country"] == country].dropna(subset=["price"])
        if rows.empty:
            continue
        trace = line(
            names.get(country, country), years_of(rows["year"]), rows["price"].to_numpy(float), look.colour, UNIT
        )
        trace["marker"]["symbol"] = ["x" if clipped else "circle" for clipped in rows["clipped"]]
        trace["marker"]["size"] = [9 if clipped else 5 for clipped in rows["clipped"]]
        traces.append(trace)
    return traces


def cost_curve(run: RunTables) -> Chart:
    """Steelmaking capacity in the order of its levelised cost, year by year, with the demand of the year."""
    frame = run["accounts"].merge(
        run["production"][["year", "furnace_group", "capacity"]], on=["year", "furnace_group"], how="inner"
    )
    frame = frame[frame["technology"].isin(sorted(steel_technologies(run))) & (frame["production"] > 0)]
    # Furnace groups of one country, technology and cost class share a block: thousands of bars would not be seen.
    frame = frame.assign(spent=frame["lcos"] * frame["production"], step=(frame["lcos"] // BLOCK).astype("int64"))
    by = ["year", "country", "technology", "step"]
    blocks = frame.groupby(by, as_index=False)[["spent", "production", "capacity"]].sum()
    blocks["lcos"] = blocks["spent"] / blocks["production"]
    demand = run["demand"].groupby("year")["demand"].sum() / 1e6
    frames = {
        str(year): tuple(_merit_order(run, blocks[blocks["year"] == year], float(demand.get(year, float("nan")))))
        for year in run.years
    }
    top = float(blocks["lcos"].quantile(0.99)) * 1.15 if len(blocks) else 1.0
    right = float((blocks.groupby("year")["capacity"].sum() / 1e6).max()) * 1.03 if len(blocks) else 1.0
    return Chart(
        id="cost-curve",
        section="Prices and costs",
        title="Cost curve of crude steel",
        unit=UNIT,
        source="results tables accounts, production and demand",
        summary=_curve_summary(blocks, run.years),
        columns=("year", "technology", "Mt/yr to the middle of the block", f"LCOS, {UNIT}", "country", "Mt/yr"),
        empty="No steel was made in this run.",
        frames=frames,
        controls=(year_slider(run.years),),
        layout={
            "barmode": "overlay",
            "bargap": 0,
            "hovermode": "closest",
            "xaxis": {"title": {"text": "Capacity in order of cost, Mt/yr"}, "range": [0, number(right)]},
            "yaxis": {"title": {"text": f"LCOS, {UNIT}"}, "range": [0, number(top)]},
        },
        note=f"One block per country, technology and {BLOCK} USD/t of cost: width = capacity in operation, height = "
        "levelised cost including annualised capital, weighted by production. The dashed line is the year's demand.",
        wide=True,
        height=420,
    )


def _merit_order(run: RunTables, blocks: pd.DataFrame, demand: float) -> list[Json]:
    blocks = blocks.sort_values(["lcos", "country", "technology"], kind="stable")
    width = blocks["capacity"] / 1e6
    blocks = blocks.assign(width=width, middle=width.cumsum() - width / 2)
    countries, names = run.labels.names("countries", "country"), technology_names(run)
    traces = []
    for technology, look in ordered(TECHNOLOGIES, set(blocks["technology"])):
        rows = blocks[blocks["technology"] == technology]
        trace = bar(names.get(technology, technology), numbers(rows["middle"]), rows["lcos"], look, UNIT)
        trace["width"] = numbers(rows["width"])
        trace["customdata"] = [
            [countries.get(country, country), number(capacity)]
            for country, capacity in zip(rows["country"], rows["width"].to_numpy(float), strict=True)
        ]
        trace["hovertemplate"] = (
            "%{customdata[0]}, %{fullData.name}<br>%{customdata[1]:,.4~g} Mt/yr at %{y:,.4~g} USD/t<extra></extra>"
        )
        traces.append(trace)
    if math.isfinite(demand):
        ceiling = float(blocks["lcos"].max()) * 2 if len(blocks) else 1.0
        traces.append(
            {
                "type": "scatter", "mode": "lines", "name": "Demand", "x": numbers([demand, demand]),
                "y": numbers([0, ceiling]), "line": {"color": "$text", "width": 1.5, "dash": "dash"},
                "hovertemplate": f"Demand: {short(demand)} Mt<extra></extra>", "meta": {"ground": True},
            }
        )  # fmt: skip
    return traces


def _curve_summary(blocks: pd.DataFrame, years: tuple[int, ...]) -> str:
    if blocks.empty:
        return "No steel was made in this run."
    last = blocks[blocks["year"] == years[-1]]
    low, high = short(float(last["lcos"].min())), short(float(last["lcos"].max()))
    return f"Levelised cost of crude steel ranges from {low} to {high} {UNIT} in {years[-1]}."


def cost_stack(run: RunTables) -> Chart:
    """Cost per tonne of product by item and technology, world mean, year by year."""
    frame = run["costs"]
    values = frame.groupby(["year", "technology", "item"])["value"].sum()
    made = frame.drop_duplicates(["year", "country", "technology"]).groupby(["year", "technology"])["production"].sum()
    made = made[made > 0]
    names = technology_names(run)
    frames: dict[str, tuple[Json, ...]] = {}
    for year in run.years:
        present = [t for t, _ in ordered(TECHNOLOGIES, {t for y, t in made.index if y == year})]
        labels = [wrapped(names.get(technology, technology)) for technology in present]
        items = {item for y, t, item in values.index if y == year and t in present}
        frames[str(year)] = tuple(
            bar(
                item,
                labels,
                [float(values.get((year, t, item), 0.0)) / float(made[year, t]) for t in present],
                look,
                UNIT,
            )
            for item, look in ordered(ITEMS, items)
        )
    # The same scale in every year, so that moving the slider shows what moves.
    per_tonne = values.clip(lower=0).groupby(["year", "technology"]).sum() / made
    top = 1.05 * float(per_tonne.max()) if len(per_tonne) else 1.0
    low = 1.05 * float((values.clip(upper=0).groupby(["year", "technology"]).sum() / made).min()) if len(made) else 0.0
    return Chart(
        id="cost-stack",
        section="Prices and costs",
        title="Cost by item and technology, world mean",
        unit="USD/t product",
        source="results table costs",
        summary="Cost of one tonne of each technology's own product (hot metal, DRI or crude steel), split into items.",
        columns=("year", "item", "technology", "USD/t product"),
        empty="No costs in this run.",
        frames=frames,
        controls=(year_slider(run.years),),
        layout={
            "barmode": "relative",
            "bargap": 0.35,
            "hovermode": "x unified",
            "xaxis": {"type": "category"},
            "yaxis": {"title": {"text": "USD/t product"}, "range": [number(low), number(top)]},
            "legend": {"traceorder": "reversed"},
        },
        note="Per tonne of the technology's own product; credits for by-products go below zero. Hot metal and hot DRI "
        "appear at the furnace that makes them, not at the one that uses them.",
        wide=True,
        height=420,
    )
