"""What may still be approved this year: counters that move with each approval and count what they refuse.

A proposal lists the new capacity by technology; it passes all limits, and then uses them, or is refused by the
first one that it breaks, in this order: technology window, technology ban, growth of novel technologies, iron
switches, steel switches, build-out, new sites, country expansion, metallics, CO2 storage, biomass, inputs, ore,
treasury.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.agents.balances import Balances
from steeliq.simulation.arrays import Floats, Labels
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.conditions import AreaLimits
from steeliq.simulation.market.use_limits import joined
from steeliq.simulation.state import Fleet, State

MT = 1e6
ROUNDING = 1e-3  # t: sums of tonnes are not exact
WINDOW, BAN, COUNTRY = "technology window", "technology ban", "country expansion"
IRON, STEEL, BUILD_OUT = "iron switches", "steel switches", "build-out"
METALLICS, TREASURY, NEEDED = "metallics", "treasury", "needed next year"
NEW_STEEL, NEW_IRON = "steel at new sites", "iron at new sites"
STORAGE_TOTAL = "CO2 storage, whole life,"
NO_STORAGE, NO_BIOMASS = "CO2 storage (none listed)", "biomass (none listed)"


@dataclass(slots=True)
class Counter:
    """One limit of one year in its own unit."""

    allowed: float
    used: float = 0.0
    refused: float = 0.0

    def has_room(self, amount: float) -> bool:
        """Whether this much more fits; giving back always does."""
        return amount <= 0 or self.used + amount <= self.allowed + ROUNDING


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an investment asks of the world: capacities in t/yr, money in USD."""

    country: int
    new: tuple[tuple[int, float], ...]  # technology and capacity that is built or converted
    old: tuple[tuple[int, float], ...] = ()  # technology and capacity that it replaces
    iron_switched: float = 0.0
    steel_switched: float = 0.0
    steel_built: float = 0.0  # switched or expanded
    expansion: bool = False
    steel_founded: float = 0.0
    iron_founded: float = 0.0
    scrap: bool = False  # needs the metallics gate
    owner: str = ""  # whose treasury pays; empty: new money
    equity: float = 0.0


