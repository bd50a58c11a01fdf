"""The fleet while a year's decisions are written into it: lives, closures, splits, new groups, debt and equity.

Debt after = debt before + drawn - written off. A line that is replaced serves its debt while it runs and hands the
rest to its successor when that opens; a line that closes leaves its debt unpaid. Principal is not this module's
business: it is paid before the decisions.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd

from steeliq.simulation.agents.balances import Balances
from steeliq.simulation.agents.limits import Limits
from steeliq.simulation.arrays import Bools, Floats, Ints, Labels
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.state import NEVER, Fleet

WHOLE = 1.0  # t: a remainder below this is no furnace group


class Ledger:
    """Working copy of a fleet sorted by id."""

    def __init__(self, inputs: Inputs, fleet: Fleet, year: int, balances: Balances, limits: Limits) -> None:
        self._inputs, self._year, self._balances, self._limits = inputs, year, balances, limits
        self.fleet = fleet
        self.capacity: Floats = fleet.capacity.copy()
        self.retires: Ints = fleet.retires.copy()
        self.campaign_end: Ints = fleet.campaign_end.copy()
        self.debt: Floats = fleet.debt.copy()
        self.repayment: Floats = fleet.repayment.copy()
        self.loss_years: Ints = fleet.loss_years.copy()
        self.decided: Bools = np.zeros(len(fleet), dtype=bool)
        self.drawn = self.written_off = 0.0
        self._losses: list[tuple[str, int, int, float]] = []
        self.invested: dict[str, float] = {}
        self.granted: list[tuple[int, int, str, float]] = []
        self._added: list[dict[str, object]] = []
        self._ids = set(fleet.id)

    def invest(self, owner: str, investment: float) -> float:
        """Book the equity of an investment and return the debt that pays the rest, USD."""
        share = self._inputs.scenario.finance.equity_share
        self.invested[owner] = self.invested.get(owner, 0.0) + share * investment
        debt = (1.0 - share) * investment
        self.drawn += debt
        return debt

    def grant(self, technology: int, country: int, item: str, amount: float) -> None:
        """Note public money towards an investment (negative: a tax on it), USD."""
        if amount:
            self.granted.append((technology, country, item, amount))

    def renew(self, row: int, debt: float, term: int, campaign_end: int) -> None:
        """Keep a group running: new debt repaid over ``term`` years, and a later end of campaign."""
        self.debt[row] += debt
        self.repayment[row] += debt / term
        self.campaign_end[row] = max(int(self.campaign_end[row]), campaign_end)
        self.decided[row] = True

    def retire(self, row: int, year: int, *, write_off: bool = False) -> None:
        """Decide the end of a group; its debt stays with it until then, or is lost at once."""
        self.retires[row] = year
        self.decided[row] = True
        if write_off:
            self._lose(self.fleet, row, float(self.debt[row]))
            self.debt[row] = self.repayment[row] = 0.0
        technology, country = int(self.fleet.technology[row]), int(self.fleet.country[row])
        self._balances.change(technology, country, -float(self.capacity[row]), year)

    def close(self, row: int) -> None:
        """Close a group at the year's end; its debt is lost."""
        technology, country = int(self.fleet.technology[row]), int(self.fleet.country[row])
        self._limits.release(technology, country, float(self.capacity[row]))
        self.retire(row, self._year + 1, write_off=True)

    def cut(self, rows: Ints, tonnes: float, year: int, *, write_off: bool = False) -> None:
        """End ``tonnes`` of capacity, the group closest to its campaign's end first, the last one split.

        Groups that have not opened by then stay: they wait for other iron.
        """
        for row in sorted((int(row) for row in rows), key=lambda row: (self.campaign_end[row], self.fleet.id[row])):
            if tonnes <= WHOLE:
                break
            if self.retires[row] != NEVER or self.fleet.opens[row] >= year:
                continue
            part = min(tonnes, float(self.capacity[row]))
            if self.capacity[row] - part <= WHOLE:
                self.retire(row, year, write_off=write_off)
            else:
                self._split(row, part, year, write_off=write_off)
            tonnes -= part

    def alive(self, rows: Ints, tonnes: Floats) -> tuple[Ints, Floats]:
        """Converters of a site that stay, and how its matched tonnes now spread over them."""
        stays = self.retires[rows] == NEVER
        weight = tonnes[stays]
        return rows[stays], weight * (tonnes.sum() / weight.sum()) if len(weight) else weight

    def add(
        self,
        plant: str,
        technology: int,
        country: int,
        owner: str,
        capacity: float,
        *,
        debt: float = 0.0,
        repayment: float = 0.0,
        synthetic: bool = False,
    ) -> str:
        """A new group that opens after the construction time; returns its id."""
        finance, technologies = self._inputs.scenario.finance, self._inputs.technologies
        opens = self._year + finance.construction
        name = self._new_id(f"{plant}-{technologies.names[technology]}-{opens}")
        self._added.append(
            {
                "id": name,
                "plant": plant,
                "owner": owner,
                "country": country,
                "technology": technology,
                "capacity": capacity,
                "opens": opens,
                "retires": NEVER,
                "campaign_end": opens + int(technologies.campaign[technology]) - 1,
                "debt": debt,
                "repayment": repayment,
                "loss_years": 0,
                "synthetic": synthetic,
            }
        )
        self._balances.change(technology, country, capacity, opens)
        return name

    def result(self) -> Fleet:
        """The fleet after the decisions, sorted by id."""
        changed = self.fleet.changed(
            capacity=self.capacity,
            retires=self.retires,
            campaign_end=self.campaign_end,
            debt=self.debt,
            repayment=self.repayment,
            loss_years=self.loss_years,
        )
        if not self._added:
            return self._handed_over(changed)
        columns: dict[str, Labels] = {}
        for field in fields(Fleet):
            like = getattr(self.fleet, field.name)
            columns[field.name] = np.array([row[field.name] for row in self._added], dtype=like.dtype)
        return self._handed_over(changed.joined([Fleet(**columns)]))

    def _handed_over(self, fleet: Fleet) -> Fleet:
        """Move the debt of groups that end this year to what opens in their place: the same stage first, by id."""
        following = self._year + 1
        debt, repayment = fleet.debt.copy(), fleet.repayment.copy()
        opening = np.flatnonzero((fleet.opens == following) & (fleet.retires == NEVER))
        suppliers: dict[str, list[str]] = {}
        for iron_plant, steel_plant in self._inputs.hot_links:
            suppliers.setdefault(steel_plant, []).append(iron_plant)
        is_steel = self._inputs.technologies.is_steel[fleet.technology]
        for row in np.flatnonzero((fleet.retires == following) & (fleet.debt > 0)):
            places = [fleet.plant[row], *suppliers.get(fleet.plant[row], [])]
            heirs = [
                (places.index(fleet.plant[heir]), bool(is_steel[heir] != is_steel[row]), heir)
                for heir in opening
                if fleet.plant[heir] in places
            ]
            if heirs:
                heir = min(heirs)[2]
                debt[heir] += debt[row]
                repayment[heir] += repayment[row]
            else:
                self._lose(fleet, int(row), float(debt[row]))
            debt[row] = repayment[row] = 0.0
        return fleet.changed(debt=debt, repayment=repayment)

    def _split(self, row: int, part: float, year: int, *, write_off: bool) -> None:
        """End a part of a group: the part becomes a group of its own with its share of the debt."""
        share = part / float(self.capacity[row])
        debt, repayment = float(self.debt[row]) * share, float(self.repayment[row]) * share
        self.debt[row] -= debt
        self.repayment[row] -= repayment
        self.capacity[row] -= part
        if write_off:
            self._lose(self.fleet, row, debt)
            debt = repayment = 0.0
        given = {field.name: getattr(self.fleet, field.name)[row] for field in fields(Fleet)}
        name = self._new_id(f"{self.fleet.id[row]}-part-{year}")
        given |= {"id": name, "capacity": part, "retires": year, "debt": debt, "repayment": repayment}
        given |= {"campaign_end": int(self.campaign_end[row]), "loss_years": int(self.loss_years[row])}
        self._added.append(given)
        self._balances.change(int(given["technology"]), int(given["country"]), -part, year)

    def _lose(self, fleet: Fleet, row: int, debt: float) -> None:
        """Write off debt of a group."""
        self.written_off += debt
        if debt > 0:
            self._losses.append((str(fleet.id[row]), int(fleet.technology[row]), int(fleet.country[row]), debt))

    def write_offs(self) -> pd.DataFrame:
        """Rows of the result table of this name: debt that nobody repays, by furnace group."""
        rows = [
            (self._year, name, self._inputs.countries[country], self._inputs.technologies.names[technology], debt)
            for name, technology, country, debt in self._losses
        ]
        table = pd.DataFrame(rows, columns=["year", "furnace_group", "country", "technology", "debt"])
        keys = ["year", "furnace_group", "country", "technology"]
        return table.groupby(keys, sort=True)["debt"].sum().reset_index()

    def _new_id(self, name: str) -> str:
        """The name, with a letter (b, c, ... z, then numbers) if it is taken."""
        unique, count = name, 1
        while unique in self._ids:
            count += 1
            unique = f"{name}{chr(ord('a') + count - 1)}" if count <= 26 else f"{name}-{count}"
        self._ids.add(unique)
        return unique
