"""What the public pays and takes: rows of the result table `support`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from steeliq.simulation.accounts.books import Books
from steeliq.simulation.arrays import Floats, group_rows
from steeliq.simulation.inputs import Inputs
from steeliq.simulation.market.dispatch import Dispatch
from steeliq.simulation.state import Fleet


def public_money(
    inputs: Inputs, fleet: Fleet, flows: Dispatch, books: Books, granted: Sequence[tuple[int, int, str, float]]
) -> pd.DataFrame:
    """Support by country, technology and item, USD; grants count in the year in which they are decided."""
    y, support = inputs.conditions.at(flows.network.year), inputs.support
    shape = (len(inputs.countries), len(inputs.technologies.names))
    sums = {item: np.zeros(shape) for item in ("capex", "reline", "fixed_opex", "cost_of_debt")}
    for technology, country, item, amount in granted:
        sums[item][country, technology] += amount
    for item, column in (("fixed_opex", books.fixed_support), ("cost_of_debt", books.interest_support)):
        np.add.at(sums[item], (fleet.country, fleet.technology), column)
    made = group_rows(books.by_option, fleet.country, shape[0])
    for item, rate in (("goods", support.goods[y]), ("carbon_contract", support.contracts[y])):
        sums[item] = _by_technology(made * rate.T, inputs)
    amounts = np.stack(list(sums.values()))
    i, c, t = np.nonzero(np.abs(amounts) > 1.0)
    names = [np.array(axis, dtype=object) for axis in (tuple(sums), inputs.countries, inputs.technologies.names)]
    return pd.DataFrame(
        {"country": names[1][c], "technology": names[2][t], "item": names[0][i], "amount": amounts[i, c, t]}
    )


def _by_technology(amounts: Floats, inputs: Inputs) -> Floats:
    """Sum columns by option (c, o) -> (c, t)."""
    return group_rows(amounts.T, inputs.recipes.technology, len(inputs.technologies.names)).T
