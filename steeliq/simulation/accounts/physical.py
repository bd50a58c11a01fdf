"""Laws of mass, iron, carbon, capacity and supply, checked on the tonnes that are reported.

Everything is added up again from the flows; nothing is read from the solver's rows.
"""

from __future__ import annotations

import numpy as np

from steeliq.simulation.accounts.emissions import Emissions
from steeliq.simulation.accounts.laws import Finding, at_most, equal
from steeliq.simulation.arrays import Floats
from steeliq.simulation.inputs import Inputs, grid_of
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.market.limits import CAP, QUOTA, SCARCE, STORAGE_LIMIT
from steeliq.simulation.state import Fleet
from steeliq.simulation.technology.balance import CO2_PER_CARBON


def physical_laws(inputs: Inputs, fleet: Fleet, dispatch: Dispatch, emissions: Emissions) -> list[Finding]:
    """All physical invariants of a year."""
    return [
        *_mass(inputs, fleet, dispatch),
        *_hot(inputs, dispatch),
        *_elements(inputs, fleet, dispatch, emissions),
        *_capacity(inputs, fleet, dispatch),
        *_charges(inputs, dispatch),
        *_supplies(inputs, fleet, dispatch),
        *_emission_totals(inputs, fleet, dispatch, emissions),
        *_low_carbon(inputs, dispatch),
    ]


def pools(inputs: Inputs, fleet: Fleet, dispatch: Dispatch) -> tuple[Floats, Floats, Floats, Floats]:
    """Tonnes by commodity and country (k, c): made for the pool, shipped out, arrived, used."""
    shape = (len(inputs.commodities.names), len(inputs.countries))
    made, out, arrived, used = (np.zeros(shape) for _ in range(4))
    network, groups, supply = dispatch.network, dispatch.network.groups, inputs.supply
    product = inputs.recipes.product
    linked = np.zeros(len(groups), dtype=bool)
    linked[groups.link_from] = True
    twin = inputs.commodities.twin[product]
    for o in range(len(product)):
        direct = dispatch.by_group[:, o] * ~((twin[o] >= 0) & linked)
        np.add.at(made[twin[o] if twin[o] >= 0 else product[o]], groups.country, direct)
    np.add.at(
        made, (inputs.commodities.twin[network.cool_commodity], groups.country[network.cool_group]), dispatch.cooled
    )
    np.add.at(made, (supply.ore_commodity, supply.mine_country[supply.ore_mine]), dispatch.ore)
    made[supply.scrap] += dispatch.scrap.sum(axis=1)
    np.add.at(out, (network.arc_commodity, network.arc_from), dispatch.shipped)
    np.add.at(arrived, (network.arc_commodity, network.arc_to), dispatch.shipped)
    hub = inputs.commodities.hub
    use = dispatch.by_option @ np.maximum(inputs.recipes.bill[:, hub], 0.0)
    for position, k in enumerate(hub):
        used[k] = np.bincount(fleet.country, weights=use[:, position], minlength=shape[1])
    used[inputs.steel] += inputs.conditions.demand[inputs.conditions.at(network.year)] - dispatch.unmet
    return made, out, arrived, used


def _mass(inputs: Inputs, fleet: Fleet, dispatch: Dispatch) -> list[Finding]:
    made, out, arrived, used = pools(inputs, fleet, dispatch)
    hub, countries, names = inputs.commodities.hub, inputs.countries, inputs.commodities.names

    def place(position: int) -> str:
        return f"{names[hub[position // len(countries)]]} in {countries[position % len(countries)]}"

    def shipment(arc: int) -> str:
        network = dispatch.network
        good, origin, target = network.arc_commodity[arc], network.arc_from[arc], network.arc_to[arc]
        return f"{names[good]} from {countries[origin]} to {countries[target]}"

    world = [names[k] for k in hub]
    return [
        equal("mass: output = shipments", "commodity and country", made[hub], out[hub], place),
        equal("mass: arrivals = use", "commodity and country", arrived[hub], used[hub], place),
        equal("mass: output = use", "commodity, world", made[hub].sum(axis=1), used[hub].sum(axis=1), world),
        at_most("flows are not negative", "shipment", -dispatch.shipped, np.zeros(len(dispatch.shipped)), shipment),
        at_most(
            "flows are not negative",
            "furnace group",
            -dispatch.by_option.min(axis=1, initial=0.0),
            np.zeros(len(fleet)),
            fleet.id,
        ),
    ]


