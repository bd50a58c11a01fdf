"""The year's linear programme: which option every dispatch group runs, and who ships what to whom.

Plants trade with their country's hub, hubs trade with each other; the equations are in docs/model.md, section
Dispatch. Imports never enter an export pool, so nothing is re-exported round a tariff.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.inputs import Inputs, own_energy
from steeliq.simulation.market import adjustment, grades, limits
from steeliq.simulation.market.assembly import Assembly, Programme
from steeliq.simulation.market.groups import Groups
from steeliq.simulation.market.keys import Keys, keys_of, mixed
from steeliq.simulation.market.trade import TradeTerms

MT = 1e6  # t per Mt


@dataclass(frozen=True, slots=True)
class Network:
    """The programme of a year and what its blocks mean; positions are into the programme's columns and rows."""

    year: int
    groups: Groups
    terms: TradeTerms
    programme: Programme
    make_group: Ints  # (z,) of the columns `make`
    make_option: Ints  # (z,)
    step_group: Ints  # (s,) of the columns `step`
    step_adder: Floats  # (s,) USD/t
    step_penalty: Floats  # (s,) USD/t minimum-load penalty that a tonne in the step avoids
    load: Floats  # (g,) Mt minimum load
    cool_group: Ints  # (q,) of the columns `cool`
    cool_commodity: Ints  # (q,) hot commodity that cools
    arc_commodity: Ints  # (a,) of the columns `ship`
    arc_from: Ints  # (a,)
    arc_to: Ints  # (a,)
    arc_transport: Floats  # (a,) USD/t
    arc_duty: Floats  # (a,) USD/t
    pool_row: Ints  # (k, c) row of the export pool, -1 where there is none
    arrival_row: Ints  # (k, c) row of the arrivals, -1 where there is none
    hot_row: Ints  # (g,) row of the hot output of a linked group, -1 for others
    border: adjustment.Border
    limits: limits.LimitRows
    grades: grades.Grades


def network_of(
    inputs: Inputs,
    groups: Groups,
    year: int,
    embedded: tuple[Floats, Floats] | None = None,
    injected: Floats | None = None,
) -> Network:
    """Assemble the programme of a year.

    embedded: (k, c) tCO2/t of each country's output last year, and the free allowances in it, on which border
    adjustments are charged if the scenario wants country means; without it every furnace group is charged on its own.
    injected: (s,) t of CO2 stored in earlier years (none if not given).
    """
    terms = inputs.trade.terms(year)
    lp = Assembly()
    y = inputs.conditions.at(year)
    group, option = _options(inputs, groups)
    cost = inputs.unit_costs.outside[y, option, groups.country[group]]
    if own := own_energy(inputs, groups.place, year):
        cost = cost + (own.cost - own.spared)[group, option]
    option_keys = keys_of(["/".join(name) for name in inputs.recipes.options])
    make_keys = mixed("make", groups.keys[group], option_keys[option])
    make = lp.add_columns("make", make_keys, cost)
    steps = _add_steps(lp, inputs, groups, group, make)
    _add_charge_rules(lp, inputs, groups, group, option, make, y)
    pool = _Pool(inputs)
    hot_row, cool_group, cool_commodity = _add_hot(lp, inputs, groups, group, option, make, pool)
    _add_supply(lp, inputs, pool, y)
    use = inputs.recipes.bill[option][:, inputs.commodities.hub]
    for position, k in enumerate(inputs.commodities.hub):
        used = np.flatnonzero(use[:, position] > 0)
        pool.use(int(k), groups.country[group[used]], make[used], use[used, position])
    arcs = _add_trade(lp, inputs, pool, terms, y)
    columns = (arcs.commodity, arcs.origin, arcs.destination, arcs.column)
    filled = np.zeros(len(inputs.conditions.storage.areas)) if injected is None else injected
    limited = limits.add(lp, inputs, terms, groups, group, option, make, columns, year, filled)
    graded = grades.add(lp, inputs, groups, (group, option, make), columns, year)
    border = adjustment.add(lp, inputs, terms, groups, pool.sources(), columns, year, embedded)
    return Network(
        year=year,
        groups=groups,
        terms=terms,
        programme=lp.programme(),
        make_group=group,
        make_option=option,
        step_group=steps[0],
        step_adder=steps[1],
        step_penalty=steps[2],
        load=steps[3],
        cool_group=cool_group,
        cool_commodity=cool_commodity,
        arc_commodity=arcs.commodity,
        arc_from=arcs.origin,
        arc_to=arcs.destination,
        arc_transport=arcs.transport,
        arc_duty=arcs.duty,
        pool_row=arcs.pool_row,
        arrival_row=arcs.arrival_row,
        hot_row=hot_row,
        border=border,
        limits=limited,
        grades=graded,
    )


