"""Tables that contradict each other: what no single column can show.

Technology, commodities and sites are here; series over years and areas in ``paths.py``. Each check notes what is
wrong in ``findings`` and skips rows whose references are already refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from itertools import combinations

import numpy as np
import pandas as pd

from steeliq.simulation.dataset.findings import FIRST_ROW, Findings, close_matches
from steeliq.simulation.dataset.paths import check_paths
from steeliq.simulation.dataset.schema import schema

Frames = Mapping[str, pd.DataFrame]

#: Shares are written with a few digits; sums may miss 1 by this much.
SHARE_TOLERANCE = 1e-6
#: Amounts of a route are rounded by hand more often.
ROUTE_TOLERANCE = 1e-3
#: Days of real hours that a site needs, of each part.
DAYS, PARTS = 365, ("solar", "wind")
#: Cost items that every technology with furnace groups of its own needs; conversion beyond them is optional.
NEEDED_COSTS = ("capex", "fixed_opex", "reline")
_RECIPE_TABLES = ("commodities", "technologies", "recipes", "bill_of_materials")


def check_consistency(frames: Frames, findings: Findings) -> None:
    """Run every check whose tables have all their columns."""
    for tables, check in _CHECKS:
        if all(set(schema()[name].names) <= set(frames[name].columns) for name in tables.split()):
            check(frames, findings)
    check_paths(frames, findings)
    if not any(findings.touched(name) for name in _RECIPE_TABLES):
        _check_recipes(frames, findings)


def _check_recipes(frames: Frames, findings: Findings) -> None:
    from steeliq.simulation.technology.recipes import recipe_problems  # only where something is checked

    for problem in recipe_problems(frames):
        findings.add(problem.table, problem.rule, column=problem.column, row=problem.row, value=problem.value)


def _commodities(frames: Frames, findings: Findings) -> None:
    goods = frames["commodities"]

    def note(wrong: pd.Series, column: str, rule: str) -> None:
        findings.rows(goods, wrong, rule, table="commodities", column=column)

    hub, hot = goods["kind"] == "hub", goods["kind"] == "hot"
    note(
        hub & (goods["transport"] == ""), "transport", "a hub commodity is traded and needs a class of transport_costs"
    )
    note(~hot & (goods["cold_twin"] != ""), "cold_twin", "only a commodity of kind hot cools; leave the cell empty")
    own = goods.drop_duplicates("commodity").set_index("commodity")
    twin = own.reindex(goods["cold_twin"].where(hot & goods["cold_twin"].isin(own.index), None))
    for column, what in (("iron", "iron"), ("carbon", "carbon")):
        differs = hot & (np.abs(goods[column].to_numpy() - twin[column].to_numpy()) > 1e-9)
        note(differs, column, f"a hot commodity and its cold twin are the same stuff and need the same {what} content")
    cold = pd.Series(twin["kind"].isin(["hot", "bought", "internal", "waste"]).to_numpy(), index=goods.index)
    note(hot & cold, "cold_twin", "what a hot commodity becomes must be a hub commodity, so that it can be sold")


def _prices(frames: Frames, findings: Findings) -> None:
    goods, prices = frames["commodities"], frames["prices"]
    world = prices[(prices["scenario"] == "reference") & (prices["area"] == "WORLD")]
    unpriced = (goods["kind"] == "bought") & ~goods["commodity"].isin(world["commodity"])
    rule = "a bought commodity needs a price for area WORLD in scenario reference; add rows to prices"
    findings.rows(goods, unpriced, rule, table="commodities", column="commodity")
    bought = set(goods.loc[goods["kind"] == "bought", "commodity"])
    known = set(goods["commodity"])
    rule = "only bought commodities have an outside price (the model finds the others); remove the row"
    wrong = prices["commodity"].isin(known - bought)
    findings.rows(prices, wrong, rule, table="prices", column="commodity")


def _technologies(frames: Frames, findings: Findings) -> None:
    technologies, costs = frames["technologies"], frames["technology_costs"]
    own = technologies["stage"].isin(["ironmaking", "steelmaking"])
    for item in NEEDED_COSTS:
        priced = costs.loc[costs["item"] == item, "technology"]
        rule = f"the technology has no {item} in technology_costs; add a row"
        findings.rows(
            technologies,
            own & ~technologies["technology"].isin(priced),
            rule,
            table="technologies",
            column="technology",
        )
    auxiliary = technologies.loc[technologies["stage"] == "auxiliary", "technology"]
    groups = frames["furnace_groups"]
    rule = "an auxiliary step belongs to another technology's site and has no furnace group of its own"
    findings.rows(groups, groups["technology"].isin(auxiliary), rule, table="furnace_groups", column="technology")


def _pairs(frame: pd.DataFrame) -> pd.Series:
    """Technology and option of each row as one text."""
    return frame["technology"] + "/" + frame["option"]


def _options(frames: Frames, findings: Findings) -> None:
    recipes, bill, steps = (frames[name] for name in ("recipes", "bill_of_materials", "route_options"))
    known = set(_pairs(recipes))
    told = (frames["technologies"]["technology"]).tolist()
    for table, frame in (("bill_of_materials", bill), ("route_options", steps)):
        wrong = ~_pairs(frame).isin(known) & frame["technology"].isin(told) & (frame["option"] != "")
        rule = "the technology has no such option in recipes; correct it or add a row there"
        for place, row in frame[wrong].iterrows():
            own = recipes.loc[recipes["technology"] == row["technology"], "option"]
            hint = f"technology {row['technology']}; {close_matches(row['option'], own)}".rstrip("; ")
            findings.add(table, rule, column="option", row=_row(place), value=row["option"], hint=hint)
    empty = ~_pairs(recipes).isin(set(_pairs(bill))) & (recipes["option"] != "")
    rule = "the option has no bill of materials; add its inputs and outputs"
    findings.rows(recipes, empty, rule, table="recipes", column="option")


def _routes(frames: Frames, findings: Findings) -> None:
    routes, steps = frames["routes"], frames["route_options"]
    product = frames["technologies"].drop_duplicates("technology").set_index("technology")["product"]
    twin = frames["commodities"].drop_duplicates("commodity").set_index("commodity")["cold_twin"]
    made = steps["technology"].map(product)
    wanted = steps["route"].map(routes.drop_duplicates("route").set_index("route")["product"])
    final = (made == wanted) | (made.map(twin) == wanted)
    total = steps["amount"].where(final, 0.0).groupby(steps["route"]).sum()
    amounts = routes["route"].map(total).fillna(0.0)
    wrong = (np.abs(amounts - 1.0) > ROUTE_TOLERANCE) & (routes["route"] != "")
    rule = "the amounts of the options that make the route's product must add up to 1 in route_options"
    for place in routes.index[wrong]:
        findings.add(
            "routes",
            rule,
            column="route",
            row=_row(place),
            value=routes.at[place, "route"],
            hint=f"they add up to {amounts[place]:.6g}",
        )
    changes = frames["transitions"]
    same = (changes["from_route"] == changes["to_route"]) & (changes["from_route"] != "")
    findings.rows(
        changes,
        same,
        "a route that stays is a relining, not a transition; remove the row",
        table="transitions",
        column="to_route",
    )


def _hot_balance(frames: Frames, findings: Findings) -> None:
    """What a route makes hot it uses hot, or sells as its product; one that only uses it has a hot link."""
    goods, bill, steps = frames["commodities"], frames["bill_of_materials"], frames["route_options"]
    hot = goods.loc[goods["kind"] == "hot", ["commodity", "cold_twin"]]
    lines = steps.merge(bill, on=["technology", "option"], suffixes=("", "_each")).merge(hot, on="commodity")
    lines = lines.merge(frames["routes"][["route", "product"]], on="route")
    sold = (lines["commodity"] == lines["product"]) | (lines["cold_twin"] == lines["product"])
    amount = (lines["amount"] * lines["amount_each"]).where(~sold, 0.0)
    made = amount.where(lines["direction"] == "output", 0.0)
    sums = pd.DataFrame({"made": made, "used": amount - made}).groupby([lines["route"], lines["commodity"]]).sum()
    rule = "a route that makes a hot commodity must make as much as it uses; correct the amounts of its options"
    for (route, commodity), made, used in zip(sums.index, sums["made"], sums["used"], strict=True):
        if made > 0.0 and abs(made - used) > ROUTE_TOLERANCE:
            row = _row(steps.index[steps["route"] == route][0])
            hint = f"{commodity}: makes {made:.6g}, uses {used:.6g} t/t"
            findings.add("route_options", rule, column="amount", row=row, value=route, hint=hint)


def _shares(frames: Frames, findings: Findings) -> None:
    steps = frames["cost_steps"]
    for name, total in steps.groupby("cost_steps")["share"].sum().items():
        if abs(total - 1.0) > SHARE_TOLERANCE:
            rule = "the shares of a class's steps must add up to 1"
            findings.add(
                "cost_steps",
                rule,
                column="share",
                row=_row(steps.index[steps["cost_steps"] == name][0]),
                value=name,
                hint=f"they add up to {total:.9g}",
            )
    total = float(frames["scrap_tiers"]["share"].sum())
    if total > 1.0 + SHARE_TOLERANCE:
        findings.add(
            "scrap_tiers", "the shares of the tiers must not add up to more than 1", column="share", value=total
        )


def _end_uses(frames: Frames, findings: Findings) -> None:
    rows = frames["steel_end_uses"]
    rates = rows["parameter"].isin(["share", "forming", "fabrication", "collection"]) & (rows["value"] > 1.0)
    findings.rows(rows, rates, "a share must not be more than 1", table="steel_end_uses", column="value")
    if rows.empty:
        return
    total = float(rows.loc[rows["parameter"] == "share", "value"].sum())
    if abs(total - 1.0) > SHARE_TOLERANCE:
        rule = "the shares of the end uses must add up to 1"
        findings.add("steel_end_uses", rule, column="value", hint=f"they add up to {total:.9g}")
    for use, own in rows[rows["end_use"] != ""].groupby("end_use"):
        told = set(own["parameter"])
        missing = [name for name in ("share", "forming", "fabrication", "lifetime", "collection") if name not in told]
        row = _row(own.index[0])
        if missing:
            rule = f"the end use has no row for {', '.join(missing)}; add it"
            findings.add("steel_end_uses", rule, column="parameter", row=row, value=use)
        if len(told & {"deviation", "shape"}) != 1:
            rule = "an end use needs either a deviation (normal) or a shape (Weibull) of its lifetime, and not both"
            findings.add("steel_end_uses", rule, column="parameter", row=row, value=use)


def _charges(frames: Frames, findings: Findings) -> None:
    groups, limits, bill = frames["charge_groups"], frames["charge_limits"], frames["bill_of_materials"]
    crossed = limits["minimum"] > limits["maximum"]
    findings.rows(
        limits,
        crossed,
        "the minimum must not exceed the maximum of the same row",
        table="charge_limits",
        column="minimum",
    )
    named = groups["technology"] + "/" + groups["charge_group"]
    limited = limits["technology"] + "/" + limits["charge_group"]
    technologies = set(frames["technologies"]["technology"])
    lost = ~limited.isin(set(named)) & limits["technology"].isin(technologies) & (limits["charge_group"] != "")
    rule = "the technology has no such charge group; correct it or add its members to charge_groups"
    findings.rows(
        limits,
        lost,
        rule,
        table="charge_limits",
        column="charge_group",
        hint=lambda value: close_matches(value, groups["charge_group"]),
    )
    unlimited = ~named.isin(set(limited)) & groups["technology"].isin(technologies) & (groups["charge_group"] != "")
    rule = "the charge group has no limits in charge_limits, so it has no effect; add them or remove the group"
    findings.rows(groups, unlimited, rule, table="charge_groups", column="charge_group")
    inputs = set(bill.loc[bill["direction"] == "input", "technology"] + "/" + bill["commodity"])
    member = groups["technology"] + "/" + groups["commodity"]
    known = set(frames["commodities"]["commodity"])
    idle = ~member.isin(inputs) & groups["technology"].isin(technologies) & groups["commodity"].isin(known)
    rule = "no option of the technology is charged with this commodity; remove it or add the option"
    findings.rows(groups, idle, rule, table="charge_groups", column="commodity")
    for technology, own in limits[~crossed & ~lost].dropna().groupby("technology"):
        members = {
            str(name): frozenset(part["commodity"])
            for name, part in groups[groups["technology"] == technology].groupby("charge_group")
        }
        _check_minima(str(technology), own, members, findings)


def _check_minima(
    technology: str, limits: pd.DataFrame, members: Mapping[str, frozenset[str]], findings: Findings
) -> None:
    """Groups without a common member must leave room for each other in every year."""
    names = [name for name in sorted(members) if name in set(limits["charge_group"])][:12]
    for year in sorted(set(limits["year"])):
        least = {name: _in_year(limits[limits["charge_group"] == name], year) for name in names}
        for size in range(2, len(names) + 1):
            for some in combinations(names, size):
                apart = sum(len(members[name]) for name in some) == len(
                    frozenset().union(*(members[name] for name in some))
                )
                total = sum(least[name] for name in some)
                if apart and total > 1.0 + SHARE_TOLERANCE:
                    rule = (
                        "the minima of charge groups without a common member must not add up to more than 1 in a year"
                    )
                    row = _row(limits.index[limits["charge_group"] == some[0]][0])
                    hint = f"{technology} in {year}: {total:.6g}"
                    findings.add("charge_limits", rule, column="minimum", row=row, value=" + ".join(some), hint=hint)
                    return


def _in_year(limits: pd.DataFrame, year: int) -> float:
    ordered = limits.sort_values("year")
    return float(np.interp(year, ordered["year"], ordered["minimum"]))


def _hot_links(frames: Frames, findings: Findings) -> None:
    links, groups, bill = frames["hot_links"], frames["furnace_groups"], frames["bill_of_materials"]
    hot = set(frames["commodities"].loc[frames["commodities"]["kind"] == "hot", "commodity"])
    moved = bill[bill["commodity"].isin(hot)]
    plants = set(frames["plants"]["plant"])
    for column, direction, rule in (
        (
            "iron_plant",
            "output",
            "the plant has no furnace group that makes a hot commodity; remove the link or correct the plant",
        ),
        (
            "steel_plant",
            "input",
            "the plant has no furnace group that takes a hot commodity (as a BOF does); remove or correct it",
        ),
    ):
        able = groups.loc[groups["technology"].isin(moved.loc[moved["direction"] == direction, "technology"]), "plant"]
        wrong = links[column].isin(plants) & ~links[column].isin(able)
        findings.rows(links, wrong, rule, table="hot_links", column=column)
    itself = (links["iron_plant"] == links["steel_plant"]) & (links["iron_plant"] != "")
    rule = "furnace groups of one plant are linked anyway; remove the row"
    findings.rows(links, itself, rule, table="hot_links", column="steel_plant")


def _boundaries(frames: Frames, findings: Findings) -> None:
    boundaries = frames["boundaries"]
    goods = set(frames["commodities"]["commodity"])
    terms = {"scope1", "scope2", "transport", "biogenic", "upstream:*"} | {f"upstream:{good}" for good in goods}
    wrong = ~boundaries["term"].isin(terms) & (boundaries["term"] != "")
    rule = "a term is scope1, scope2, transport, biogenic, upstream:COMMODITY or upstream:*"
    findings.rows(
        boundaries, wrong, rule, table="boundaries", column="term", hint=lambda value: close_matches(value, terms)
    )


def _support(frames: Frames, findings: Findings) -> None:
    """Patterns that name a technology, and items that fit what is paid for them."""
    own = frames["technologies"].loc[frames["technologies"]["stage"] != "auxiliary", "technology"].tolist()
    for name in ("subsidies", "carbon_contracts"):
        rows = frames[name]
        idle = [bool(pattern) and not any(fnmatchcase(one, pattern) for one in own) for pattern in rows["technology"]]
        rule = "no technology with furnace groups has this name; * stands for any letters (DRI_*)"
        findings.rows(
            rows,
            np.array(idle, dtype=bool),
            rule,
            table=name,
            column="technology",
            hint=lambda value: close_matches(value, own),
        )
    rows, goods = frames["subsidies"], frames["commodities"]
    traded = rows["item"] == "commodity"
    rule = "item commodity needs the commodity that is supported; all other items leave the cell empty"
    findings.rows(rows, traded != (rows["commodity"] != ""), rule, table="subsidies", column="commodity")
    bought = set(goods.loc[goods["kind"] == "bought", "commodity"])
    priceless = traded & rows["commodity"].isin(set(goods["commodity"]) - bought) & (rows["relative"] != 0)
    rule = "only a bought commodity has an outside price of which a share can be paid; use absolute and write 0 here"
    findings.rows(rows, priceless, rule, table="subsidies", column="relative")
    debt = (rows["item"] == "cost_of_debt") & (rows["absolute"].abs() > 0.5)
    rule = "a cut of the cost of debt is a share a year (0.01: one percentage point), from -0.5 to 0.5"
    findings.rows(rows, debt, rule, table="subsidies", column="absolute")


def _input_limits(frames: Frames, findings: Findings) -> None:
    limits, members, goods = frames["input_limits"], frames["input_limit_goods"], frames["commodities"]
    empty = ~limits["limit"].isin(members["limit"]) & (limits["limit"] != "")
    rule = "the limit has no commodities in input_limit_goods, so it has no effect; add them or remove the limit"
    findings.rows(limits, empty, rule, table="input_limits", column="limit")
    bought = set(goods.loc[goods["kind"] == "bought", "commodity"])
    wrong = members["commodity"].isin(set(goods["commodity"]) - bought)
    rule = "only bought inputs can be limited here (ore and scrap have tables of their own)"
    findings.rows(members, wrong, rule, table="input_limit_goods", column="commodity")


def _row(place: object) -> int:
    return int(str(place)) + FIRST_ROW


def _site_hours(frames: Frames, findings: Findings) -> None:
    rows = frames["site_hours"]
    days = rows.groupby(["site", "part"])["day"].transform("nunique")
    rule = "a site has 365 days of solar and 365 of wind; add the missing days, or take all rows of the site away"
    findings.rows(rows, (days != DAYS) & ~rows.duplicated(["site", "part"]), rule, table="site_hours", column="day")
    parts = rows.groupby("site")["part"].transform("nunique")
    rule = "the site has hours of one of solar and wind only; add the other one"
    findings.rows(rows, (parts != len(PARTS)) & ~rows.duplicated("site"), rule, table="site_hours", column="part")


_CHECKS: tuple[tuple[str, Callable[[Frames, Findings], None]], ...] = (
    ("commodities", _commodities),
    ("commodities prices", _prices),
    ("technologies technology_costs furnace_groups", _technologies),
    ("technologies recipes bill_of_materials route_options", _options),
    ("commodities technologies routes route_options transitions", _routes),
    ("commodities bill_of_materials routes route_options", _hot_balance),
    ("cost_steps scrap_tiers", _shares),
    ("steel_end_uses", _end_uses),
    ("charge_groups charge_limits bill_of_materials technologies commodities", _charges),
    ("plants furnace_groups hot_links bill_of_materials commodities", _hot_links),
    ("boundaries commodities", _boundaries),
    ("subsidies carbon_contracts technologies commodities", _support),
    ("input_limits input_limit_goods commodities", _input_limits),
    ("site_hours", _site_hours),
)
