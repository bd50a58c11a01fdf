"""What power and hydrogen cost at every site for plants decided in every year, and what founded plants pay for them.

A plant that is founded at a site covers a share of its load from its own solar, wind and battery, bought when the
plant is decided, and the rest from the grid; where the grid is cheaper it takes all from the grid (where the carbon
price is paid on grid power too, that counts, and own power is spared it). Its hydrogen keeps
the price of the year of decision, unless the country's price is lower then. The plant's id says site and opening year,
so nothing else need be remembered: `SITE-<site>-<opening>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from steeliq.errors import Problem, ScenarioError
from steeliq.simulation.arrays import Bools, Floats, Ints, Labels, frozen
from steeliq.simulation.market.conditions import OWN_ENERGY, Conditions
from steeliq.simulation.paths import WORLD, Areas, by_area, over_years, path_over_years
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.siting import hydrogen
from steeliq.simulation.siting.coverage import Battery
from steeliq.simulation.siting.ground import Ground, compile_ground
from steeliq.simulation.siting.hours import check_sites, hours_of
from steeliq.simulation.siting.hydrogen import Places
from steeliq.simulation.siting.importer import Profiles, read_profiles
from steeliq.simulation.siting.lcoe import HORIZON, Part, Supply, levelised, yearly_cost
from steeliq.simulation.siting.profiles import sun, wind
from steeliq.simulation.siting.ranking import nearest

*PARTS, ELECTROLYSER = OWN_ENERGY
STEP = 5  # years between those for which mixes are sought; between them costs are interpolated
TOLERANCE = 1e-3
KG_PER_T = 1000.0
LARGE = 1e6  # t/yr of steel from which a works counts as a market


@dataclass(frozen=True, slots=True)
class Energy:
    """What energy costs plants more (less: negative) than others in their country, and how much is from the grid."""

    power: Floats  # (n,) USD/MWh
    hydrogen: Floats  # (n,) USD/t
    carbon: Floats  # (n,) USD/MWh of carbon price on grid power that own power spares
    grid: Floats  # (n,) share of power

    def cost(self, power: Floats, hydrogen: Floats) -> Floats:
        """USD per tonne of product (n, o) of options that take power in MWh/t (o,) and hydrogen in t/t (o,)."""
        return self.power[:, None] * np.maximum(power, 0.0) + self.hydrogen[:, None] * np.maximum(hydrogen, 0.0)


@dataclass(frozen=True, slots=True)
class Sites:
    """Sites s and years of decision y."""

    names: tuple[str, ...]
    titles: tuple[str, ...]
    country: Ints  # (s,)
    places: Places
    first: int  # year of decision of row 0
    construction: int  # years from decision to opening
    share: float  # of the load that own plants serve
    lcoe: Floats  # (y, s) USD/MWh of own power
    own_hydrogen: Floats  # (y, s) USD/kg made at the site
    hydrogen: Floats  # (y, s) USD/kg at which it can be had
    design: Floats  # (y, s, 3) MW of solar, MW of wind, MWh of battery for 1 MW of load
    own_power: Bools  # (y, s) own plants are cheaper than the grid
    own_gas: Bools  # (y, s) the site's hydrogen is cheaper than the country's
    grid_price: Floats  # (y', s) USD/MWh in the years from ``first`` on
    grid_carbon: Floats  # (y', s) USD/MWh of carbon price on grid power in these years, 0 where it is not priced
    gas_price: Floats  # (y', s) USD/t of the country in these years
    electrolysis: Floats  # (y, s) MWh of power per t of hydrogen
    ground: Ground
    market: Floats  # (s,) km to the nearest large steel works of today
    freight: float  # USD/t-km
    plants: Labels  # (y * s,) sorted ids of the plants that can be founded
    place_of: Ints  # (y * s,) their site
    decided: Ints  # (y * s,) row of their year of decision

    def plant(self, site: int, opening: int) -> str:
        """Id of a plant that opens at a site in a year."""
        return f"SITE-{self.names[site]}-{opening}"

    def site_of(self, plants: Labels) -> tuple[Ints, Ints]:
        """Site of each plant id (n,), -1 for others, and the row of its year of decision."""
        wanted = plants.astype(str)
        at = np.searchsorted(self.plants, wanted).clip(max=len(self.plants) - 1)
        known = self.plants[at] == wanted
        return np.where(known, self.place_of[at], -1), np.where(known, self.decided[at], 0)

    def feed(self, *, steel: bool) -> Floats:
        """Haul of the charge (s,) km: scrap comes from where steel is made and used; ore is not asked where it is."""
        return self.market if steel else np.zeros(len(self.names))

    def power(self, year: int) -> Floats:
        """Power of a plant decided in a year, in that year (s,) USD/MWh."""
        y = self._row(year)
        mixed = self.share * self.lcoe[y] + (1.0 - self.share) * self.grid_price[y]
        return np.asarray(np.where(self.own_power[y], mixed, self.grid_price[y]))

    def carbon(self, year: int) -> Floats:
        """Carbon price on the power of a plant decided in a year, in that year (s,) USD/MWh."""
        y = self._row(year)
        return np.asarray(np.where(self.own_power[y], 1.0 - self.share, 1.0) * self.grid_carbon[y])

    def gas(self, year: int) -> Floats:
        """Hydrogen of a plant decided in a year, in that year (s,) USD/kg."""
        y = self._row(year)
        return np.asarray(np.where(self.own_gas[y], self.hydrogen[y], self.gas_price[y] / KG_PER_T))

    def energy(self, plants: Labels, year: int) -> Energy | None:
        """What energy costs these plants (n,) in a year beside their country's prices; None if none is at a site."""
        site, decided = self.site_of(plants)
        if not (site >= 0).any():
            return None
        return self.energy_at(site, decided, year)

    def energy_at(self, site: Ints, decided: Ints, year: int) -> Energy:
        """The same by site (n,), -1 for none, and row of the year of decision."""
        y = self._row(year)
        own, gas = ((site >= 0) & known[decided, site] for known in (self.own_power, self.own_gas))
        power = self.share * np.where(own, self.lcoe[decided, site] - self.grid_price[y, site], 0.0)
        paid = np.where(gas, KG_PER_T * self.hydrogen[decided, site] - self.gas_price[y, site], 0.0)
        spared = self.share * np.where(own, self.grid_carbon[y, site], 0.0)
        return Energy(power, paid, spared, np.where(own, 1.0 - self.share, 1.0))

    def table(self) -> pd.DataFrame:
        """One row per site and year of decision: what its power and hydrogen cost, and the mix for 1 MW of load."""
        years, count = len(self.lcoe), len(self.names)
        decided = [self.first + y for y in range(years)]
        return pd.DataFrame(
            {
                "site": np.tile(np.array(self.names, dtype=object), years),
                "name": np.tile(np.array(self.titles, dtype=object), years),
                "latitude_deg": np.tile(self.places.latitude, years),
                "longitude_deg": np.tile(self.places.longitude, years),
                "year": np.repeat(decided, count),
                "lcoe_usd_per_mwh": self.lcoe.ravel(),
                "grid_usd_per_mwh": self.grid_price[:years].ravel(),
                "power_usd_per_mwh": np.concatenate([self.power(year) for year in decided]),
                "own_hydrogen_usd_per_kg": self.own_hydrogen.ravel(),
                "hydrogen_usd_per_kg": np.concatenate([self.gas(year) for year in decided]),
                "solar_mw": self.design[:, :, 0].ravel(),
                "wind_mw": self.design[:, :, 1].ravel(),
                "battery_mwh": self.design[:, :, 2].ravel(),
            }
        )

    def own_use(self, power: Floats | float, hydrogen: Floats | float, site: Ints, decided: Ints) -> Floats:
        """MWh from own power per t of product (n,) that takes power in MWh and hydrogen in t, electrolysis included."""
        gas = np.where(self.own_gas[decided, site], hydrogen * self.electrolysis[decided, site], 0.0)
        return np.where(self.own_power[decided, site], power + gas, 0.0)

    def row(self, year: int) -> int:
        """Row of a year of decision."""
        return min(max(year - self.first, 0), len(self.lcoe) - 1)

    def _row(self, year: int) -> int:
        return min(max(year - self.first, 0), len(self.grid_price) - 1)