class Limits:
    """All limits of one year."""

    def __init__(self, inputs: Inputs, state: State, fleet: Fleet, cash: Floats, balances: Balances) -> None:
        self._inputs, self._year, self._balances = inputs, state.year, balances
        settings, technologies = inputs.scenario.limits, inputs.technologies
        commodities = sorted({-1, *(int(k) for k in inputs.conditions.biomass.commodity)})
        self._rate = {commodity: unavoidable_use(inputs, commodity) for commodity in commodities}
        self.counters: dict[str, Counter] = {WINDOW: Counter(0.0), BAN: Counter(0.0)}
        existing = np.where(fleet.retires > state.year, fleet.capacity, 0.0)
        committed = np.bincount(fleet.technology, weights=existing, minlength=len(technologies.names))
        for t in np.flatnonzero(technologies.novel):
            allowed = max(settings.growth_floor * MT, settings.growth_share * float(committed[t]))
            self.counters[self._growth(int(t))] = Counter(allowed)
        for name, allowed in (
            (IRON, settings.iron_switches),
            (STEEL, settings.steel_switches),
            (BUILD_OUT, settings.build_out),
        ):
            self.counters[name] = Counter(allowed * MT)
        if inputs.sites:
            for name in (NEW_STEEL, NEW_IRON):
                self.counters[name] = Counter(inputs.scenario.siting.build_out * settings.build_out * MT)
        demand = balances.demand
        self.country_room = np.maximum(settings.country_expansion_floor * MT, settings.country_expansion * demand)
        self.counters[COUNTRY] = Counter(float(self.country_room.sum()))
        self.counters[METALLICS] = Counter(max(balances.metallics(), 0.0))
        y = inputs.conditions.at(balances.gate)
        self._areas(inputs.conditions.storage, y, "CO2 storage", NO_STORAGE, state.stored_co2)
        self._areas(inputs.conditions.biomass, y, "biomass", NO_BIOMASS, self._biomass_use(fleet))
        self._whole_life = settings.storage_rule == "cumulative"
        if self._whole_life:
            self._storage_totals(state)
        self._scarce = joined(inputs.input_limits, inputs.ore_gate).in_force(y)
        self._scarce_rate = _least(inputs, self._scarce.amount)
        self._open_scarce(fleet, y)
        self.counters |= {TREASURY: Counter(0.0), NEEDED: Counter(0.0)}
        self.treasury = self._purses(state.owners, state.treasury, fleet, cash)
        self.shortfall = (np.nan, np.nan)  # what the last refused proposal asked of that limit, and what it had left

    def ask(self, proposal: Proposal) -> str:
        """Use the limits and return "", or return the name of the limit that refuses."""
        amounts = self._amounts(proposal)
        refusal = self._refusal(proposal, amounts)
        if refusal:
            name, amount = refusal
            self.counters[name].refused += amount
            self.shortfall = self._shortfall(name, proposal, amounts)
            return name
        for name, amount in amounts.items():
            self.counters[name].used += amount
        if proposal.expansion:
            self.country_room[proposal.country] -= proposal.steel_built or sum(capacity for _, capacity in proposal.new)
        self.pay(proposal.owner, proposal.equity, _tonnes(proposal))
        return ""

    def pay(self, owner: str, equity: float, tonnes: float) -> None:
        """Take equity from a treasury; owners without one bring new money."""
        if owner in self.treasury:
            self.treasury[owner] -= equity
            self.counters[TREASURY].used += tonnes
            self.counters[TREASURY].allowed += tonnes

    def can_pay(self, owner: str, equity: float) -> bool:
        """Whether the owner's treasury covers the equity."""
        return owner not in self.treasury or equity <= self.treasury[owner] + ROUNDING

    def refuse(self, name: str, tonnes: float) -> None:
        """Count a refusal that was decided elsewhere."""
        self.counters[name].refused += tonnes

    def release(self, technology: int, country: int, capacity: float) -> None:
        """Give back the CO2 storage, biomass and other inputs of capacity that closes."""
        for name, amount in self._area_amounts(country, ((technology, -capacity),)).items():
            self.counters[name].used += amount

    def reserved_storage(self, before: Floats) -> Floats:
        """CO2 storage reserved after the year's decisions (s,) t a year."""
        used = [self.counters[f"CO2 storage {area}"].used for area in self._inputs.conditions.storage.areas]
        return np.asarray(np.maximum(before + np.array(used, dtype=float), 0.0))

    def table(self) -> pd.DataFrame:
        """Rows of the result table `limits`. Treasuries limit single owners: `allowed` is what they paid for."""
        rows = [
            (self._year, name, counter.allowed, counter.used, counter.refused)
            for name, counter in self.counters.items()
        ]
        return pd.DataFrame(rows, columns=["year", "limit", "allowed", "used", "refused"])

    def _growth(self, technology: int) -> str:
        return f"growth {self._inputs.technologies.names[technology]}"

    def _areas(self, areas: AreaLimits, y: int, title: str, none: str, before: Floats) -> None:
        for s, area in enumerate(areas.areas):
            self.counters[f"{title} {area}"] = Counter(max(float(areas.limit[y, s] - before[s]), 0.0))
        self.counters[none] = Counter(0.0)

    def _storage_totals(self, state: State) -> None:
        """Room for the whole life of what is approved: open by then, less what is filled and what others will fill."""
        conditions, finance = self._inputs.conditions, self._inputs.scenario.finance
        last = self._balances.gate + finance.life - 1
        room = conditions.storage_total[conditions.at(last)] - state.injected
        promised = state.stored_co2 * (last - state.year)
        for area, left in zip(conditions.storage.areas, room - promised, strict=True):
            self.counters[f"{STORAGE_TOTAL} {area}"] = Counter(max(float(left), 0.0))

    def _open_scarce(self, fleet: Fleet, y: int) -> None:
        """Counters of scarce inputs and ores: what is left of each at the gate when the fleet runs at full load."""
        running = np.where(
            fleet.retires > self._balances.gate, fleet.capacity * self._balances.availability[fleet.country], 0.0
        )
        for s, name in enumerate(self._scarce.names):
            taken = float(
                (running * self._scarce_rate[s, fleet.technology])[self._scarce.member[s, fleet.country]].sum()
            )
            self.counters[name] = Counter(max(float(self._scarce.limit[y, s]) - taken, 0.0))

    def _scarce_amounts(self, country: int, capacities: tuple[tuple[int, float], ...]) -> dict[str, float]:
        available = float(self._balances.availability[country])
        out: dict[str, float] = {}
        for s in np.flatnonzero(self._scarce.member[:, country]):
            amount = sum(capacity * float(self._scarce_rate[s, t]) for t, capacity in capacities) * available
            if amount != 0:
                out[self._scarce.names[s]] = amount
        return out

    def _purses(self, owners: Labels, treasury: Floats, fleet: Fleet, cash: Floats) -> dict[str, float]:
        """Treasury after the year's cash flow, by owner."""
        purses = {str(owner): float(money) for owner, money in zip(owners, treasury, strict=True)}
        for owner, money in zip(fleet.owner.tolist(), cash.tolist(), strict=True):
            purses[owner] = purses.get(owner, 0.0) + money
        return {owner: max(money, 0.0) for owner, money in purses.items()}

    def _biomass_use(self, fleet: Fleet) -> Floats:
        """What the fleet needs at full load at the gate (s,), in the commodity's unit."""
        areas = self._inputs.conditions.biomass
        running = np.where(
            fleet.retires > self._balances.gate, fleet.capacity * self._balances.availability[fleet.country], 0.0
        )
        out = np.zeros(len(areas.areas))
        for s, commodity in enumerate(areas.commodity):
            out[s] = float(
                (running * self._rate[int(commodity)][fleet.technology] * areas.member[s, fleet.country]).sum()
            )
        return out

    def _area_amounts(self, country: int, capacities: tuple[tuple[int, float], ...]) -> dict[str, float]:
        """CO2 to store and biomass at full load, by counter; what no listed area can give goes to its own counter."""
        conditions, available = self._inputs.conditions, float(self._balances.availability[country])
        out: dict[str, float] = {}
        biogenic = [commodity for commodity in self._rate if commodity >= 0]
        for areas, title, none, commodities in (
            (conditions.storage, "CO2 storage", NO_STORAGE, [-1]),
            (conditions.biomass, "biomass", NO_BIOMASS, biogenic),
        ):
            for commodity in commodities:
                amount = sum(capacity * float(self._rate[commodity][t]) for t, capacity in capacities) * available
                if amount == 0:
                    continue
                inside = areas.member[:, country] & (areas.commodity == commodity)
                names = [f"{title} {areas.areas[s]}" for s in np.flatnonzero(inside)] or [none]
                out |= {name: out.get(name, 0.0) + amount for name in names}
                if self._whole_life and areas is conditions.storage:
                    whole = amount * self._inputs.scenario.finance.life
                    out |= {f"{STORAGE_TOTAL} {areas.areas[s]}": whole for s in np.flatnonzero(inside)}
        return out | self._scarce_amounts(country, capacities)

    def _amounts(self, proposal: Proposal) -> dict[str, float]:
        """What the proposal takes of each counter, in the order in which they refuse."""
        novel = self._inputs.technologies.novel
        out = {self._growth(t): capacity for t, capacity in proposal.new if novel[t]}
        out |= {IRON: proposal.iron_switched, STEEL: proposal.steel_switched, BUILD_OUT: proposal.steel_built}
        if proposal.steel_founded:
            out[NEW_STEEL] = proposal.steel_founded
        if proposal.iron_founded:
            out[NEW_IRON] = proposal.iron_founded
        if proposal.expansion:
            out[COUNTRY] = proposal.steel_built or sum(capacity for _, capacity in proposal.new)
        if proposal.scrap:
            out[METALLICS] = self._iron_lost(proposal)
        return out | self._area_amounts(
            proposal.country, proposal.new + tuple((t, -capacity) for t, capacity in proposal.old)
        )

    def _iron_lost(self, proposal: Proposal) -> float:
        """Iron that the proposal takes off the metallics balance, t."""
        is_steel = self._inputs.technologies.is_steel
        lost = sum(capacity for t, capacity in proposal.old if not is_steel[t])
        gained = sum(capacity for t, capacity in proposal.new if not is_steel[t])
        available = float(self._balances.availability[proposal.country])
        return (lost - gained) * available * self._inputs.scenario.decisions.iron_target_utilisation

    def _refusal(self, proposal: Proposal, amounts: dict[str, float]) -> tuple[str, float] | None:
        technologies = self._inputs.technologies
        for t, capacity in proposal.new:
            if not (
                technologies.available_from[t] <= self._balances.gate and self._year <= technologies.available_to[t]
            ):
                return WINDOW, capacity
            if technologies.banned[self._inputs.conditions.at(self._year), t, proposal.country]:
                return BAN, capacity
        for name, amount in amounts.items():
            if name == COUNTRY:
                full = amount > self.country_room[proposal.country] + ROUNDING
            elif name == METALLICS:
                full = self._balances.metallics() - amount < 0
            else:
                full = not self.counters[name].has_room(amount)
            if full:
                return name, _tonnes(proposal) if name == METALLICS else amount
        if not self.can_pay(proposal.owner, proposal.equity):
            return TREASURY, _tonnes(proposal)
        return None

    def _shortfall(self, name: str, proposal: Proposal, amounts: dict[str, float]) -> tuple[float, float]:
        """What a refused proposal asked of the limit and what was left, in the limit's unit (a treasury's: USD)."""
        if name == TREASURY:
            return proposal.equity, self.treasury[proposal.owner]
        if name == COUNTRY:
            left = float(self.country_room[proposal.country])
        elif name == METALLICS:
            left = self._balances.metallics()
        else:
            left = self.counters[name].allowed - self.counters[name].used
        return amounts.get(name, _tonnes(proposal)), left


def unavoidable_use(inputs: Inputs, commodity: int) -> Floats:
    """CO2 to store (commodity -1) or a commodity that a technology cannot do without (t,), per t of product."""
    amount = inputs.recipes.captured if commodity < 0 else inputs.recipes.bill[:, commodity]
    return np.asarray(_least(inputs, amount[None, :])[0])


def _least(inputs: Inputs, amount: Floats) -> Floats:
    """The least of amounts by option (s, o) among each technology's options (s, t), not below 0."""
    least = np.full((len(inputs.technologies.names), len(amount)), np.inf)
    np.minimum.at(least, inputs.recipes.technology, amount.T)
    return np.asarray(np.where(np.isfinite(least), np.maximum(least, 0.0), 0.0).T)


def _tonnes(proposal: Proposal) -> float:
    """The size of a proposal: its steel, or its iron if it makes no steel."""
    steel = proposal.steel_built or proposal.steel_founded
    return steel or max((capacity for _, capacity in proposal.new), default=0.0)
