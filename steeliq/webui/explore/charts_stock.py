"""Steel in use, and the scrap that arises from it."""

from __future__ import annotations

from typing import Final

from steeliq.simulation.results.report.charts import Chart, Control, Json, RunTables, bar, line, span, stacked, years_of
from steeliq.simulation.results.report.theme import Look
from steeliq.webui.explore.questions.areas import areas_of, where
from steeliq.webui.explore.series import country_names, largest_stack, regions, why_empty

SECTION: Final = "Energy and resources"
GIGA: Final = "Gt"
KINDS: Final = {
    "home": ("of casting and rolling", Look("$ink")),
    "prompt": ("of making goods", Look("$blue")),
    "collected": ("of goods at the end of their life, collected", Look("$teal")),
    "lost": ("of goods at the end of their life, not collected", Look("$slate", "/")),
}
NOTHING: Final = "No steel is in use in the chosen part of this run."


def in_use(run: RunTables) -> Chart:
    """Steel in use at the year's end, by region or country."""
    frame, places = run["stock"], regions(run)
    rows = frame.assign(
        value=frame["end"] / 1e9, region=frame["country"].map(lambda country: places.get(str(country), str(country)))
    )
    frames = {
        "region": largest_stack(rows, "region", {}, GIGA, 12),
        "country": largest_stack(rows, "country", country_names(run), GIGA),
    }
    has_any = any(frames.values())
    return Chart(
        id="steel-in-use",
        section=SECTION,
        title="Steel in use",
        unit=GIGA,
        source="results table stock",
        summary=span(rows.groupby("year")["value"].sum(), GIGA, "Steel in use"),
        columns=("by", "where", "year", GIGA),
        empty=why_empty(run, "stock", NOTHING),
        frames=frames if has_any else {},
        controls=(Control("By", "select", ("region", "country"), ("region", "country")),) if has_any else (),
        layout=stacked(GIGA),
        note="In buildings, machines, vehicles and other goods at the end of the year. The largest; others are summed.",
    )


def arising(run: RunTables) -> Chart:
    """Scrap that arises by kind, beside what the works use."""
    frame = run["stock"]
    used = run["supply"]
    used = used[used["commodity"] == "scrap"]
    areas = areas_of(run, frame)
    frames: dict[str, tuple[Json, ...]] = {}
    for area in areas:
        sums = area.rows(frame).groupby("year")[list(KINDS)].sum() / 1e6
        taken = area.rows(used).groupby("year")["amount"].sum().reindex(sums.index, fill_value=0.0) / 1e6
        years = years_of(sums.index)
        bars = [bar(name, years, sums[kind].to_numpy(float), look, "Mt") for kind, (name, look) in KINDS.items()]
        frames[area.key] = (*bars, line("bought by the works", years, taken.to_numpy(float), "$text", "Mt", "dash"))
    total = frame.assign(value=(frame["home"] + frame["prompt"] + frame["collected"]) / 1e6)
    return Chart(
        id="scrap-arising",
        section=SECTION,
        title="Scrap arising by kind",
        unit="Mt",
        source="results tables stock and supply",
        summary=span(total.groupby("year")["value"].sum(), "Mt", "Scrap that arises and is collected"),
        columns=("where", "kind", "year", "Mt"),
        empty=why_empty(run, "stock", NOTHING),
        frames=frames if len(frame) else {},
        controls=(where(areas),) if len(frame) else (),
        layout=stacked("Mt"),
        note="Where steel is worked and goods are used up, not where the scrap is melted. Line: what the works take of "
        "it; the rest costs more to collect than it is worth.",
    )
