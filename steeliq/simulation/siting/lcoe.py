"""What a megawatt-hour costs from a site's own solar, wind and battery when it must come round the clock.

A part (solar, wind, battery) is bought in the first year of the project's horizon and again whenever its life is over,
at the price of that year; what is left of the last purchase at the end is credited in proportion to its unused life.
Fixed cost is paid every year. The sum, discounted, becomes equal yearly payments over the horizon. Output fades with
age: cost is per megawatt of mean output over a life, as if the owner had bought so much more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.agents.finance import annuity, discount_factors
from steeliq.simulation.arrays import Floats
from steeliq.simulation.siting.coverage import Battery, Hourly
from steeliq.simulation.siting.mix import Mixes, Search
from steeliq.simulation.siting.profiles import HOURS

HORIZON = 25  # years


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of plant as it is bought: USD per kW (battery: per kWh)."""

    price: Floats  # (..., y) USD per kW in the years from the decision on; the last one holds after
    fixed: float  # share of the first price to be paid a year
    life: int  # years
    fade: float  # share of output lost a year


def yearly_cost(part: Part, rate: Floats, horizon: int = HORIZON) -> Floats:
    """USD per kW and year (...,) of a part over a horizon of years at the discount rate (...,).

    >>> forever = Part(np.array([100.0]), fixed=0.0, life=10, fade=0.0)
    >>> round(float(yearly_cost(forever, np.array(0.0), 25)), 6)  # two and a half lives in 25 years
    10.0
    """
    rate = np.asarray(rate, dtype=float)
    discount = discount_factors(rate, horizon + 1)
    last = part.price.shape[-1] - 1
    value = np.zeros(np.broadcast_shapes(part.price.shape[:-1], rate.shape))
    for year in range(0, horizon, part.life):
        price = part.price[..., min(year, last)]
        unused = max(year + part.life - horizon, 0) / part.life
        value = value + price * (discount[..., year] - unused * discount[..., horizon])
    running = part.fixed * part.price[..., 0]
    mean = (1.0 - (1.0 - part.fade) ** part.life) / (part.fade * part.life) if part.fade else 1.0
    return np.asarray((value * annuity(rate, horizon) + running) / mean)


@dataclass(frozen=True, slots=True)
class Supply:
    """What round-the-clock power of n sites costs, by rising year y."""

    lcoe: Floats  # (y, n) USD/MWh delivered; inf where sun and wind cannot serve the load
    bound: Floats  # (y, n) USD/MWh that no mix can undercut
    design: Floats  # (y, n, 3) MW of solar, MW of wind, MWh of battery for 1 MW of load


def levelised(solar: Hourly, wind: Hourly, cost: Floats, share: float, battery: Battery, tolerance: float) -> Supply:
    """The least cost of serving ``share`` of a flat load from profiles (h, n), at costs (y, n, 3) USD/kW and year.

    Raises ValueError unless 0 < share < 1 and costs are positive.
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"the share of the load to be served lies between 0 and 1, found {share}")
    if not (cost > 0).all():
        raise ValueError("solar, wind and battery must cost something, found a cost of 0 or less")
    search = Search(solar, wind, share, battery)
    found: list[Mixes] = [search.cheapest(1000.0 * yearly, tolerance) for yearly in cost]
    served = HOURS * share
    return Supply(
        lcoe=np.array([mixes.cost for mixes in found]) / served,
        bound=np.array([mixes.bound for mixes in found]) / served,
        design=np.array([mixes.design for mixes in found]),
    )