class _Pool:
    """Who puts a hub commodity into a country's export pool, and who takes it from the country's arrivals."""

    def __init__(self, inputs: Inputs) -> None:
        self._in: dict[int, list[adjustment.Sources]] = {int(k): [] for k in inputs.commodities.hub}
        self._out: dict[int, list[tuple[Ints, Ints, Floats]]] = {int(k): [] for k in inputs.commodities.hub}

    def put(self, k: int, country: Ints, column: Ints, option: Ints | None = None, group: Ints | None = None) -> None:
        none = np.full(len(column), -1)
        source = adjustment.Sources(
            country, column, none if option is None else option, none if group is None else group
        )
        self._in[k].append(source)

    def use(self, k: int, country: Ints, column: Ints, amount: Floats) -> None:
        self._out[k].append((country, column, amount))

    def sources(self) -> dict[int, adjustment.Sources]:
        """Per commodity: everything that enters a pool."""
        return {
            k: adjustment.Sources(
                *(_joined([getattr(part, name) for part in parts]) for name in ("country", "column", "option", "group"))
            )
            for k, parts in self._in.items()
        }

    def uses(self) -> dict[int, tuple[Ints, Ints, Floats]]:
        """Per commodity: country, column and amount per unit of everything that takes from arrivals."""
        return {
            k: (
                _joined([c for c, _, _ in parts]),
                _joined([x for _, x, _ in parts]),
                np.concatenate([v for _, _, v in parts] or [np.zeros(0)]),
            )
            for k, parts in self._out.items()
        }


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts or [np.zeros(0, dtype=np.int64)]).astype(np.int64)


def _options(inputs: Inputs, groups: Groups) -> tuple[Ints, Ints]:
    """Every group with every option of its technology for which it has a hot partner if the option needs one."""
    recipes = inputs.recipes
    count = np.bincount(recipes.technology, minlength=len(recipes.technologies))
    first = np.cumsum(count) - count
    per_group = count[groups.technology]
    group = np.repeat(np.arange(len(groups)), per_group)
    option = np.repeat(first[groups.technology], per_group) + (
        np.arange(per_group.sum()) - np.repeat(np.cumsum(per_group) - per_group, per_group)
    )
    possible = np.ones(len(group), dtype=bool)
    for hot in inputs.commodities.hot:
        partner = np.zeros(len(groups), dtype=bool)
        partner[groups.link_to[groups.link_commodity == hot]] = True
        possible &= ~(recipes.bill[option, hot] > 0) | partner[group]
    return group[possible], option[possible]


def _add_steps(
    lp: Assembly, inputs: Inputs, groups: Groups, group: Ints, make: Ints
) -> tuple[Ints, Floats, Floats, Floats]:
    """Capacity as rising-cost steps; the minimum load is a breakpoint below which a tonne also avoids the penalty.

    The convex step cost makes the two rules one block: filling the cheap steps first is optimal.
    """
    scenario, technologies = inputs.scenario.dispatch, inputs.technologies
    step_group, adder, penalty, width, number = [], [], [], [], []
    for t in range(len(technologies.names)):
        members = np.flatnonzero(groups.technology == t)
        load = technologies.minimum_load[t]
        edges = np.cumsum(technologies.step_share[t]) / technologies.step_share[t].sum()
        points = np.unique(np.concatenate([edges, [load] if load > 0 else []]))
        lower = np.concatenate([[0.0], points[:-1]])
        for n, (low, high) in enumerate(zip(lower, points, strict=True)):
            step = int(np.searchsorted(edges, high - 1e-12))
            step_group.append(members)
            number.append(np.full(len(members), n))
            width.append((high - low) * groups.capacity[members] / MT)
            adder.append(np.full(len(members), technologies.step_adder[t][step] * scenario.cost_steps))
            penalty.append(np.full(len(members), scenario.minimum_load_penalty if high <= load + 1e-12 else 0.0))
    at = _joined(step_group)
    add, avoid = np.concatenate(adder), np.concatenate(penalty)
    keys = mixed("step", groups.keys[at], _joined(number).astype(np.uint64))
    columns = lp.add_columns("step", keys, add - avoid, np.concatenate(width))
    rows = lp.add_rows("capacity", groups.keys, 0.0, 0.0)
    lp.add_entries(rows[group], make, 1.0)
    lp.add_entries(rows[at], columns, -1.0)
    return at, add, avoid, technologies.minimum_load[groups.technology] * groups.capacity / MT


