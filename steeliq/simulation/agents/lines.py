"""What a deciding unit can run: a whole route, or only the iron or the steel part of one.

An integrated site decides between whole routes. A furnace group that stands alone buys or sells what the other part
of its route would make, at the price of the cold twin: an arc furnace on bought DRI, a blast furnace that casts pigs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from steeliq.simulation.arrays import Bools, Floats, Ints
from steeliq.simulation.inputs import Inputs

SCRAP_ROUTE = 0.5  # t of scrap per t of product above which a route without iron lives on scrap


@dataclass(frozen=True, slots=True)
class Lines:
    """One row per line v; the first rows are the routes themselves, in their order."""

    name: tuple[str, ...]  # of the route that the line is or belongs to
    route: Ints  # (v,)
    product: Ints  # (v,) commodity
    iron: Ints  # (v,) ironmaking technology, -1 if none
    steel: Ints  # (v,) steelmaking technology, -1 if none
    iron_rate: Floats  # (v,) t of iron per t of product (1 for iron alone)
    weight: Floats  # (v, o) t of the option's product per t of the line's product
    bill: Floats  # (v, k) net purchases of hub goods
    mix: Floats  # (v, k) shares of the cold equivalents in the metallic charge of the steelmaking
    iron_only: Ints  # (v,) the line that makes the same iron for sale, -1 without ironmaking
    scrap: Bools  # (v,) lives on scrap
    targets: Bools  # (v, v) may be replaced by

    def __len__(self) -> int:
        return len(self.name)


def compile_lines(inputs: Inputs) -> Lines:
    """All routes, then missing iron-only parts, then the steel parts of routes with ironmaking."""
    steel_option = inputs.technologies.is_steel[inputs.recipes.technology]
    parts = _parts(inputs, steel_option)
    weights = np.array([part.weight for part in parts])
    route = np.array([part.route for part in parts], dtype=np.int64)
    product = np.array([part.product for part in parts], dtype=np.int64)
    iron = np.array([part.iron for part in parts], dtype=np.int64)
    steel = np.array([part.steel for part in parts], dtype=np.int64)
    bill = _purchases(inputs, weights, product)
    scrap = inputs.supply.scrap
    iron_only = _iron_only(iron, steel)
    return Lines(
        name=tuple(inputs.routes.names[r] for r in route),
        route=route,
        product=product,
        iron=iron,
        steel=steel,
        iron_rate=np.where(iron >= 0, (weights * ~steel_option).sum(axis=1), 0.0),
        weight=weights,
        bill=bill,
        mix=_mix(inputs, np.where(steel_option, weights, 0.0)),
        iron_only=iron_only,
        scrap=(iron < 0) & (bill[:, scrap] > SCRAP_ROUTE),
        targets=_targets(
            inputs, route, iron, steel, iron_only, _steel_only(iron, steel, np.where(steel_option, weights, 0.0))
        ),
    )


class _Part(NamedTuple):
    route: int
    weight: Floats  # (o,)
    product: int
    iron: int
    steel: int


def _parts(inputs: Inputs, steel_option: Bools) -> list[_Part]:
    routes, commodities = inputs.routes, inputs.commodities
    whole = [
        _Part(r, routes.weight[r], int(routes.product[r]), int(routes.iron[r]), int(routes.steel[r]))
        for r in range(len(routes.names))
    ]
    for_sale = {part.iron for part in whole if part.iron >= 0 and part.steel < 0}
    joint = [part for part in whole if part.iron >= 0 and part.steel >= 0]
    iron_parts = []
    for part in joint:
        if part.iron not in for_sale:
            product = int(inputs.technologies.product[part.iron])
            twin = int(commodities.twin[product])
            alone = np.where(steel_option, 0.0, part.weight) / routes.iron_rate[part.route]
            iron_parts.append(_Part(part.route, alone, twin if twin >= 0 else product, part.iron, -1))
            for_sale.add(part.iron)
    return [*whole, *iron_parts, *_steel_parts(inputs, steel_option, whole)]


def _steel_parts(inputs: Inputs, steel_option: Bools, whole: list[_Part]) -> list[_Part]:
    """Steelmaking on bought iron, once per charge: the route with the oldest ironmaking lends its name."""
    technologies = inputs.technologies
    known = {part.weight.tobytes() for part in whole if part.iron < 0}
    joint = [part for part in whole if part.iron >= 0 and part.steel >= 0]
    out = []
    for part in sorted(joint, key=lambda part: (int(technologies.available_from[part.iron]), part.route)):
        weight = np.where(steel_option, part.weight, 0.0)
        if weight.tobytes() not in known:
            known.add(weight.tobytes())
            out.append(_Part(part.route, weight, part.product, -1, part.steel))
    return sorted(out, key=lambda part: part.route)


def cold_equivalents(inputs: Inputs, amounts: Floats) -> Floats:
    """Amounts (..., k) with hot goods counted as what they become when they cool."""
    out = amounts.copy()
    for hot in inputs.commodities.hot:
        twin = inputs.commodities.twin[hot]
        if twin >= 0:
            out[..., twin] += out[..., hot]
        out[..., hot] = 0.0
    return out


def _purchases(inputs: Inputs, weights: Floats, product: Ints) -> Floats:
    recipes = inputs.recipes
    made = np.zeros_like(recipes.bill)
    made[np.arange(len(made)), recipes.product] = 1.0
    bill = cold_equivalents(inputs, weights @ (recipes.bill - made))
    bill[np.arange(len(bill)), product] = 0.0
    bill[np.abs(bill) < 1e-9] = 0.0
    hub = np.zeros(bill.shape[1], dtype=bool)
    hub[inputs.commodities.hub] = True
    return np.where(hub, bill, 0.0)


def _mix(inputs: Inputs, steel_weights: Floats) -> Floats:
    charged = cold_equivalents(inputs, steel_weights @ inputs.recipes.charge_by_commodity)
    total = charged.sum(axis=1, keepdims=True)
    return np.divide(charged, total, out=np.zeros_like(charged), where=total > 0)


def _iron_only(iron: Ints, steel: Ints) -> Ints:
    seller = {int(t): v for v, t in reversed(list(enumerate(iron))) if t >= 0 and steel[v] < 0}
    return np.array([seller.get(int(t), -1) for t in iron], dtype=np.int64)


def _steel_only(iron: Ints, steel: Ints, steel_weights: Floats) -> Ints:
    """The line that does the same steelmaking on bought iron (v,), -1 without steelmaking."""
    buyer = {row.tobytes(): v for v, row in reversed(list(enumerate(steel_weights))) if iron[v] < 0 and steel[v] >= 0}
    return np.array([buyer.get(row.tobytes(), -1) for row in steel_weights], dtype=np.int64)


def _targets(inputs: Inputs, route: Ints, iron: Ints, steel: Ints, iron_only: Ints, steel_only: Ints) -> Bools:
    """Which line may follow which: the transitions of the routes, reduced to the part that the unit has."""
    out = np.zeros((len(route), len(route)), dtype=bool)
    for v in range(len(route)):
        for q in np.flatnonzero(inputs.routes.allowed[route[v]]):
            if iron[v] >= 0 and steel[v] >= 0:
                target = int(q)
            elif steel[v] >= 0:
                target = int(steel_only[q]) if steel[q] not in (-1, steel[v]) else -1
            else:
                target = int(iron_only[q]) if iron[q] != iron[v] else -1
            if target >= 0 and target != v:
                out[v, target] = True
    return out
