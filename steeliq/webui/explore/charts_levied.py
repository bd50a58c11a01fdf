"""What policies cost those who pay them: duties and charges at borders, and the price of carbon."""

from __future__ import annotations

from typing import Final

import pandas as pd

from steeliq.simulation.results.report.charts import Chart, Control, Json, RunTables, span, stacked
from steeliq.simulation.results.report.charts_production import stack, technology_names
from steeliq.simulation.results.report.theme import TECHNOLOGIES, Look
from steeliq.webui.explore.questions.areas import told_where_empty
from steeliq.webui.explore.series import country_names, largest_stack, regions

SECTION: Final = "Policy"
BILLIONS: Final = "billion USD"
BOTH: Final = "both"
KINDS: Final = {BOTH: "duties and border charges", "border_charge": "border charges", "duty": "duties"}
LOOKS: Final = {"duty": Look("$slate"), "border_charge": Look("$orange")}
BORDERS: Final = {
    "kind": "duty or border charge",
    "region": "importing region",
    "destination": "importing country",
    "origin": "exporting country",
    "commodity": "good",
}
CARBON: Final = {"region": "region", "country": "country", "technology": "technology"}
UNTAXED: Final = "No duty and no border charge was paid in the chosen part of this run."
NONE: Final = "None in the chosen part of this run."
TOGETHER: Final = (
    "This run was made by an earlier version, which told both in one sum: run its scenario again to see them apart. "
)
NOTE: Final = (
    "Duties are tariffs and what a scenario adds to them; border charges are those of border adjustments (CBAM). What "
    "is paid beyond a quota stands under caps and limits. What they kept out stands in no bar: compare with a run "
    "without them. The ten largest; the others are summed."
)
UNPRICED: Final = "No carbon cost was paid in the chosen part of this run."


def at_borders(run: RunTables) -> Chart:
    """Duties and border adjustments, together and apart, by who imports, who exports and what."""
    rows, apart = _paid_at_borders(run)
    names = {"commodity": run.labels.column("commodities", "commodity", "name"), "region": {}}
    kinds = tuple(KINDS) if apart else (BOTH,)
    by_what = tuple(by for by in BORDERS if apart or by != "kind")
    frames: dict[str, tuple[Json, ...]] = {}
    for kind in kinds:
        mine = rows if kind == BOTH else rows[rows["kind"] == kind]
        for by in by_what:
            frames[f"{kind}|{by}"] = (
                tuple(stack(mine, by, LOOKS, KINDS, BILLIONS))
                if by == "kind"
                else largest_stack(mine, by, names.get(by, country_names(run)), BILLIONS)
            )
    has_any = any(frames.values())
    controls = (
        Control("What", "select", kinds, tuple(KINDS[kind] for kind in kinds)),
        Control("By", "select", by_what, tuple(BORDERS[by] for by in by_what)),
    )
    return Chart(
        id="duties",
        section=SECTION,
        title="Duties and carbon charges at borders",
        unit=BILLIONS,
        source="results table flows",
        summary=_summary(rows),
        columns=("what", "by", "series", "year", BILLIONS),
        empty=UNTAXED,
        frames=frames if has_any else {},
        controls=controls if has_any else (),
        layout=stacked(BILLIONS),
        views=told_where_empty(frames, {}, NONE) if has_any else {},
        note=("" if apart else TOGETHER) + NOTE,
    )


def _paid_at_borders(run: RunTables) -> tuple[pd.DataFrame, bool]:
    """What was paid on flows across borders, one row for each kind, and whether the run tells the kinds apart."""
    flows, places = run["flows"], regions(run)
    flows = flows[flows["origin"] != flows["destination"]]
    apart = bool(flows["border_charge"].notna().all())
    flows = flows.assign(region=flows["destination"].map(lambda country: places.get(str(country), str(country))))
    kinds = ("duty", "border_charge") if apart else ("duty",)
    rows = pd.concat(
        [flows.assign(kind=kind, value=flows["amount"] * flows[kind] / 1e9) for kind in kinds], ignore_index=True
    )
    return rows, apart


def _summary(rows: pd.DataFrame) -> str:
    whole = span(rows.groupby("year")["value"].sum(), BILLIONS, "Duties and border charges")
    charged = rows[rows["kind"] == "border_charge"].groupby("year")["value"].sum()
    return f"{whole} {span(charged, BILLIONS, 'Border charges')}" if charged.any() else whole


def on_carbon(run: RunTables) -> Chart:
    """Carbon cost after free allowances by region, country and technology."""
    accounts, places = run["accounts"], regions(run)
    rows = accounts.assign(
        value=accounts["carbon_cost"] / 1e9,
        region=accounts["country"].map(lambda country: places.get(str(country), str(country))),
    )
    frames: dict[str, tuple[Json, ...]] = {
        "region": largest_stack(rows, "region", {}, BILLIONS),
        "country": largest_stack(rows, "country", country_names(run), BILLIONS),
        "technology": tuple(stack(rows, "technology", TECHNOLOGIES, technology_names(run), BILLIONS)),
    }
    has_any = any(frames.values())
    return Chart(
        id="carbon-paid",
        section=SECTION,
        title="Carbon cost paid",
        unit=BILLIONS,
        source="results table accounts",
        summary=span(rows.groupby("year")["value"].sum(), BILLIONS, "Carbon cost"),
        columns=("by", "series", "year", BILLIONS),
        empty=UNPRICED,
        frames=frames if has_any else {},
        controls=(Control("By", "select", tuple(CARBON), tuple(CARBON.values())),) if has_any else (),
        layout=stacked(BILLIONS),
        note="Carbon prices and prices of emission caps on what is priced, less free allowances; below zero where "
        "these are worth more than what is emitted. Carbon contracts are public money and stand there.",
    )