def compile_sites(
    tables: Mapping[str, pd.DataFrame],
    areas: Areas,
    commodities: Sequence[str],
    conditions: Conditions,
    scenario: Scenario,
    profiles: Path | None = None,
) -> Sites | None:
    """Costs at all sites of the dataset; None where the scenario has siting off.

    The dataset may hold real hours of some or all sites (`hours.py`), the others have synthetic ones; ``profiles`` is a
    file of such hours (`importer.py`) that goes before both.
    Raises DatasetError if it is wrong, and ScenarioError if siting is on and the dataset lacks sites, costs, power or
    hydrogen.
    """
    if not scenario.siting.enabled:
        return None
    _check(tables, commodities, scenario)
    rows = tables["sites"].sort_values("site")
    country = np.array([areas.countries.index(name) for name in rows["country"]], dtype=np.int64)
    years = np.arange(scenario.period.start, scenario.period.end + 1)
    share = scenario.siting.share
    milestones = np.unique([*years[::STEP], years[-1]])
    parts = _yearly(tables["own_energy"], areas, conditions, scenario, milestones, country)
    battery = Battery(*(_everywhere(tables["own_energy"], "battery", item) for item in ("efficiency", "hours")))
    names = tuple(str(name) for name in rows["site"])
    cost = np.stack([parts[part] for part in PARTS], axis=-1)
    where = tuple(tuple(rows[column].tolist()) for column in ("latitude", "solar", "wind"))
    real = [*hours_of(tables["site_hours"]), *(read_profiles(profiles) if profiles else ())]
    if profiles:
        check_sites((name for batch in real for name in batch.names), names, profiles)
    find = _supply.__wrapped__ if real else _supply  # hours are no key that could be compared
    supply = find(names, where, cost.tobytes(), share, battery, tuple(real))
    lcoe = _between(milestones, supply.lcoe, years)
    power = conditions.price[:, commodities.index("electricity")][:, country]
    gas = conditions.price[:, commodities.index("hydrogen")][:, country]
    priced = float(scenario.carbon.priced == "scope1_and_2")
    carbon = (priced * conditions.carbon_price * conditions.grid)[:, country]
    mixed = np.minimum(share * lcoe + (1.0 - share) * power[: len(years)], power[: len(years)])
    use = by_area(_rows(tables["own_energy"], ELECTROLYSER, "use"), "area", "value", areas, years, 0.0)[:, country]
    own_hydrogen = hydrogen.levelised(mixed, _between(milestones, parts[ELECTROLYSER], years), use)
    places = _places(tables["countries"], rows)
    settings = scenario.siting
    offered = np.array(
        [
            hydrogen.price(cost, places, settings.hydrogen_quantile, settings.pipeline_cost, settings.pipeline_reach)
            for cost in own_hydrogen
        ]
    )
    design = _between(milestones, supply.design, years)
    construction = scenario.finance.construction
    plants = [f"SITE-{name}-{year + construction}" for year in years for name in names]
    order = np.argsort(np.array(plants), kind="stable")
    decided, place = np.divmod(np.arange(len(plants)), len(names))
    return Sites(
        names=names,
        titles=tuple(str(name) for name in rows["name"]),
        country=country,
        places=places,
        first=int(years[0]),
        construction=construction,
        share=share,
        lcoe=lcoe,
        own_hydrogen=own_hydrogen,
        hydrogen=offered,
        design=design,
        own_power=lcoe < (power + carbon)[: len(years)],
        own_gas=KG_PER_T * offered < gas[: len(years)],
        grid_price=power,
        grid_carbon=carbon,
        gas_price=gas,
        electrolysis=use,
        ground=compile_ground(tables["site_ground"], names, settings, design),
        market=_to_works(tables, places),
        freight=_freight(tables),
        plants=np.array(plants)[order],
        place_of=place[order],
        decided=decided[order],
    )