def _hot(inputs: Inputs, dispatch: Dispatch) -> list[Finding]:
    network, groups = dispatch.network, dispatch.network.groups
    output = dispatch.by_group.sum(axis=1)[network.cool_group]
    left = (
        np.bincount(groups.link_from, weights=dispatch.moved, minlength=len(groups))[network.cool_group]
        + dispatch.cooled
    )
    findings = [
        equal(
            "mass: hot output = moved + cooled",
            "dispatch group",
            output,
            left,
            lambda n: str(groups.place[network.cool_group[n]]),
        )
    ]
    for k in inputs.commodities.hot:
        of = groups.link_commodity == k
        received = np.bincount(groups.link_to[of], weights=dispatch.moved[of], minlength=len(groups))
        used = dispatch.by_group @ inputs.recipes.bill[:, k].clip(min=0.0)
        findings.append(
            equal(
                f"mass: {inputs.commodities.names[k]} received = used", "dispatch group", received, used, groups.place
            )
        )
    return findings


def _elements(inputs: Inputs, fleet: Fleet, dispatch: Dispatch, emissions: Emissions) -> list[Finding]:
    """World balances: what enters as ore, scrap and fuel leaves as steel, by-products, losses and CO2."""
    recipes, commodities, supply = inputs.recipes, inputs.commodities, inputs.supply
    made = dispatch.by_option.sum(axis=0)
    steel = (inputs.conditions.demand[inputs.conditions.at(dispatch.network.year)] - dispatch.unmet).sum()
    primary = np.zeros(len(commodities.names))
    np.add.at(primary, supply.ore_commodity, dispatch.ore)
    primary[supply.scrap] += dispatch.scrap.sum()
    outside = np.isin(np.array(commodities.kind, dtype=object), ["hub", "hot"], invert=True)
    net = made @ np.where(outside, recipes.bill, 0.0)  # bought inputs less by-products
    iron_in = primary @ commodities.iron + net @ commodities.iron
    iron_out = steel * commodities.iron[inputs.steel] + made @ recipes.iron_lost
    carbon_in = primary @ commodities.carbon + net @ commodities.carbon
    carbon_out = steel * commodities.carbon[inputs.steel] + emissions.generated.sum() / CO2_PER_CARBON
    per_option = made * (recipes.iron_in - recipes.iron_out - recipes.iron_lost)
    return [
        equal("iron: in = products + losses", "world", np.array([iron_in]), np.array([iron_out]), ["world"]),
        equal(
            "iron: in = products + losses",
            "option",
            per_option,
            np.zeros(len(made)),
            lambda o: "/".join(recipes.options[o]),
        ),
        at_most(
            "iron: no option creates iron",
            "option",
            -recipes.iron_lost * made,
            np.zeros(len(made)),
            lambda o: "/".join(recipes.options[o]),
        ),
        equal("carbon: in = products + CO2", "world", np.array([carbon_in]), np.array([carbon_out]), ["world"]),
        equal(
            "carbon: generated = emitted + captured",
            "furnace group",
            emissions.generated,
            emissions.scope1 + emissions.captured + dispatch.by_option @ recipes.generated_biogenic,
            fleet.id,
        ),
    ]


def _capacity(inputs: Inputs, fleet: Fleet, dispatch: Dispatch) -> list[Finding]:
    year = dispatch.network.year
    y = inputs.conditions.at(year)
    usable = (
        fleet.capacity
        * inputs.technologies.availability[fleet.technology]
        * inputs.conditions.availability[y, fleet.country]
    )
    usable = np.where(fleet.operating(year), usable, 0.0)
    stepped = np.bincount(dispatch.network.step_group, weights=dispatch.step, minlength=len(dispatch.network.groups))
    return [
        at_most("product <= available capacity", "furnace group", dispatch.by_option.sum(axis=1), usable, fleet.id),
        equal(
            "product = sum of cost steps",
            "dispatch group",
            dispatch.by_group.sum(axis=1),
            stepped,
            dispatch.network.groups.place,
        ),
    ]


def _charges(inputs: Inputs, dispatch: Dispatch) -> list[Finding]:
    y = inputs.conditions.at(dispatch.network.year)
    groups, charge = dispatch.network.groups, inputs.recipes.charge_by_commodity
    findings = []
    for rule in inputs.charge_rules:
        of = groups.technology == rule.technology
        total = (dispatch.by_group[of] @ charge).sum(axis=1)
        part = (dispatch.by_group[of] @ charge)[:, rule.members].sum(axis=1)
        scope = f"{inputs.technologies.names[rule.technology]} {rule.name}"
        findings.append(at_most("charge share >= minimum", scope, rule.minimum[y] * total, part, groups.place[of]))
        findings.append(at_most("charge share <= maximum", scope, part, rule.maximum[y] * total, groups.place[of]))
    return findings


