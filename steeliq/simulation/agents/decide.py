"""The decisions of one year: who switches, renovates, extends, closes and expands.

Order (every limit a counter that moves with each approval): switches of integrated sites, ends of their campaigns;
the same for groups that stand alone; early closures; projects at sites of their own; expansions into country gaps and
the world gap; iron alone. The result does not depend on the order of rows: everything is sorted by id, ties are broken
by id.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.agents.balances import Balances
from steeliq.simulation.agents.breakdown import break_down
from steeliq.simulation.agents.campaigns import end_campaigns
from steeliq.simulation.agents.closing import close_early, count_losses
from steeliq.simulation.agents.expansion import expand, first_self_sufficiency
from steeliq.simulation.agents.foresight import look_ahead
from steeliq.simulation.agents.founding import found
from steeliq.simulation.agents.ledger import Ledger
from steeliq.simulation.agents.limits import TREASURY, Limits
from steeliq.simulation.agents.lines import compile_lines
from steeliq.simulation.agents.offers import Offers, make_offers
from steeliq.simulation.agents.reasons import explain_offers
from steeliq.simulation.agents.sites import find_sites
from steeliq.simulation.agents.switching import come_up, switch
from steeliq.simulation.agents.year import Journal, Year
from steeliq.simulation.arrays import Bools, Floats, Ints, Labels
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.prices import YearPrices
from steeliq.simulation.state import Fleet, Prospects, State

PRICE_HORIZON = 10  # years ahead for which expected prices are kept, to be compared when the year has come


@dataclass(frozen=True, slots=True)
class Choices:
    """What the owners decided.

    Debt: sum after = sum before + ``drawn`` - ``written_off``. Tables follow the result tables of the same names;
    ``expected`` has the columns year, target, indicator, expected.
    """

    fleet: Fleet
    owners: Labels  # (w,) sorted, with the new owners of expansions
    invested: Floats  # (w,) USD of equity
    stored_co2: Floats  # (s,) t a year reserved, by storage area
    prospects: Prospects
    drawn: float  # USD of new debt
    written_off: float  # USD of debt of closed groups
    granted: tuple[tuple[int, int, str, float], ...]  # technology, country, item and USD of public money invested
    decisions: pd.DataFrame
    candidates: pd.DataFrame
    reasons: pd.DataFrame
    write_offs: pd.DataFrame
    limits: pd.DataFrame
    expected: pd.DataFrame


def decide(inputs: Inputs, state: State, prices: YearPrices, books: Books) -> Choices:
    """All decisions of ``state.year``, after its principal has been paid; rows of ``books`` are those of the fleet."""
    year = _open(inputs, state, prices, books)
    count_losses(year)
    tightness = year.balances.tightness()
    for together in (True, False):
        here = np.flatnonzero(year.sites.integrated == together)
        offers = make_offers(year, come_up(year, here))
        outcome = switch(year, offers)
        purse = end_campaigns(year, offers)
        _list_candidates(year, offers, outcome.refused, np.isfinite(purse), tightness)
        explain_offers(year, offers, outcome, purse, tightness)
    close_early(year)
    self_sufficiency = first_self_sufficiency(year, state.self_sufficiency)
    prospects = found(year, state.prospects, self_sufficiency)
    expand(year, self_sufficiency)
    decisions, candidates = year.journal.tables()
    owners = np.array(sorted({*state.owners, *year.fleet.owner, *year.ledger.invested}), dtype=object)
    fleet = year.ledger.result()
    return Choices(
        fleet=fleet,
        owners=owners,
        invested=np.array([year.ledger.invested.get(owner, 0.0) for owner in owners]),
        stored_co2=year.limits.reserved_storage(state.stored_co2),
        prospects=prospects,
        drawn=year.ledger.drawn,
        written_off=year.ledger.written_off,
        granted=tuple(year.ledger.granted),
        decisions=decisions,
        candidates=candidates,
        reasons=year.journal.reasons_table(year.year),
        write_offs=year.ledger.write_offs(),
        limits=year.limits.table(),
        expected=_expected(year, prices, tightness),
    )


def _open(inputs: Inputs, state: State, prices: YearPrices, books: Books) -> Year:
    """Sort the fleet, look ahead, find who decides together, set the limits to their start of the year."""
    order = np.argsort(state.fleet.id.astype(str), kind="stable")
    fleet = state.fleet.take(order)
    books = Books(**{field.name: getattr(books, field.name)[order] for field in fields(Books)})
    lines = compile_lines(inputs)
    balances = Balances(inputs, fleet, books, state.year)
    limits = Limits(inputs, state, fleet, books.cash, balances)
    outlook = look_ahead(inputs, lines, prices, fleet, books, state.year)
    return Year(
        inputs=inputs,
        year=state.year,
        fleet=fleet,
        books=books,
        lines=lines,
        outlook=outlook,
        breakdown=break_down(inputs, lines, prices, outlook, state.year),
        sites=find_sites(inputs, lines, fleet, books, state.year),
        balances=balances,
        limits=limits,
        ledger=Ledger(inputs, fleet, state.year, balances, limits),
        journal=Journal(),
    )


def _list_candidates(year: Year, offers: Offers, refused: Labels, unpaid: Bools, tightness: float) -> None:
    """Write every course that was considered into the journal, at the NPVs of the start of the year."""
    unit = year.fleet.id[year.sites.row[offers.site]]
    npv = offers.npv + tightness * offers.weight
    stay = offers.stay_npv + tightness * offers.stay_weight
    add = year.journal.candidates.append
    possible: list[Ints] = [np.flatnonzero(row) for row in offers.possible]
    for n, name in enumerate(unit):
        add((year.year, name, "stay", float(stay[n, 0]), TREASURY if unpaid[n] else ""))
        if np.isfinite(stay[n, 1:]).any():
            add((year.year, name, "extend", float(stay[n, 1:].max()), ""))
        for v in possible[n]:
            add((year.year, name, year.lines.name[v], float(npv[n, v]), refused[n, v]))


def _expected(year: Year, prices: YearPrices, tightness: float) -> pd.DataFrame:
    """Forecasts to be compared with what comes: demand-weighted prices in ten years, committed steel at the gate."""
    inputs = year.inputs
    demand = inputs.conditions.demand[inputs.conditions.at(year.year)]
    weight = demand / demand.sum() if demand.sum() > 0 else np.full(len(demand), 1.0 / len(demand))
    steel, scrap = inputs.steel, inputs.supply.scrap
    later = year.year + PRICE_HORIZON
    rows = [
        (year.year, later, "steel price", float(prices.sell[steel] @ weight) + tightness),
        (year.year, later, "scrap price", float(prices.buy[scrap] @ weight)),
        (year.year, year.opening, "committed steel capacity", year.balances.steel_total),
    ]
    return pd.DataFrame(rows, columns=["year", "target", "indicator", "expected"])
