"""The only place that knows HiGHS: solves a programme, proves the answer, and carries the basis to next year.

Every solution is checked here in NumPy (primal and dual feasibility, duality gap). A warm start whose solution fails
the check is solved again cold; a cold solution that fails raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import highspy
import numpy as np

from steeliq.errors import CertificateError, InfeasibleError
from steeliq.simulation.arrays import Floats, Ints
from steeliq.simulation.market.assembly import Programme
from steeliq.simulation.market.keys import Keys
from steeliq.simulation.state import Basis

TOLERANCE = 1e-7  # greatest relative residual of a certified solution
OPTIONS: Final[Mapping[str, bool | int | float | str]] = MappingProxyType(
    {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 0,
        "primal_feasibility_tolerance": 1e-9,
        "dual_feasibility_tolerance": 1e-9,
    }
)
"""Of HiGHS, for every solve."""
COLD, WARM = "ipm", "simplex"  # its solver without and with a basis
LOWER, BASIC, UPPER = 0, 1, 2  # as in HiGHS
_STATUS = np.array([highspy.HighsBasisStatus(code) for code in (LOWER, BASIC, UPPER)], dtype=object)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Relative residuals of a solution: all three small means optimal (linear programming duality)."""

    primal: float
    dual: float
    gap: float

    @property
    def holds(self) -> bool:
        """Whether the solution counts as proven."""
        return max(self.primal, self.dual, self.gap) <= TOLERANCE


@dataclass(frozen=True, slots=True)
class Solution:
    """An optimal, certified point."""

    x: Floats  # (n,) Mt
    row_dual: Floats  # (m,) USD/t
    objective: float  # million USD, without the tie-breaking costs
    certificate: Certificate
    method: str  # cold or warm
    iterations: int
    basis: Basis


def solve(programme: Programme, basis: Basis | None = None) -> Solution:
    """Minimise. With a basis: dual simplex from it; without: interior point with crossover.

    Raises InfeasibleError (naming the row families in conflict) and CertificateError.
    """
    if basis is not None:
        solution = _attempt(programme, basis)
        if solution is not None and solution.certificate.holds:
            return solution
    solution = _attempt(programme, None)
    if solution is None:
        raise InfeasibleError(_conflict(programme))
    if not solution.certificate.holds:
        raise CertificateError(
            f"the dispatch could not be proven optimal: {solution.certificate}, tolerance {TOLERANCE:g}; "
            "look for extreme costs or amounts in the dataset"
        )
    return solution


def _attempt(programme: Programme, basis: Basis | None) -> Solution | None:
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # ships no types
    for option, value in {**OPTIONS, "solver": COLD if basis is None else WARM}.items():
        highs.setOptionValue(option, value)
    _pass(highs, programme)
    if basis is not None:
        highs.setBasis(_highs_basis(programme, basis))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found, info = highs.getSolution(), highs.getInfo()
    x = np.clip(np.array(found.col_value), 0.0, programme.upper)
    row_dual = np.array(found.row_dual)
    return Solution(
        x=x,
        row_dual=row_dual,
        objective=float(programme.cost @ x),
        certificate=certificate(programme, x, row_dual),
        method="cold" if basis is None else "warm",
        iterations=int(
            info.simplex_iteration_count + max(info.ipm_iteration_count, 0) + max(info.crossover_iteration_count, 0)
        ),
        basis=_kept_basis(programme, highs, x, row_dual),
    )


def _pass(highs: Any, programme: Programme) -> None:
    """Hand the programme to HiGHS as arrays; through its model object every number would become a Python object."""
    continuous = np.zeros(len(programme.cost), dtype=np.int32)
    highs.passModel(
        len(programme.cost),
        len(programme.row_lower),
        len(programme.value),
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        programme.cost + programme.tie,
        np.zeros(len(programme.cost)),
        programme.upper,
        programme.row_lower,
        programme.row_upper,
        programme.start.astype(np.int32),
        programme.index.astype(np.int32),
        programme.value,
        continuous,
    )


