"""What it costs, and whether it is allowed, to ship a hub commodity from one country to another in a year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from steeliq.simulation.arrays import Bools, Floats, Ints, records
from steeliq.simulation.market.measures import MT, in_force
from steeliq.simulation.paths import WORLD, Areas, over_years
from steeliq.simulation.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit on the sum of flows of one commodity from some countries to others."""

    name: str
    commodity: int
    origin: Bools  # (c,)
    destination: Bools  # (c,)
    quantity: float  # t/yr
    beyond: float | None  # USD/t of duty on what exceeds it; None where nothing may


@dataclass(frozen=True, slots=True)
class TradeTerms:
    """Terms of one year for the hub commodities, in the order of ``commodities``."""

    commodities: Ints  # (h,) commodity index
    transport: Floats  # (h, c, c) USD/t, origin x destination; inf where there is no way
    emissions: Floats  # (h, c, c) tCO2e/t of transport
    duty: Floats  # (h, c, c) USD/t
    banned: Bools  # (h, c, c)
    quotas: tuple[Quota, ...]
    adjustment: Floats  # (h, c) share of the carbon cost difference charged on arrivals in c
    inside: Bools  # (h, c, c) both lie within one border, so that nothing is charged between them


@dataclass(frozen=True, slots=True)
class Tariff:
    """One duty or ban with the pairs of countries that it concerns."""

    position: int  # of the hub commodity
    exporter: Ints  # (n,) countries
    importer: Ints  # (m,)
    first: int
    last: int
    duty: float  # USD/t
    banned: bool


@dataclass(frozen=True, slots=True)
class Adjustment:
    """How one area's border adjustment of one commodity is phased in."""

    position: int  # of the hub commodity
    importer: Bools  # (c,)
    within: Bools  # (c,) countries among which it charges nothing: the area's, but none where all the world charges
    years: Ints  # (n,)
    share: Floats  # (n,)


@dataclass(frozen=True, slots=True)
class Trade:
    """Everything about trade that does not depend on the year."""

    areas: Areas
    hub: Ints  # (h,) commodity index
    transport: Floats  # (h, c, c) USD/t
    emissions: Floats  # (h, c, c) tCO2e/t
    tariffs: tuple[Tariff, ...]
    quotas: tuple[tuple[int, int, Quota], ...]  # first and last year
    adjustments: tuple[Adjustment, ...]

    def terms(self, year: int) -> TradeTerms:
        """Duties, bans, quotas and border adjustments in force in a year; duties of overlapping rows add up."""
        count = len(self.areas.countries)
        duty = np.zeros((len(self.hub), count, count))
        banned = np.zeros_like(duty, dtype=bool)
        for tariff in self.tariffs:
            if tariff.first <= year <= tariff.last:
                pairs = (tariff.position, tariff.exporter[:, None], tariff.importer[None, :])
                duty[pairs] += tariff.duty
                banned[pairs] |= tariff.banned
        home = np.arange(count)
        duty[:, home, home] = 0.0
        banned[:, home, home] = False
        quotas = tuple(quota for first, last, quota in self.quotas if first <= year <= last)
        return TradeTerms(self.hub, self.transport, self.emissions, duty, banned, quotas, *self._adjustment(year))

    def _adjustment(self, year: int) -> tuple[Floats, Bools]:
        """Share by good and importer (h, c), and which countries lie within one border (h, c, c)."""
        count = len(self.areas.countries)
        share, inside = np.zeros((len(self.hub), count)), np.tile(np.eye(count, dtype=bool), (len(self.hub), 1, 1))
        for adjustment in self.adjustments:
            if adjustment.years.min() <= year:
                row, members = share[adjustment.position], adjustment.importer
                value = over_years(adjustment.years, adjustment.share, np.array([year]))[0]
                row[members] = np.maximum(row[members], value)
                if value > 0:
                    inside[adjustment.position] |= adjustment.within[:, None] & adjustment.within
        return share, inside


