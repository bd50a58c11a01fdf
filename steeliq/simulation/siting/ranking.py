"""Which sites are looked at first: the cheapest by what a tonne needs there, but not all in one country.

The yardstick of a site is what differs between sites: its power and hydrogen, hauling ore or scrap from where they
are, and hauling the product to where steel is used. What is the same everywhere (plant, labour of a country's own
account) stays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steeliq.simulation.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Needs:
    """What a tonne of product asks of a site."""

    power: float  # MWh
    hydrogen: float  # kg
    feed: float  # t hauled in


STEEL = Needs(power=0.9, hydrogen=0.0, feed=1.1)
"""Arc furnace on scrap or bought iron."""

IRON = Needs(power=0.3, hydrogen=55.0, feed=1.5)
"""Shaft on hydrogen (Vogl et al. 2018, as in the reference recipes) and pellets."""


def yardstick(
    needs: Needs, power: Floats, hydrogen: Floats, feed_distance: Floats, market_distance: Floats, freight: float
) -> Floats:
    """USD per tonne of product that differs between sites (n,).

    power USD/MWh, hydrogen USD/kg, distances km (infinite: cannot be reached), freight USD/t-km.

    >>> one = np.ones(1)
    >>> yardstick(Needs(1.0, 10.0, 2.0), 50 * one, 2 * one, 100 * one, 300 * one, 0.01).tolist()
    [75.0]
    """
    hauling = freight * (needs.feed * feed_distance + market_distance)
    gas = needs.hydrogen * hydrogen if needs.hydrogen else 0.0
    return np.asarray(needs.power * power + gas + hauling)


def nearest(distance: Floats, size: Floats, least: float) -> Floats:
    """Distance of each site (n,) to the nearest of m places that are large enough (n, m) km; infinite if none is."""
    return np.asarray(distance[:, size >= least].min(axis=1, initial=np.inf))


def chosen(cost: Floats, country: Ints, count: int, per_country: int) -> Ints:
    """At most ``count`` sites by rising cost, at most ``per_country`` of any country (m,); never an infinite one.

    Ties go to the site that stands first. A country's best sites are looked at before any country's later ones only
    as far as their cost allows: diversity is a ceiling, not a quota.

    >>> chosen(np.array([1.0, 2.0, 3.0, np.inf]), np.array([0, 0, 1, 2]), 3, 1).tolist()
    [0, 2]
    """
    order = np.argsort(cost, kind="stable")
    order = order[np.isfinite(cost[order])]
    taken: dict[int, int] = {}
    out: list[int] = []
    for site in order.tolist():
        home = int(country[site])
        if len(out) < count and taken.get(home, 0) < per_country:
            out.append(site)
            taken[home] = taken.get(home, 0) + 1
    return np.array(out, dtype=np.int64)
