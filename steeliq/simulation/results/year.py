"""From a year's arrays to the tidy tables of variables.csv."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.accounts.emissions import Emissions, intensities
from steeliq.simulation.accounts.laws import Finding
from steeliq.simulation.agents.decide import Choices
from steeliq.simulation.aging import INDICATORS
from steeliq.simulation.arrays import Bools, Floats, Ints, group_rows
from steeliq.simulation.inputs import Inputs, own_energy
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.market.grades import sales
from steeliq.simulation.market.prices import YearPrices
from steeliq.simulation.market.response import response
from steeliq.simulation.results.public import public_money
from steeliq.simulation.siting.sites import Sites
from steeliq.simulation.state import State
from steeliq.simulation.stock.balance import SteelInUse

SMALL = 1e-3  # t: amounts below are solver dust and not reported as flows


@dataclass(frozen=True, slots=True)
class Year:
    """Everything that a step has computed."""

    inputs: Inputs
    state: State
    flows: Dispatch
    prices: YearPrices
    books: Books
    emissions: Emissions
    choices: Choices
    later: State
    owners: Mapping[str, Floats]
    findings: Sequence[Finding]


def tables_of(year: Year, only: Collection[str] | None = None) -> dict[str, pd.DataFrame]:
    """All result tables of the year, or those named."""
    draw: dict[str, Callable[[Year], pd.DataFrame]] = {
        "production": _production,
        "charges": _charges,
        "energy": _energy,
        "supply": _supply,
        "flows": _flows,
        "demand": _demand,
        "prices": _prices,
        "emissions": _emissions,
        "intensities": _intensities,
        "costs": _costs,
        "support": lambda year: public_money(
            year.inputs, year.state.fleet, year.flows, year.books, year.choices.granted
        ),
        "accounts": _accounts,
        "owners": _owners,
        "capacity": _capacity,
        "decisions": lambda year: year.choices.decisions,
        "candidates": lambda year: year.choices.candidates,
        "reasons": lambda year: year.choices.reasons,
        "write_offs": lambda year: year.choices.write_offs,
        "limits": lambda year: year.choices.limits,
        "scarcity": _scarcity,
        "grades": _grades,
        "forecasts": _forecasts,
        "solves": _solves,
        "audit": _audit,
    }
    if (sites := year.inputs.sites) is not None:
        draw["site_energy"] = lambda year: _site_energy(year, sites)
    if (stock := year.inputs.conditions.stock) is not None:
        draw["stock"] = lambda year: _stock(year, stock)
    if year.inputs.scenario.demand.elasticity > 0:
        draw["demand_response"] = _demand_response
    wanted = [name for name in draw if only is None or name in only]
    return {name: draw[name](year).assign(year=year.state.year) for name in wanted}


def _labels(names: Sequence[str], codes: Ints) -> np.ndarray[Any, Any]:
    return np.array(names, dtype=object)[codes]


def _fleet_columns(year: Year, rows: Ints) -> dict[str, Any]:
    fleet, inputs = year.state.fleet, year.inputs
    return {
        "furnace_group": fleet.id[rows],
        "country": _labels(inputs.countries, fleet.country[rows]),
        "technology": _labels(inputs.technologies.names, fleet.technology[rows]),
    }


def _operating(year: Year) -> Ints:
    return np.flatnonzero(year.state.fleet.operating(year.state.year))


def _production(year: Year) -> pd.DataFrame:
    rows, fleet, inputs = _operating(year), year.state.fleet, year.inputs
    made = year.books.production[rows]
    return pd.DataFrame(
        _fleet_columns(year, rows)
        | {
            "plant": fleet.plant[rows],
            "owner": fleet.owner[rows],
            "product": _labels(inputs.commodities.names, inputs.technologies.product[fleet.technology[rows]]),
            "capacity": fleet.capacity[rows],
            "production": made,
            "utilisation": made / fleet.capacity[rows],
        }
    )


def _made(year: Year) -> Floats:
    """Product by country and option (c, o) t."""
    return group_rows(year.books.by_option, year.state.fleet.country, len(year.inputs.countries))


def _by_technology(year: Year, values: Floats) -> Floats:
    """Sum columns by option (c, o, ...) -> (c, t, ...)."""
    recipes = year.inputs.recipes
    return group_rows(values.swapaxes(0, 1), recipes.technology, len(recipes.technologies)).swapaxes(0, 1)


def _long(year: Year, amounts: Floats, names: Sequence[str], column: str, value: str) -> pd.DataFrame:
    """(c, t, n) -> rows with an amount."""
    c, t, n = np.nonzero(np.abs(amounts) > SMALL)
    return pd.DataFrame(
        {
            "country": _labels(year.inputs.countries, c),
            "technology": _labels(year.inputs.technologies.names, t),
            column: _labels(names, n),
            value: amounts[c, t, n],
        }
    )


def _used(year: Year, bill: Floats, mask: Bools) -> Floats:
    """Amounts of the masked commodities by country and technology (c, t, k)."""
    per_option = _made(year)[:, :, None] * np.where(mask, bill, 0.0)[None, :, :]
    return _by_technology(year, per_option)


def _charges(year: Year) -> pd.DataFrame:
    """Metallic charges, and ore where it is charged."""
    commodities = year.inputs.commodities
    bearing = np.isin(np.array(commodities.kind, dtype=object), ["hub", "hot"]) & (commodities.iron > 0)
    used = _used(year, np.maximum(year.inputs.recipes.bill, 0.0), bearing)
    return _long(year, used, commodities.names, "commodity", "amount")


def _energy(year: Year) -> pd.DataFrame:
    commodities = year.inputs.commodities
    used = _used(year, year.inputs.recipes.bill, np.array(commodities.kind, dtype=object) == "bought")
    table = _long(year, used, commodities.names, "commodity", "amount")
    units = dict(zip(commodities.names, commodities.unit, strict=True))
    return table.assign(unit=[units[name] for name in table["commodity"]])


def _supply(year: Year) -> pd.DataFrame:
    inputs, supply, flows = year.inputs, year.inputs.supply, year.flows
    y = inputs.conditions.at(year.state.year)
    country = supply.mine_country[supply.ore_mine]
    ore = pd.DataFrame(
        {
            "country": _labels(inputs.countries, country),
            "commodity": _labels(inputs.commodities.names, supply.ore_commodity),
            "available": supply.ore_limit,
            "amount": flows.ore,
        }
    )
    ore = ore.groupby(["country", "commodity"], as_index=False).sum()
    scrap = pd.DataFrame(
        {
            "country": list(inputs.countries),
            "commodity": inputs.commodities.names[supply.scrap],
            "available": inputs.conditions.scrap[y] * supply.tier_share.sum(),
            "amount": flows.scrap.sum(axis=1),
        }
    )
    return pd.concat([ore, scrap[scrap["available"] > 0]], ignore_index=True)


def _stock(year: Year, stock: SteelInUse) -> pd.DataFrame:
    y = year.inputs.conditions.at(year.state.year)
    columns = {field.name: getattr(stock, field.name)[y] for field in fields(stock)}
    rows = np.flatnonzero((stock.used[y] > 0) | (stock.start[y] > 0))
    return pd.DataFrame(
        {"country": _labels(year.inputs.countries, rows)} | {name: value[rows] for name, value in columns.items()}
    )


def _flows(year: Year) -> pd.DataFrame:
    network, inputs = year.flows.network, year.inputs
    amount = year.flows.shipped
    rows = np.flatnonzero(amount > SMALL)
    commodity, origin, target = network.arc_commodity[rows], network.arc_from[rows], network.arc_to[rows]
    hub = np.searchsorted(network.terms.commodities, commodity)
    return pd.DataFrame(
        {
            "commodity": _labels(inputs.commodities.names, commodity),
            "origin": _labels(inputs.countries, origin),
            "destination": _labels(inputs.countries, target),
            "amount": amount[rows],
            "transport_cost": network.arc_transport[rows],
            "duty": network.arc_duty[rows],
            "border_charge": _mean_border(year)[hub, origin, target],
            "emissions": amount[rows] * network.terms.emissions[hub, origin, target],
        }
    )


def _mean_border(year: Year) -> Floats:
    """Mean border adjustment by hub commodity, origin and destination (h, c, c) USD/t."""
    border, flows = year.flows.network.border, year.flows
    out = np.zeros_like(flows.network.terms.transport)
    for zone in range(int(border.zone.max(initial=-1)) + 1):
        of = border.zone == zone
        if not of.any():
            continue
        weight = np.bincount(border.origin[of], weights=flows.bordered[of], minlength=out.shape[1])
        paid = np.bincount(border.origin[of], weights=flows.bordered[of] * border.charge[of], minlength=out.shape[1])
        mean = np.divide(paid, weight, out=np.zeros_like(paid), where=weight > SMALL)
        h = int(np.searchsorted(flows.network.terms.commodities, border.commodity[of][0]))
        out[h][:, border.zone_of[h] == zone] = mean[:, None]
    return out


def _demand(year: Year) -> pd.DataFrame:
    inputs = year.inputs
    demand, unmet = inputs.conditions.demand[inputs.conditions.at(year.state.year)], year.flows.unmet
    rows = np.flatnonzero(demand > 0)
    return pd.DataFrame(
        {
            "country": _labels(inputs.countries, rows),
            "demand": demand[rows],
            "supplied": (demand - unmet)[rows],
            "unmet": unmet[rows],
        }
    )


def _demand_response(year: Year) -> pd.DataFrame:
    """Prices are missing in the first year, which all others are measured by."""
    inputs, state = year.inputs, year.state
    y = inputs.conditions.at(state.year)
    rows = np.flatnonzero(inputs.conditions.baseline[y] > 0)
    return pd.DataFrame(
        {
            "country": _labels(inputs.countries, rows),
            "baseline": inputs.conditions.baseline[y, rows],
            "first_price": state.first_price[rows],
            "last_price": state.last_price[rows],
            "response": response(inputs.scenario, state.first_price, state.last_price)[rows],
            "demand": inputs.conditions.demand[y, rows],
        }
    )


def _prices(year: Year) -> pd.DataFrame:
    inputs, prices = year.inputs, year.prices
    hub = inputs.commodities.hub
    k, c = np.repeat(hub, len(inputs.countries)), np.tile(np.arange(len(inputs.countries)), len(hub))
    finite = np.isfinite(prices.buy[k, c])
    k, c = k[finite], c[finite]
    return pd.DataFrame(
        {
            "country": _labels(inputs.countries, c),
            "commodity": _labels(inputs.commodities.names, k),
            "price": prices.buy[k, c],
            "dual": prices.dual[k, c],
            "clipped": prices.clipped[k, c],
        }
    )


def _emissions(year: Year) -> pd.DataFrame:
    rows = np.flatnonzero(year.state.fleet.operating(year.state.year) & (year.books.production > 0))
    emissions = year.emissions
    columns = {
        name: getattr(emissions, name)[rows]
        for name in ("generated", "captured", "biogenic", "scope1", "scope2", "scope3")
    }
    return pd.DataFrame(_fleet_columns(year, rows) | columns)


def _intensities(year: Year) -> pd.DataFrame:
    network = year.flows.network
    hub = np.searchsorted(network.terms.commodities, network.arc_commodity)
    freight = network.terms.emissions[hub, network.arc_from, network.arc_to]
    return pd.DataFrame(intensities(year.inputs, year.flows, float(year.flows.shipped @ freight)))


COST_ITEMS = (
    *("ore", "scrap", "metallics", "reductants", "energy", "other"),
    *("conversion", "carbon", "fixed", "capital", "support"),
)
ENERGY = ("electricity", "natural_gas", "oxygen")
REDUCTANTS = ("coking_coal", "pci_coal", "thermal_coal", "eaf_coal", "charcoal", "hydrogen", "coke")


def _costs(year: Year) -> pd.DataFrame:
    """Cost stack by item; hot metal is not an item here, because its own costs stand with its makers."""
    inputs, books, fleet = year.inputs, year.books, year.state.fleet
    y = inputs.conditions.at(year.state.year)
    names, made = inputs.commodities.names, _made(year)
    ores = {names[k] for k in inputs.supply.ore_commodity.tolist()}
    item_of = np.array([_cost_item(n, k, ores) for n, k in zip(names, inputs.commodities.kind, strict=True)])
    price = np.nan_to_num(inputs.conditions.price[y] + year.prices.buy, posinf=0.0)
    values = np.zeros((*made.shape, len(COST_ITEMS)))
    for n, item in enumerate(COST_ITEMS):
        of = item_of == item
        values[:, :, n] = made * (inputs.recipes.bill[:, of] @ price[of]).T
    bought = inputs.recipes.bill @ inputs.conditions.price[y]
    costs = inputs.unit_costs
    values[:, :, COST_ITEMS.index("other")] += made * (costs.bought[y] - bought).T  # storage of captured CO2
    if own := own_energy(inputs, fleet.plant, year.state.year):
        extra, spared = (
            group_rows(books.by_option * part, fleet.country, len(inputs.countries)) for part in (own.cost, own.spared)
        )
        values[:, :, COST_ITEMS.index("energy")] += extra  # what own power and hydrogen cost more or less
    values[:, :, COST_ITEMS.index("conversion")] = made * costs.conversion[y].T
    allowances = inputs.recipes.scope1[None, :] * year.flows.cap_price[:, None]
    values[:, :, COST_ITEMS.index("carbon")] = made * costs.carbon[y].T + made * allowances
    if own:
        values[:, :, COST_ITEMS.index("carbon")] -= spared
    values[:, :, COST_ITEMS.index("support")] = -made * costs.support[y].T
    amounts = _by_technology(year, values)
    for item in ("fixed", "capital"):
        np.add.at(amounts[:, :, COST_ITEMS.index(item)], (fleet.country, fleet.technology), getattr(books, item))
    table = _long(year, amounts, COST_ITEMS, "item", "value")
    total = _by_technology(year, made)
    c = np.searchsorted(np.array(inputs.countries), table["country"].to_numpy(dtype=str))
    t = np.searchsorted(np.array(inputs.technologies.names), table["technology"].to_numpy(dtype=str))
    return table.assign(production=total[c, t])


def _cost_item(name: str, kind: str, ores: set[str]) -> str:
    if kind == "hot":
        return ""
    if name in ores:
        return "ore"
    if name == "scrap":
        return "scrap"
    if kind == "hub":
        return "metallics"
    if name in ENERGY:
        return "energy"
    return "reductants" if name in REDUCTANTS else "other"


def _accounts(year: Year) -> pd.DataFrame:
    rows, books = _operating(year), year.books
    after = np.searchsorted(year.later.fleet.id.astype(str), year.state.fleet.id[rows].astype(str))
    return pd.DataFrame(
        _fleet_columns(year, rows)
        | {
            "production": books.production[rows],
            "revenue": books.revenue[rows],
            "variable_cost": books.variable[rows],
            "carbon_cost": books.carbon[rows],
            "fixed_cost": books.fixed[rows],
            "interest": books.interest[rows],
            "principal": books.principal[rows],
            "debt": year.later.fleet.debt[after],
            "lcos": books.lcos[rows],
        }
    )


def _owners(year: Year) -> pd.DataFrame:
    return pd.DataFrame({"owner": year.later.owners} | dict(year.owners))


def _capacity(year: Year) -> pd.DataFrame:
    """Opening: in operation this year. Opened: of that, new this year. Closed: stops at the end of the year."""
    inputs, now = year.inputs, year.state.year
    fleet = year.later.fleet
    columns = {
        "opening": fleet.operating(now) & (fleet.opens < now),
        "opened": fleet.opens == now,
        "closed": fleet.operating(now) & (fleet.retires == now + 1),
        "closing": fleet.operating(now) & (fleet.retires > now + 1),
        "committed": fleet.committed(now),
    }
    sums = {}
    for name, mask in columns.items():
        out = np.zeros((len(inputs.countries), len(inputs.technologies.names)))
        np.add.at(out, (fleet.country[mask], fleet.technology[mask]), fleet.capacity[mask])
        sums[name] = out
    c, t = np.nonzero(np.sum(list(sums.values()), axis=0))
    labels = {"country": _labels(inputs.countries, c), "technology": _labels(inputs.technologies.names, t)}
    return pd.DataFrame(labels | {name: out[c, t] for name, out in sums.items()})


def _grades(year: Year) -> pd.DataFrame:
    flows = year.flows
    return pd.DataFrame(sales(flows.network.grades, year.inputs.countries, flows.sold, flows.solution.row_dual))


def _scarcity(year: Year) -> pd.DataFrame:
    limits, flows = year.flows.network.limits, year.flows
    return pd.DataFrame(
        {
            "kind": np.array(limits.kind, dtype=object),
            "limit": np.array(limits.name, dtype=object),
            "allowed": limits.allowed,
            "used": flows.limited,
            "beyond": flows.beyond,
            "price": flows.limit_price,
        }
    )


def _site_energy(year: Year, sites: Sites) -> pd.DataFrame:
    """What energy costs at each site for plants that are decided this year."""
    now = year.state.year
    y = sites.row(now)
    return pd.DataFrame(
        {
            "site": np.array(sites.names, dtype=object),
            "country": _labels(year.inputs.countries, sites.country),
            "own_power": sites.lcoe[y],
            "grid_power": sites.grid_price[y],
            "power": sites.power(now),
            "own_hydrogen": sites.own_hydrogen[y],
            "hydrogen": sites.gas(now),
            "solar": sites.design[y, :, 0],
            "wind": sites.design[y, :, 1],
            "battery": sites.design[y, :, 2],
        }
    )


def _forecasts(year: Year) -> pd.DataFrame:
    """Forecasts for this year next to what came; capacity counts as its country can use it, as it did when expected."""
    inputs, now = year.inputs, year.state.year
    due = year.state.forecasts[year.state.forecasts[:, 1] == now]
    y = inputs.conditions.at(now)
    steel, scrap = inputs.steel, inputs.supply.scrap
    fleet = year.state.fleet
    running = fleet.operating(now) & inputs.technologies.is_steel[fleet.technology]
    outcome = np.array(
        [
            weighted_mean(year.prices.buy[steel], inputs.conditions.demand[y]),
            weighted_mean(year.prices.buy[scrap], year.flows.scrap.sum(axis=1)),
            float((fleet.capacity * inputs.conditions.availability[y, fleet.country])[running].sum()),
        ]
    )
    number = due[:, 2].astype(np.int64)
    return pd.DataFrame(
        {
            "made": due[:, 0].astype(np.int64),
            "indicator": _labels(INDICATORS, number),
            "expected": due[:, 3],
            "outcome": outcome[number],
        }
    )


def weighted_mean(values: Floats, weights: Floats) -> float:
    """Mean over countries with a price; nan if nothing weighs."""
    good = np.isfinite(values) & (weights > 0)
    return float(np.average(values[good], weights=weights[good])) if good.any() else float("nan")


def _solves(year: Year) -> pd.DataFrame:
    solution, programme = year.flows.solution, year.flows.network.programme
    proof = solution.certificate
    row = {
        "method": solution.method,
        "rows": len(programme.row_lower),
        "columns": len(programme.cost),
        "iterations": solution.iterations,
        "objective": solution.objective * 1e6,
        "primal": proof.primal,
        "dual": proof.dual,
        "gap": proof.gap,
    }
    return pd.DataFrame([row])


def _audit(year: Year) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"invariant": f.invariant, "scope": f.scope, "residual": f.residual, "where": f.where, "passed": f.passed}
            for f in year.findings
        ]
    )