def compile_trade(
    tables: Mapping[str, pd.DataFrame], areas: Areas, commodities: tuple[str, ...], scenario: Scenario
) -> Trade:
    """Transport cost = handling + the cheaper of sea and land; inside a country it is free."""
    rows = tables["commodities"].set_index("commodity")
    hub = np.array([k for k, name in enumerate(commodities) if rows.at[name, "kind"] == "hub"])
    goods = [commodities[k] for k in hub]
    sea, land = _distances(tables["distances"], areas.countries)
    classes = tables["transport_costs"].set_index("transport")
    transport, emissions = (np.zeros((len(hub), len(areas.countries), len(areas.countries))) for _ in range(2))
    for h, k in enumerate(hub):
        cost = classes.loc[str(rows.at[commodities[k], "transport"])]
        rates = cost[["sea", "land"]].to_numpy(dtype=float)
        by_ship, by_rail = _priced(sea, rates[0]), _priced(land, rates[1])
        freight = np.minimum(by_ship, by_rail)
        reached = np.isfinite(freight)
        transport[h] = np.where(reached, cost["handling"] * scenario.trade.frictions, np.inf)
        transport[h][reached] += freight[reached] * scenario.trade.freight
        emissions[h][reached] = np.where(by_ship <= by_rail, sea, land)[reached] * cost["emissions"]
        np.fill_diagonal(transport[h], 0.0)
        np.fill_diagonal(emissions[h], 0.0)
    years = np.arange(scenario.period.start, scenario.period.end + 1)
    quotas = tuple(_quotas(tables, areas, commodities, rows["duty_base"], scenario)) if scenario.trade.quotas else ()
    return Trade(
        areas=areas,
        hub=hub,
        transport=transport,
        emissions=emissions,
        tariffs=(
            *_tariffs(tables["tariffs"], areas, goods, rows["duty_base"], scenario),
            *_own_tariffs(areas, goods, rows["duty_base"], scenario, years),
        ),
        quotas=(*quotas, *_own_quotas(areas, goods, commodities, scenario, years)),
        adjustments=(*_adjustments(tables, areas, goods, scenario), *_own_adjustments(tables, areas, goods, scenario)),
    )


def _priced(distance: Floats, rate: float) -> Floats:
    """Freight of a distance; what cannot be reached stays out of reach even where freight is free."""
    reached = np.isfinite(distance)
    return np.where(reached, np.where(reached, distance, 0.0) * rate, np.inf)


def _tariffs(
    rows: pd.DataFrame, areas: Areas, hub: list[str], value: pd.Series[float], scenario: Scenario
) -> Iterator[Tariff]:
    """Ad valorem duties are charged on the commodity's stated value base, never on a price of the model itself."""
    for row in records(rows):
        yield Tariff(
            position=hub.index(row.commodity),
            exporter=np.flatnonzero(areas.mask(row.exporter)),
            importer=np.flatnonzero(areas.mask(row.importer)),
            first=int(row.start),
            last=int(row.end),
            duty=(row.ad_valorem * float(value[row.commodity]) + row.specific) * scenario.trade.tariffs,
            banned=bool(row.banned) and scenario.trade.bans,
        )


def _own_tariffs(
    areas: Areas, hub: list[str], value: pd.Series[float], scenario: Scenario, years: Ints
) -> Iterator[Tariff]:
    """The scenario's own duties by value and by tonne, and its limits of nothing, which are bans."""
    trade = scenario.trade
    measures = [(row, row[-1], 0.0, False) for row in in_force(trade.duties, areas, hub, years)]
    measures += [(row, 0.0, row[-1], False) for row in in_force(trade.charges, areas, hub, years)]
    measures += [(row, 0.0, 0.0, True) for row in in_force(trade.limits, areas, hub, years) if row[-1] == 0]
    for (_, flow, first, last, _), share, amount, banned in measures:
        for good in flow.goods:
            yield Tariff(
                position=hub.index(good),
                exporter=np.flatnonzero(flow.exporter),
                importer=np.flatnonzero(flow.importer),
                first=first,
                last=last,
                duty=share * float(value[good]) + amount,
                banned=banned,
            )