@lru_cache(maxsize=8)
def _supply(
    names: tuple[str, ...],
    where: tuple[tuple[float, ...], ...],
    cost: bytes,
    share: float,
    battery: Battery,
    real: tuple[Profiles, ...],
) -> Supply:
    """Round-the-clock power of all sites, kept for scenarios that differ in other things.

    ``where`` has latitude, sun and wind of the sites, ``cost`` the doubles of (y, s, 3) USD/kW and year; ``real`` hours
    take the place of synthetic ones, later batches that of earlier ones.
    """
    latitude, bright, windy = (np.array(column) for column in where)
    by_year = np.frombuffer(cost).reshape(-1, len(names), len(PARTS))
    solar, blowing = sun(names, latitude, bright), wind(names, latitude, windy)
    for batch in real:
        at = [names.index(name) for name in batch.names]
        solar[:, at], blowing[:, at] = batch.solar, batch.wind
    supply = levelised(solar, blowing, by_year, share, battery, TOLERANCE)
    return Supply(*(frozen(part) for part in (supply.lcoe, supply.bound, supply.design)))


def _check(tables: Mapping[str, pd.DataFrame], commodities: Sequence[str], scenario: Scenario) -> None:
    missing = [name for name in ("sites", "own_energy") if not len(tables[name])]
    missing += [name for name in ("electricity", "hydrogen") if name not in commodities]
    if not missing:
        wanted = [(part, item) for part in OWN_ENERGY for item in ("fixed", "life", "fade")]
        wanted += [("battery", "efficiency"), ("battery", "hours")]
        wanted += [(part, "deployed") for part in scenario.siting.deployment]
        known = tables["own_energy"]
        found = set(known.loc[known["area"] == WORLD, ["part", "item"]].itertuples(index=False, name=None))
        found |= {(part, "any") for part in known.loc[known["item"] == "capex", "part"]}
        wanted += [(part, "any") for part in OWN_ENERGY]
        missing = [f"{part} {item}" for part, item in wanted if (part, item) not in found]
    if missing:
        rule = f"the dataset has no {', '.join(missing)}; switch siting off or take a dataset that has them"
        raise ScenarioError(scenario.name, [Problem("scenario", 0, "siting.enabled", "true", rule)])