def _add_charge_rules(
    lp: Assembly, inputs: Inputs, groups: Groups, group: Ints, option: Ints, make: Ints, y: int
) -> None:
    """Minimum x charge <= charge of the members <= maximum x charge, for each group and rule that can bind."""
    recipes = inputs.recipes
    for rule in inputs.charge_rules:
        members = np.flatnonzero(groups.technology[group] == rule.technology)
        inside = recipes.charge_by_commodity[option[members]][:, rule.members].sum(axis=1)
        total = recipes.charge[option[members]]
        for side, bound, binds in (
            ("minimum", rule.minimum[y], rule.minimum[y] > 0),
            ("maximum", rule.maximum[y], rule.maximum[y] < 1),
        ):
            if not binds or not len(members):
                continue
            affected, row_of = np.unique(group[members], return_inverse=True)
            name = f"charge {inputs.technologies.names[rule.technology]} {rule.name} {side}"
            sign = 1.0 if side == "minimum" else -1.0
            rows = lp.add_rows(name, mixed(name, groups.keys[affected]), 0.0, np.inf)
            lp.add_entries(rows[row_of], make[members], sign * (inside - bound * total))


def _add_hot(
    lp: Assembly, inputs: Inputs, groups: Groups, group: Ints, option: Ints, make: Ints, pool: _Pool
) -> tuple[Ints, Ints, Ints]:
    """Hot output moves to a partner or cools into the pool; hot use comes from partners only."""
    product = inputs.recipes.product[option]
    twin = inputs.commodities.twin
    linked = np.zeros(len(groups), dtype=bool)
    linked[groups.link_from] = True
    is_hot = twin[product] >= 0
    for k in np.unique(np.where(is_hot, twin[product], product)):
        direct = np.flatnonzero((np.where(is_hot, twin[product], product) == k) & ~(is_hot & linked[group]))
        pool.put(int(k), groups.country[group[direct]], make[direct], option[direct], group[direct])
    makers = np.flatnonzero(linked)
    hot_row = np.full(len(groups), -1)
    hot_row[makers] = lp.add_rows("hot output", mixed("hot output", groups.keys[makers]), 0.0, 0.0)
    hot = np.flatnonzero(is_hot & linked[group])
    lp.add_entries(hot_row[group[hot]], make[hot], 1.0)
    commodity = inputs.technologies.product[groups.technology[makers]]
    cool = lp.add_columns("cool", mixed("cool", groups.keys[makers]), 0.0)
    lp.add_entries(hot_row[makers], cool, -1.0)
    for k in np.unique(twin[commodity]):
        of = np.flatnonzero(twin[commodity] == k)
        pool.put(int(k), groups.country[makers[of]], cool[of])
    move = lp.add_columns("move", mixed("move", groups.keys[groups.link_from], groups.keys[groups.link_to]), 0.0)
    lp.add_entries(hot_row[groups.link_from], move, -1.0)
    for k in inputs.commodities.hot:
        users = np.flatnonzero(inputs.recipes.bill[option, k] > 0)
        takers, row_of = np.unique(group[users], return_inverse=True)
        name = f"hot use {inputs.commodities.names[k]}"
        rows = lp.add_rows(name, mixed(name, groups.keys[takers]), 0.0, 0.0)
        lp.add_entries(rows[row_of], make[users], -inputs.recipes.bill[option[users], k])
        links = np.flatnonzero(groups.link_commodity == k)
        lp.add_entries(rows[np.searchsorted(takers, groups.link_to[links])], move[links], 1.0)
    return hot_row, makers, commodity


