"""Who ships to whom: a matrix of the largest exporters and importers by commodity and year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steeliq.simulation.results.report.charts import (
    Chart,
    Control,
    Json,
    RunTables,
    number,
    numbers,
    short,
    wrapped,
    year_slider,
)

LARGEST = 12
SMALL = 1.0
"""Mt a year; a smaller trade is told in words."""
OTHERS = "Others"
GOODS = ("crude_steel", "iron_ore", "dr_ore", "scrap", "pig_iron", "dri", "dri_h2", "dri_coal")


def trade_charts(run: RunTables) -> list[Chart]:
    """The trade matrix."""
    frame = run["flows"]
    abroad = frame[(frame["origin"] != frame["destination"]) & (frame["amount"] > 0)]
    found: set[str] = set(abroad["commodity"])
    # Plain texts: the many small parts below are read one by one, for which Arrow's are slow.
    abroad = abroad.astype({"origin": object, "destination": object})
    goods = tuple(good for good in GOODS if good in found) + tuple(sorted(found - set(GOODS)))
    names = run.labels.names("commodities", "commodity")
    countries = run.labels.names("countries", "country")
    frames: dict[str, tuple[Json, ...]] = {}
    views: dict[str, Json] = {}
    parts = dict(list(abroad.groupby(["commodity", "year"])))
    for good in goods:
        matrices = {year: _largest(parts.get((good, year), abroad.head(0))) for year in run.years}
        # One colour scale for all years of a good, so that years compare.
        top = max(float(np.nanmax(matrix)) for matrix in matrices.values() if np.isfinite(matrix.to_numpy()).any())
        for year, matrix in matrices.items():
            key, total = f"{good}|{year}", float(np.nansum(matrix.to_numpy(float)))
            frames[key] = (_matrix(matrix, top, countries) | {"visible": total >= SMALL},)
            views[key] = _view(matrix, total, f"{names.get(good, good)} in {year}")
    controls: tuple[Control, ...] = ()
    if goods:
        labels = tuple(names.get(good, good) for good in goods)
        controls = (Control("Commodity", "select", goods, labels), year_slider(run.years))
    return [
        Chart(
            id="trade",
            section="Trade",
            title="Trade between countries",
            unit="Mt",
            source="results table flows (home use left out)",
            summary=_summary(abroad, run.years, countries),
            columns=("commodity", "year", "exporter", "importer", "Mt"),
            empty="Nothing was traded between countries in this run.",
            frames=frames,
            views=views,
            controls=controls,
            layout={
                "xaxis": {"title": {"text": "Importer"}, "type": "category", "side": "bottom", "showgrid": False},
                "yaxis": {
                    "title": {"text": "Exporter"},
                    "type": "category",
                    "autorange": "reversed",
                    "showgrid": False,
                },
                "hovermode": "closest",
            },
            note=f"The {LARGEST} largest exporters and importers of the good in the year, largest first; the others "
            "are summed. A good has one grade: a country that buys cheaply and sells where its own pays less duty "
            "trades in a circle. Compare net trade with statistics.",
            wide=True,
            height=480,
        )
    ]


def _largest(rows: pd.DataFrame) -> pd.DataFrame:
    """The matrix of one good and year: exporters by importers, Mt; NaN where nothing is shipped."""
    origins, destinations, amounts = (rows[name].to_numpy() for name in ("origin", "destination", "amount"))
    exporters, importers = _largest_of(origins, amounts), _largest_of(destinations, amounts)
    row, column = ({key: number for number, key in enumerate(keys)} for keys in (exporters, importers))
    cells = (
        [row.get(origin, len(exporters) - 1) for origin in origins],
        [column.get(destination, len(importers) - 1) for destination in destinations],
    )
    shape = (len(exporters), len(importers))
    sums, shipped = np.zeros(shape), np.zeros(shape, dtype=bool)
    np.add.at(sums, cells, amounts / 1e6)
    shipped[cells] = True
    return pd.DataFrame(np.where(shipped, sums, np.nan), index=exporters, columns=importers)


def _largest_of(places: NDArray[Any], amounts: NDArray[Any]) -> list[str]:
    """The largest by their sum, then the others together if there are any."""
    sums: dict[str, float] = {}
    for place, amount in zip(places, amounts, strict=True):
        sums[str(place)] = sums.get(str(place), 0.0) + float(amount)
    keys = sorted(sums, key=lambda key: (-sums[key], key))
    return keys[:LARGEST] + ([OTHERS] if len(keys) > LARGEST else [])


def _view(matrix: pd.DataFrame, total: float, what: str) -> Json:
    """The total and what the matrix does not name, or words in place of a matrix that would be all but empty."""
    if total < SMALL:
        words = f"{what}: " + (f"{short(total)} Mt cross a border, too little for a matrix." if total else "no trade.")
        hidden = {"visible": False}
        return {"layout": {"xaxis": hidden, "yaxis": hidden, "annotations": [_words(words)]}, "note": ""}
    both = OTHERS in matrix.index and OTHERS in matrix.columns
    unnamed = float(matrix.to_numpy()[-1, -1]) if both else 0.0
    share = f" Others to others: {short(100.0 * unnamed / total)} % of it." if unnamed > 0 else ""
    return {"layout": {}, "note": f"{what}: {short(total)} Mt in all.{share}"}


def _words(text: str) -> Json:
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    return {"text": text, "font": {"size": 14, "color": "$muted"}} | place


def _matrix(wide: pd.DataFrame, top: float, countries: dict[str, str]) -> Json:
    return {
        "type": "heatmap",
        "x": [wrapped(countries.get(key, key), 12) for key in wide.columns],
        "y": [countries.get(key, key) for key in wide.index],
        "z": [numbers(line) for line in wide.to_numpy(float)],
        "colorscale": "$sequential",
        "colorbar": {"title": {"text": "Mt"}, "thickness": 12, "outlinewidth": 0},
        "zmin": 0,
        "zmax": number(top),
        "texttemplate": "%{z:.3~g}",
        "textfont": {"size": 11},
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "hovertemplate": "%{y} to %{x}: %{z:,.4~g} Mt<extra></extra>",
    }


def _summary(abroad: pd.DataFrame, years: tuple[int, ...], countries: dict[str, str]) -> str:
    rows = abroad[(abroad["commodity"] == "crude_steel") & (abroad["year"] == years[-1])] if years else abroad.head(0)
    if rows.empty:
        return "No steel is traded in the last year."
    top = rows.sort_values("amount", ascending=False).iloc[0]
    origin, destination = (
        countries.get(top["origin"], top["origin"]),
        countries.get(top["destination"], top["destination"]),
    )
    total = short(float(rows["amount"].sum()) / 1e6)
    return f"{total} Mt of crude steel are traded in {years[-1]}; the largest flow goes from {origin} to {destination}."