def _rows(table: pd.DataFrame, part: str, item: str) -> pd.DataFrame:
    return table[(table["part"] == part) & (table["item"] == item)]


def _everywhere(table: pd.DataFrame, part: str, item: str) -> float:
    """Value of an item that is the same in all areas: that of the first year for WORLD."""
    rows = _rows(table, part, item)
    return float(rows[rows["area"] == WORLD].sort_values("year")["value"].iloc[0])


def _yearly(
    table: pd.DataFrame, areas: Areas, conditions: Conditions, scenario: Scenario, decided: Ints, country: Ints
) -> dict[str, Floats]:
    """USD per kW and year of each part (y, s) for decisions in some years."""
    finance = scenario.finance
    rate = finance.equity_share * conditions.cost_of_equity + (1.0 - finance.equity_share) * conditions.cost_of_debt
    factors = {part: getattr(scenario.siting, f"{part}_cost") for part in OWN_ENERGY}
    span = np.arange(int(decided[0]), int(decided[-1]) + HORIZON + 1)
    out = {}
    for part, factor in factors.items():
        price = by_area(_rows(table, part, "capex"), "area", "value", areas, span, 0.0)
        price = (price * (path_over_years(factor, span) * learnt(table, part, scenario, span))[:, None])[:, country]
        start = decided - decided[0]
        paths = np.array([price[first : first + HORIZON + 1].T for first in start])  # (y, s, h)
        fixed, fade = (_everywhere(table, part, item) for item in ("fixed", "fade"))
        kind = Part(paths, fixed, round(_everywhere(table, part, "life")), fade)
        out[part] = yearly_cost(kind, rate[country])
    return out


def learnt(table: pd.DataFrame, part: str, scenario: Scenario, years: Ints) -> Floats:
    """Cost of a part relative to the dataset's path (y,): (deployed / expected)^log2(1 - learning rate).

    The dataset's costs expect a deployment of their own (item `deployed`, cumulative GW of the world); where a
    scenario states none, nothing is learnt beyond them.
    """
    if part not in scenario.siting.deployment:
        return np.ones(len(years))
    expected = _rows(table, part, "deployed")
    ratio = path_over_years(scenario.siting.deployment[part], years) / over_years(
        expected["year"].to_numpy(), expected["value"].to_numpy(), years
    )
    return np.asarray(ratio ** np.log2(1.0 - getattr(scenario.siting, f"{part}_learning")))


def _between(known: Ints, values: Floats, years: Ints) -> Floats:
    """Linear between the known years along the first axis."""
    flat = values.reshape(len(known), -1)
    out = np.column_stack([over_years(known, column, years) for column in flat.T])
    return out.reshape(len(years), *values.shape[1:])


def _to_works(tables: Mapping[str, pd.DataFrame], places: Places) -> Floats:
    """Distance of each site (s,) km to the nearest plant with LARGE or more t/yr of steelmaking."""
    stage = tables["technologies"].set_index("technology")["stage"]
    groups = tables["furnace_groups"]
    steel = groups[(groups["status"] == "operating") & (groups["technology"].map(stage) == "steelmaking")]
    plants = tables["plants"].set_index("plant")
    size = steel.groupby("plant")["capacity"].sum().reindex(plants.index, fill_value=0.0).to_numpy(dtype=float)
    where = (plants[name].to_numpy(dtype=float) for name in ("latitude", "longitude"))
    distance = hydrogen.great_circle(places.latitude[:, None], places.longitude[:, None], *where)
    return nearest(distance, size, min(LARGE, float(size.max(initial=0.0))))


def _freight(tables: Mapping[str, pd.DataFrame]) -> float:
    """Ocean freight of steel, USD/t-km."""
    classes = tables["commodities"].set_index("commodity")["transport"]
    return float(tables["transport_costs"].set_index("transport").loc[classes["crude_steel"], "sea"])


def _places(countries: pd.DataFrame, rows: pd.DataFrame) -> Places:
    known = countries.set_index("country").loc[list(rows["country"])]
    regions = sorted(set(countries["region"]))
    return Places(
        latitude=rows["latitude"].to_numpy(dtype=float),
        longitude=rows["longitude"].to_numpy(dtype=float),
        landmass=known["landmass"].to_numpy(dtype=object),
        region=np.array([regions.index(name) for name in known["region"]], dtype=np.int64),
        regions=len(regions),
    )
