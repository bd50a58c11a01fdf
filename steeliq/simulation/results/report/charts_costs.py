"""What steel costs and sells for: prices, the cost curve of each year, and cost by item."""

from __future__ import annotations

import math

import numpy as np
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
from steeliq.simulation.results.report.theme import (
    COUNTRIES,
    OWN_IRON,
    STACKED_ITEMS,
    TECHNOLOGIES,
    WORLD,
    ordered,
)

UNIT = "USD/t"
PRICED = ("crude_steel", "scrap", "iron_ore", "dr_ore", "pig_iron", "dri", "dri_h2")
HOT_IRON = ("hot_metal", "hot_dri", "hot_dri_h2")
HARDLY = 0.1
"""Of a technology's greatest yearly production; with less its cost per tonne does not set the scale."""
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
    largest = [str(country) for country in demand.index[: len(COUNTRIES)]]
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
    mean = line("World mean", years_of(world.index), world.to_numpy(float), WORLD, UNIT)
    mean["line"]["width"] = 3.4
    traces = [mean]
    for country, look in zip(countries, COUNTRIES, strict=False):
        rows = frame[frame["country"] == country].dropna(subset=["price"])
        if rows.empty:
            continue
        price, name = rows["price"].to_numpy(float), names.get(country, country)
        trace = line(name, years_of(rows["year"]), price, look.colour, UNIT, look.dash)
        trace["marker"]["symbol"] = ["x" if clipped else look.symbol for clipped in rows["clipped"]]
        trace["marker"]["size"] = [10 if clipped else 6.5 for clipped in rows["clipped"]]
        trace["marker"] |= {"opacity": 1, "line": {"width": 0}}
        traces.append(trace)
    return traces


def cost_curve(run: RunTables) -> Chart:
    """Steelmaking capacity in the order of its levelised cost, year by year, with the demand of the year."""
    frame = run["accounts"].merge(
        run["production"][["year", "furnace_group", "capacity"]], on=["year", "furnace_group"], how="inner"
    )
    frame = frame[frame["technology"].isin(sorted(steel_technologies(run))) & (frame["production"] > 0)]
    # A group that makes next to nothing has no levelised cost.
    frame = frame[np.isfinite(frame["lcos"].to_numpy(float))]
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
            "yaxis": {"title": {"text": f"levelised cost, {UNIT}"}, "range": [0, number(top)]},
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
    """Cost per tonne of product by item and technology, world mean, year by year, hot iron at full cost."""
    frame = pd.concat([run["costs"], hot_iron_costs(run)], ignore_index=True)
    values = frame.groupby(["year", "technology", "item"])["value"].sum()
    made = frame.drop_duplicates(["year", "country", "technology"]).groupby(["year", "technology"])["production"].sum()
    made = made[made > 0]
    names = technology_names(run)
    frames: dict[str, tuple[Json, ...]] = {}
    for year in run.years:
        present = [t for t, _ in ordered(TECHNOLOGIES, {t for y, t in made.index if y == year})]
        # Many bars leave little room for each name; turned names would be hard to read.
        labels = [wrapped(names.get(technology, technology), 11 if len(present) > 11 else 15) for technology in present]
        items = {item for y, t, item in values.index if y == year and t in present}
        frames[str(year)] = tuple(
            bar(
                item,
                labels,
                [float(values.get((year, t, item), 0.0)) / float(made[year, t]) for t in present],
                look,
                UNIT,
            )
            for item, look in ordered(STACKED_ITEMS, items)
        )
    low, top = _cost_range(values, made)
    return Chart(
        id="cost-stack",
        section="Prices and costs",
        title="Cost by item and technology, world mean",
        unit="USD/t product",
        source="results tables costs and charges",
        summary="Cost of one tonne of each technology's own product (hot metal, DRI or crude steel), split into items; "
        "steel furnaces carry the full cost of the hot metal and hot DRI that they charge.",
        columns=("year", "item", "technology", "USD/t product"),
        empty="No costs in this run.",
        frames=frames,
        controls=(year_slider(run.years),),
        layout={
            "barmode": "relative",
            "bargap": 0.35,
            "hovermode": "x unified",
            "xaxis": {"type": "category", "tickfont": {"size": 11}},
            "yaxis": {"title": {"text": "USD/t product"}, "range": [number(low), number(top)]},
            "legend": {"traceorder": "reversed"},
        },
        note="Per tonne of the technology's own product; credits for by-products go below zero. The item "
        f"{OWN_IRON} is what the charged hot iron costs at the furnaces that make it, mean of the country, all their "
        "items included; it appears there too, so bars of iron and of steel do not add up. Metallics are bought. "
        "A bar that leaves the picture belongs to furnaces that hardly ran: their fixed costs fall on few tonnes.",
        wide=True,
        height=420,
    )


def _cost_range(values: pd.Series[float], made: pd.Series[float]) -> tuple[float, float]:
    """Range of cost per tonne, the same in every year, so that moving the slider shows what moves.

    ``values`` by year, technology and item, USD; ``made`` by year and technology, t. Furnaces that hardly run do not
    count: their fixed costs fall on few tonnes and would press all others flat.
    """
    running = made[made >= HARDLY * made.groupby("technology").transform("max")]
    if running.empty:
        return 0.0, 1.0
    by = ["year", "technology"]
    up = (values.clip(lower=0).groupby(by).sum() / running).max()
    down = (values.clip(upper=0).groupby(by).sum() / running).min()
    return 1.05 * float(down), 1.05 * float(up)


def hot_iron_costs(run: RunTables) -> pd.DataFrame:
    """Hot iron that steelmakers charge at the full cost of its makers: rows of the costs table, item ``OWN_IRON``.

    Tonnes charged by country times the mean cost of the country's makers (of the world's where it has none).
    """
    made = run["production"].groupby(["technology", "product"], as_index=False)["production"].sum()
    product = dict(zip(made["technology"], made["product"], strict=True))
    costs = run["costs"]
    costs = costs.assign(product=costs["technology"].map(product))
    costs = costs[costs["product"].isin(HOT_IRON)]
    tonnes = costs.drop_duplicates(["year", "country", "technology"])
    local, world = ["year", "country", "product"], ["year", "product"]
    unit = costs.groupby(local)["value"].sum() / tonnes.groupby(local)["production"].sum()
    mean = costs.groupby(world)["value"].sum() / tonnes.groupby(world)["production"].sum()
    charges = run["charges"].rename(columns={"commodity": "product"})
    charges = charges[charges["product"].isin(HOT_IRON) & (charges["amount"] > 0)]
    charges = charges.merge(unit.rename("unit").reset_index(), on=local, how="left")
    charges = charges.merge(mean.rename("mean").reset_index(), on=world, how="left")
    charges = charges.assign(value=charges["amount"] * charges["unit"].fillna(charges["mean"]))
    by = ["year", "country", "technology"]
    rows = charges.groupby(by, as_index=False)["value"].sum().assign(item=OWN_IRON)
    makers = run["costs"].drop_duplicates(by)[[*by, "production"]]
    joined: pd.DataFrame = rows.merge(makers, on=by, how="inner")
    return joined