def certificate(programme: Programme, x: Floats, row_dual: Floats) -> Certificate:
    """Residuals of primal and dual feasibility and of the duality gap, computed without the solver.

    The dual objective takes each row's bound by the sign of its dual and each column's by the sign of its reduced
    cost; a sign that meets an infinite bound is dual infeasibility.
    """
    n = len(x)
    column = np.repeat(np.arange(n), np.diff(programme.start))
    activity = np.bincount(programme.index, weights=programme.value * x[column], minlength=len(row_dual))
    scale = 1.0 + np.bincount(programme.index, weights=np.abs(programme.value * x[column]), minlength=len(row_dual))
    below = np.maximum(programme.row_lower - activity, 0.0) / scale
    above = np.maximum(activity - programme.row_upper, 0.0) / scale
    primal = float(max(below.max(initial=0.0), above.max(initial=0.0)))
    cost = programme.cost + programme.tie
    priced = programme.value * row_dual[programme.index]
    reduced = cost - np.bincount(column, weights=priced, minlength=n)
    cost_scale = 1.0 + np.abs(cost) + np.bincount(column, weights=np.abs(priced), minlength=n)
    unbounded = np.where((reduced < 0) & np.isinf(programme.upper), -reduced / cost_scale, 0.0)
    bound = np.where(row_dual > 0, programme.row_lower, programme.row_upper)
    free = np.isinf(bound)
    row_bad = np.where(free, np.abs(row_dual) / (1.0 + np.abs(row_dual).max(initial=0.0)), 0.0)
    dual = float(max(unbounded.max(initial=0.0), row_bad.max(initial=0.0)))
    value = float(np.where(free, 0.0, row_dual * np.where(free, 0.0, bound)).sum())
    value += float(
        np.where(
            (reduced < 0) & np.isfinite(programme.upper),
            reduced * np.where(np.isfinite(programme.upper), programme.upper, 0.0),
            0.0,
        ).sum()
    )
    objective = float(cost @ x)
    return Certificate(primal=primal, dual=dual, gap=abs(objective - value) / (1.0 + abs(objective)))


def _highs_basis(programme: Programme, basis: Basis) -> Any:
    """Last year's basis on this year's columns: what is new starts at its lower bound, new rows start basic."""
    out = highspy.HighsBasis()
    out.valid = True
    out.alien = True
    columns = _looked_up(programme.column_keys, basis.column_keys, basis.column_status, LOWER)
    rows = _looked_up(programme.row_keys, basis.row_keys, basis.row_status, BASIC)
    out.col_status, out.row_status = _STATUS[columns].tolist(), _STATUS[rows].tolist()
    return out


def _looked_up(keys: Keys, known: Keys, values: Ints, default: int) -> Ints:
    if not len(known):
        return np.full(len(keys), default)
    position = np.searchsorted(known, keys).clip(max=len(known) - 1)
    return np.where(known[position] == keys, values[position], default)


def _kept_basis(programme: Programme, highs: Any, x: Floats, row_dual: Floats) -> Basis:
    """The basis by keys. A nonbasic column sits at the bound it equals, a nonbasic row at the one its dual names."""
    basic = np.array(highs.getBasicVariables()[1])
    column_status = np.where(np.isfinite(programme.upper) & (x >= programme.upper), UPPER, LOWER)
    at_upper = np.isinf(programme.row_lower) | (np.isfinite(programme.row_upper) & (row_dual < 0))
    row_status = np.where(at_upper, UPPER, LOWER)
    column_status[basic[basic >= 0]] = BASIC
    row_status[-basic[basic < 0] - 1] = BASIC
    columns, rows = np.argsort(programme.column_keys), np.argsort(programme.row_keys)
    return Basis(programme.column_keys[columns], column_status[columns], programme.row_keys[rows], row_status[rows])


def _conflict(programme: Programme) -> str:
    """Name the row families that must give way: the least total violation that makes the programme feasible."""
    m, n = len(programme.row_lower), len(programme.cost)
    relaxed = replace(
        programme,
        cost=np.concatenate([np.zeros(n), np.ones(2 * m)]),
        tie=np.zeros(n + 2 * m),
        upper=np.concatenate([programme.upper, np.full(2 * m, np.inf)]),
        start=np.concatenate([programme.start, programme.start[-1] + np.arange(1, 2 * m + 1)]),
        index=np.concatenate([programme.index, np.arange(m), np.arange(m)]),
        value=np.concatenate([programme.value, np.ones(m), -np.ones(m)]),
    )
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # ships no types
    highs.setOptionValue("output_flag", False)
    _pass(highs, relaxed)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return "the dispatch has no solution however its rows are relaxed; check the dataset for bounds below zero"
    slack = np.array(highs.getSolution().col_value)[n:].reshape(2, m).sum(axis=0)
    if slack.sum() <= 1e-9:
        return "the dispatch is unbounded: some option or trade earns money without limit; check by-products and prices"
    worst = sorted(
        ((float(slack[rows].sum()), name) for name, rows in programme.rows.items() if slack[rows].sum() > 1e-9),
        reverse=True,
    )
    named = ", ".join(f"{name} ({amount:.3g} Mt)" for amount, name in worst)
    return f"the dispatch has no solution; rows that would have to give way: {named}"