def _add_supply(lp: Assembly, inputs: Inputs, pool: _Pool, y: int) -> None:
    """Ore by mine, grade and tier within the mine's capacity; scrap by country and tier."""
    supply = inputs.supply
    mines = keys_of(supply.mines)
    goods = keys_of(inputs.commodities.names)
    keys = mixed("ore", mines[supply.ore_mine], goods[supply.ore_commodity], supply.ore_tier.astype(np.uint64))
    ore = lp.add_columns("ore", keys, supply.ore_cost, supply.ore_limit / MT)
    rows = lp.add_rows("mine", mixed("mine", mines), -np.inf, supply.mine_capacity / MT)
    lp.add_entries(rows[supply.ore_mine], ore, 1.0)
    for k in np.unique(supply.ore_commodity):
        of = np.flatnonzero(supply.ore_commodity == k)
        pool.put(int(k), supply.mine_country[supply.ore_mine[of]], ore[of])
    countries, tiers = len(inputs.countries), len(supply.tier_share)
    country, tier = np.repeat(np.arange(countries), tiers), np.tile(np.arange(tiers), countries)
    keys = mixed("scrap", keys_of(inputs.countries)[country], tier.astype(np.uint64))
    limit = inputs.conditions.scrap[y, country] * supply.tier_share[tier] / MT
    scrap = lp.add_columns("scrap", keys, supply.tier_cost[tier], limit)
    pool.put(supply.scrap, country, scrap)


@dataclass(frozen=True, slots=True)
class _Arcs:
    commodity: Ints
    origin: Ints
    destination: Ints
    column: Ints
    transport: Floats
    duty: Floats
    pool_row: Ints
    arrival_row: Ints


def _add_trade(lp: Assembly, inputs: Inputs, pool: _Pool, terms: TradeTerms, y: int) -> _Arcs:
    """Arcs from pools to arrivals, only where the origin can make and the destination can use the commodity."""
    count = len(inputs.countries)
    demand = inputs.conditions.demand[y] / MT
    codes, goods, names = keys_of(inputs.countries), keys_of(inputs.commodities.names), inputs.commodities.names
    pool_row, arrival_row = (np.full((len(names), count), -1) for _ in range(2))
    sources, uses = pool.sources(), pool.uses()
    parts: list[tuple[Ints, Ints, Ints, Floats, Floats]] = []
    for h, k in enumerate(terms.commodities):
        makes, takes = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        makes[sources[int(k)].country] = True
        takes[uses[int(k)][0]] = True
        if k == inputs.steel:
            takes |= demand > 0
        _add_balance_rows(
            lp, names[k], codes, makes, takes, pool_row[k], arrival_row[k], demand if k == inputs.steel else None
        )
        lp.add_entries(pool_row[k, sources[int(k)].country], sources[int(k)].column, 1.0)
        lp.add_entries(arrival_row[k, uses[int(k)][0]], uses[int(k)][1], -uses[int(k)][2])
        open_arc = makes[:, None] & takes[None, :] & ~terms.banned[h] & np.isfinite(terms.transport[h])
        origin, destination = np.nonzero(open_arc)
        parts.append(
            (np.full(len(origin), k), origin, destination, terms.transport[h][open_arc], terms.duty[h][open_arc])
        )
    commodity, origin, destination, transport, duty = (np.concatenate(part) for part in zip(*parts, strict=True))
    keys = mixed("ship", goods[commodity], codes[origin], codes[destination])
    ship = lp.add_columns("ship", keys, transport + duty)
    lp.add_entries(pool_row[commodity, origin], ship, -1.0)
    lp.add_entries(arrival_row[commodity, destination], ship, 1.0)
    wanting = np.flatnonzero(demand > 0)
    unmet = lp.add_columns("unmet", mixed("unmet", codes[wanting]), inputs.scenario.dispatch.lost_load)
    lp.add_entries(arrival_row[inputs.steel, wanting], unmet, 1.0)
    return _Arcs(commodity, origin, destination, ship, transport, duty, pool_row, arrival_row)


def _add_balance_rows(
    lp: Assembly,
    name: str,
    codes: Keys,
    makes: Bools,
    takes: Bools,
    pool_row: Ints,
    arrival_row: Ints,
    demand: Floats | None,
) -> None:
    """Row positions are written into the given slices: output = shipments; arrivals = use (+ demand)."""
    origins, destinations = np.flatnonzero(makes), np.flatnonzero(takes)
    pool_row[origins] = lp.add_rows(f"pool {name}", mixed(f"pool {name}", codes[origins]), 0.0, 0.0)
    wanted: Floats | float = 0.0 if demand is None else demand[destinations]
    arrival_row[destinations] = lp.add_rows(
        f"arrivals {name}", mixed(f"arrivals {name}", codes[destinations]), wanted, wanted
    )