def _own_quotas(
    areas: Areas, hub: list[str], commodities: Sequence[str], scenario: Scenario, years: Ints
) -> Iterator[tuple[int, int, Quota]]:
    """The scenario's own limits, each good by itself; beyond them nothing passes."""
    for name, flow, first, last, allowed in in_force(scenario.trade.limits, areas, hub, years):
        for good in flow.goods if allowed > 0 else ():
            title = name if len(flow.goods) == 1 else f"{name}: {good}"
            quota = Quota(title, commodities.index(good), flow.exporter, flow.importer, allowed * MT, None)
            yield first, last, quota


def _quotas(
    tables: Mapping[str, pd.DataFrame],
    areas: Areas,
    commodities: Sequence[str],
    value: pd.Series[float],
    scenario: Scenario,
) -> Iterator[tuple[int, int, Quota]]:
    """Beyond a tariff-rate quota a duty on top of the tariffs is charged, beyond any other nothing passes."""
    duties = {row.quota: row for row in records(tables["tariff_rate_quotas"])}
    for row in records(tables["quotas"]):
        exporter, importer, duty = areas.mask(row.exporter), areas.mask(row.importer), duties.get(row.quota)
        beyond = None
        if duty is not None:
            beyond = (duty.ad_valorem * float(value[row.commodity]) + duty.specific) * scenario.trade.tariffs
        quota = Quota(row.quota, commodities.index(row.commodity), exporter, importer, row.quantity, beyond)
        yield int(row.start), int(row.end), quota


def _adjustments(
    tables: Mapping[str, pd.DataFrame], areas: Areas, hub: list[str], scenario: Scenario
) -> Iterator[Adjustment]:
    """The dataset's, but for areas that have one of the scenario's own."""
    rows = tables["border_adjustments"]
    rows = (
        rows[~rows["bloc"].isin(sorted(scenario.carbon.borders))] if scenario.carbon.border_adjustment else rows.head(0)
    )
    for (bloc, commodity), series in rows.groupby(["bloc", "commodity"]):
        yield Adjustment(
            position=hub.index(str(commodity)),
            importer=areas.mask(str(bloc)),
            within=_within(areas, str(bloc)),
            years=series["year"].to_numpy(),
            share=series["share"].to_numpy(),
        )


def _own_adjustments(
    tables: Mapping[str, pd.DataFrame], areas: Areas, hub: list[str], scenario: Scenario
) -> Iterator[Adjustment]:
    """The scenario's own, on all traded goods that furnaces make."""
    twin = tables["commodities"].set_index("commodity")["cold_twin"]
    made = {str(twin[name]) or str(name) for name in tables["technologies"]["product"]} & set(hub)
    for area, path in sorted(scenario.carbon.borders.items()):
        shares = path if isinstance(path, Mapping) else {scenario.period.start: path}
        for good in sorted(made):
            yield Adjustment(
                position=hub.index(good),
                importer=areas.mask(area),
                within=_within(areas, area),
                years=np.array(sorted(shares)),
                share=np.array([shares[year] for year in sorted(shares)]),
            )


def _within(areas: Areas, area: str) -> Bools:
    """The countries that one border surrounds (c,); where all the world charges, each has a border of its own."""
    return areas.mask(area) & (area != WORLD)


def _distances(rows: pd.DataFrame, countries: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Symmetric matrices (c, c) in km, inf where there is no way."""
    position = {name: c for c, name in enumerate(countries)}
    i = rows["origin"].map(position).to_numpy(dtype=np.int64)
    j = rows["destination"].map(position).to_numpy(dtype=np.int64)
    matrices = []
    for column in ("sea", "land"):
        matrix = np.full((len(countries), len(countries)), np.inf)
        values = rows[column].to_numpy(dtype=float)
        values = np.where(np.isnan(values), np.inf, values)
        matrix[i, j] = matrix[j, i] = values
        matrices.append(matrix)
    return matrices[0], matrices[1]
