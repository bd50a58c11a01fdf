"""The tiny world's programme and first year, as text that a person can read and a change cannot slip past.

After an intended change write the files anew and read the difference before committing it::

    python -m tests.simulation.test_golden
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from steeliq.simulation.market.network import Network
from tests.strategies import Solved, solved, tiny

GOLDEN = Path(__file__).parent.parent / "golden"
PROGRAMME = GOLDEN / "tiny_2025.lp.txt"
RESULTS = GOLDEN / "tiny_2025.results.json"


def column_names(result: Solved) -> list[str]:
    """One readable name per column, in the programme's order."""
    inputs, network = result.inputs, result.network
    groups, goods, countries = network.groups, inputs.commodities.names, inputs.countries
    supply, border = inputs.supply, network.border

    def group(g: int) -> str:
        return f"{groups.place[g]}/{inputs.technologies.names[groups.technology[g]]}"

    number: dict[int, int] = {}
    steps = []
    for g in network.step_group.tolist():
        number[g] = number.get(g, 0) + 1
        steps.append(f"{group(g)}/{number[g]}")
    demand = inputs.conditions.demand[inputs.conditions.at(network.year)]
    tiers = range(len(supply.tier_share))
    arcs = zip(network.arc_commodity, network.arc_from, network.arc_to, strict=True)
    names = {
        "make": [
            f"{group(g)}/{inputs.recipes.options[o][1]}"
            for g, o in zip(network.make_group, network.make_option, strict=True)
        ],
        "step": steps,
        "cool": [group(g) for g in network.cool_group],
        "move": [f"{group(a)}>{group(b)}" for a, b in zip(groups.link_from, groups.link_to, strict=True)],
        "ore": [
            f"{supply.mines[m]}/{goods[k]}/{tier}"
            for m, k, tier in zip(supply.ore_mine, supply.ore_commodity, supply.ore_tier, strict=True)
        ],
        "scrap": [f"{country}/{tier + 1}" for country in countries for tier in tiers],
        "ship": [f"{goods[k]}/{countries[i]}>{countries[j]}" for k, i, j in arcs],
        "unmet": [countries[c] for c in np.flatnonzero(demand > 0)],
    }
    flat = [""] * len(network.programme.cost)
    for family, part in network.programme.columns.items():
        known = names.get(family)
        for n, position in enumerate(range(part.start, part.stop)):
            flat[position] = f"{family} {known[n] if known else countries[border.origin[n]] + f'/{n}'}"
    return flat


def row_names(network: Network) -> list[str]:
    """Family and number of every row."""
    flat = [""] * len(network.programme.row_lower)
    for family, part in network.programme.rows.items():
        for n, position in enumerate(range(part.start, part.stop)):
            flat[position] = f"{family} #{n}"
    return flat


def number(value: float) -> str:
    return format(value, ".10g")


def text_of(result: Solved) -> str:
    """Rows as `name: low <= sum of coefficient column <= high`, then costs and bounds of the columns."""
    programme, columns = result.network.programme, column_names(result)
    entries: list[list[str]] = [[] for _ in programme.row_lower]
    for c in range(len(programme.cost)):
        for position in range(programme.start[c], programme.start[c + 1]):
            entries[programme.index[position]].append(f"    {number(programme.value[position])} {columns[c]}")
    lines = [f"minimise million USD; {len(programme.cost)} columns, {len(programme.row_lower)} rows, in Mt", "", "rows"]
    bounds = zip(row_names(result.network), programme.row_lower, programme.row_upper, entries, strict=True)
    for name, low, high, body in bounds:
        lines += [f"  {name}: {number(low)} <= ... <= {number(high)}", *body]
    lines += ["", "columns: cost, upper bound"]
    lines += [
        f"  {name}: {number(cost)}, {number(upper)}"
        for name, cost, upper in zip(columns, programme.cost, programme.upper, strict=True)
    ]
    return "\n".join(lines) + "\n"


def results_of(result: Solved) -> dict[str, object]:
    """Objective and tonnes of the first year."""
    fleet, inputs = result.state.fleet, result.inputs
    price = result.prices.buy[inputs.steel]
    return {
        "objective": round(result.objective, 6),
        "production": {
            str(name): round(float(t), 1) for name, t in zip(fleet.id, result.books.production, strict=True)
        },
        "steel_price": {country: round(float(p), 2) for country, p in zip(inputs.countries, price, strict=True)},
        "scope1": round(float(result.emissions.scope1.sum()), 1),
        "scope2": round(float(result.emissions.scope2.sum()), 1),
    }


@pytest.fixture(scope="module")
def year() -> Solved:
    return solved(tiny())


def test_the_programme_of_the_tiny_world_is_the_one_that_was_read(year: Solved) -> None:
    assert text_of(year) == PROGRAMME.read_text(encoding="utf-8")


def test_the_first_year_of_the_tiny_world_is_the_one_that_was_read(year: Solved) -> None:
    golden, found = json.loads(RESULTS.read_text(encoding="utf-8")), results_of(year)
    assert found["objective"] == pytest.approx(golden["objective"], rel=1e-8)
    assert found["production"] == pytest.approx(golden["production"], rel=1e-6, abs=1.0)
    assert found["steel_price"] == pytest.approx(golden["steel_price"], abs=0.02)
    for scope in ("scope1", "scope2"):
        assert found[scope] == pytest.approx(golden[scope], rel=1e-6)


def test_names_of_columns_tell_them_apart(year: Solved) -> None:
    names = column_names(year)
    assert len(set(names)) == len(names)
    assert "make P1/BF/coal" in names
    assert "ship crude_steel/IND>DEU" in names


if __name__ == "__main__":
    result = solved(tiny())
    PROGRAMME.write_text(text_of(result), encoding="utf-8")
    RESULTS.write_text(json.dumps(results_of(result), indent=2) + "\n", encoding="utf-8")