def _supplies(inputs: Inputs, fleet: Fleet, dispatch: Dispatch) -> list[Finding]:
    y, network, supply = inputs.conditions.at(dispatch.network.year), dispatch.network, inputs.supply
    demand = inputs.conditions.demand[y]
    into = np.where(network.arc_commodity == inputs.steel, dispatch.shipped, 0.0)
    supplied = np.bincount(network.arc_to, weights=into, minlength=len(demand))
    mined = np.bincount(supply.ore_mine, weights=dispatch.ore, minlength=len(supply.mines))
    scrap = dispatch.scrap.sum(axis=1)
    findings = [
        equal("demand = supplied + unmet", "country", demand, supplied + dispatch.unmet, inputs.countries),
        at_most("ore <= mine capacity", "mine", mined, supply.mine_capacity, supply.mines),
        at_most(
            "scrap <= supply", "country", scrap, inputs.conditions.scrap[y] * supply.tier_share.sum(), inputs.countries
        ),
    ]
    limits = network.limits
    beyond = dict(zip(zip(limits.kind, limits.name, strict=True), dispatch.beyond.tolist(), strict=True))
    allowed = dict(zip(zip(limits.kind, limits.name, strict=True), limits.allowed.tolist(), strict=True))
    for quota in network.terms.quotas:
        inside = (
            (network.arc_commodity == quota.commodity)
            & quota.origin[network.arc_from]
            & quota.destination[network.arc_to]
        )
        inside &= network.arc_from != network.arc_to
        findings.append(
            at_most(
                "quota",
                quota.name,
                dispatch.shipped[inside].sum(keepdims=True),
                np.array([quota.quantity + beyond.get((QUOTA, quota.name), 0.0)]),
                [quota.name],
            )
        )
    for kind, uses, law in (
        (CAP, inputs.caps, "emissions <= cap + let go"),
        (SCARCE, inputs.input_limits, "input <= limit"),
    ):
        amounts = uses.used(dispatch.by_option, fleet.country)
        for s, label in enumerate(uses.names):
            if (kind, label) in allowed:
                bound = allowed[kind, label] + beyond[kind, label]
                findings.append(at_most(law, label, amounts[s : s + 1], np.array([bound]), [label]))
    for name, family, area in (
        ("CO2 stored <= storage", STORAGE_LIMIT, inputs.conditions.storage),
        ("biomass <= supply", "biomass", inputs.conditions.biomass),
    ):
        for s, label in enumerate(area.areas):
            per_tonne = inputs.recipes.captured if area.commodity[s] < 0 else inputs.recipes.bill[:, area.commodity[s]]
            amount = (dispatch.by_option @ per_tonne)[area.member[s, fleet.country]].sum()
            findings.append(at_most(name, label, np.array([amount]), np.array([allowed[family, label]]), [label]))
    return findings


def _low_carbon(inputs: Inputs, dispatch: Dispatch) -> list[Finding]:
    """Sales of low-carbon steel within what is certified at every threshold, what is shipped and what is wanted."""
    network, grades, countries = dispatch.network, dispatch.network.grades, len(inputs.countries)
    if not len(grades.column):
        return []
    country = network.groups.country[grades.group]
    made = dispatch.by_group[grades.group, grades.option]
    findings = []
    for bound in grades.level:
        clean, within = grades.intensity <= bound, grades.threshold[grades.zone] <= bound
        output = np.bincount(country[clean], weights=made[clean], minlength=countries)
        sold = np.bincount(grades.origin[within], weights=dispatch.sold[within], minlength=countries)
        scope = f"at {bound:g} tCO2/t"
        findings.append(at_most("low-carbon steel sold <= certified", scope, sold, output, inputs.countries))
    bought = np.bincount(grades.zone, weights=dispatch.sold, minlength=len(grades.wanted))
    names = [f"{t:g} tCO2/t for {p:g} USD/t" for t, p in zip(grades.threshold, grades.premium, strict=True)]
    return [*findings, at_most("low-carbon steel sold <= wanted", "zone", bought, grades.wanted, names)]


def _emission_totals(inputs: Inputs, fleet: Fleet, dispatch: Dispatch, emissions: Emissions) -> list[Finding]:
    """Sum over furnace groups = sum over technologies and countries, added up from the dispatch groups' tonnes."""
    recipes, groups = inputs.recipes, dispatch.network.groups
    grid = grid_of(inputs, groups.country, groups.place, dispatch.network.year)
    findings = []
    for name, by_fleet, factor in (
        ("scope 1", emissions.scope1, recipes.scope1),
        ("scope 2", emissions.scope2, recipes.electricity),
        ("scope 3", emissions.scope3, recipes.upstream),
    ):
        by_option = dispatch.by_group * factor
        if name == "scope 2":
            by_option = by_option * grid[:, None]
        by_country = np.bincount(groups.country, weights=by_option.sum(axis=1), minlength=len(inputs.countries))
        by_technology = np.bincount(
            recipes.technology, weights=by_option.sum(axis=0), minlength=len(recipes.technologies)
        )
        mine = np.bincount(fleet.country, weights=by_fleet, minlength=len(inputs.countries))
        ours = np.bincount(fleet.technology, weights=by_fleet, minlength=len(recipes.technologies))
        findings.append(equal(f"{name}: furnace groups = countries", "country", mine, by_country, inputs.countries))
        findings.append(
            equal(f"{name}: furnace groups = technologies", "technology", ours, by_technology, recipes.technologies)
        )
    return findings
