"""Which factor the spread of an output comes from: Sobol' indices and Morris screening, by SALib.

Both read the sample in the order in which SALib made it, one value for each point: the mean over the agents' seeds. The
share of the variance that those draws cause by themselves is told beside (``frame.attrs["draws_share"]``): with common
random numbers the indices are those of the mean over just these seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from steeliq.ensemble.analysis.cases import WORLD, Points, points_of, values_of, varies
from steeliq.ensemble.design import Design
from steeliq.ensemble.sampling import MORRIS_LEVELS, members, unit
from steeliq.errors import AnalysisError

RESAMPLES: Final = 500
CONFIDENCE: Final = 0.95
SEED: Final = 1  # of the bootstrap: the same results give the same intervals

FITTING: Final = {
    "sobol": 'Sobol\' indices need a design with method = "sobol"',
    "morris": 'Morris screening needs a design with method = "morris"',
}


def first_and_total(factors: Sequence[str], values: npt.NDArray[np.float64]) -> pd.DataFrame:
    """First and total Sobol' indices with the half-width of their 95 % interval: factor, first, first_conf, total, ...

    ``values``: one for each row of Saltelli's scheme without second order, N (k + 2) of them in SALib's order. First
    indices after Saltelli et al. 2010 (doi:10.1016/j.cpc.2009.09.018), total ones after Jansen 1999
    (doi:10.1016/S0010-4655(98)00154-4), intervals by bootstrap. Raises AnalysisError on another number of values.
    """
    from SALib.analyze import sobol

    if len(values) % (len(factors) + 2):
        raise AnalysisError(
            f"{len(values)} points are no whole number of blocks of {len(factors)} + 2; the sample is not the design's"
        )
    found = sobol.analyze(
        _problem(factors), values, calc_second_order=False, num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=SEED
    )
    columns = {"first": "S1", "first_conf": "S1_conf", "total": "ST", "total_conf": "ST_conf"}
    return pd.DataFrame({"factor": list(factors), **{name: np.asarray(found[key]) for name, key in columns.items()}})


def elementary_effects(
    factors: Sequence[str], sample: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
) -> pd.DataFrame:
    """Morris's measures: factor, mu, mu_star, sigma, mu_star_conf, in the output's unit per whole range of the factor.

    ``sample`` (points, k) in the unit cube with ``MORRIS_LEVELS`` levels, ``values`` one for each row, both in SALib's
    order. Morris 1991 (doi:10.1080/00401706.1991.10484804), mu_star after Campolongo et al. 2007.
    """
    from SALib.analyze import morris

    found = morris.analyze(
        _problem(factors), sample, values, num_resamples=RESAMPLES, conf_level=CONFIDENCE,
        num_levels=MORRIS_LEVELS, seed=SEED,
    )  # fmt: skip
    names = ("mu", "mu_star", "sigma", "mu_star_conf")
    return pd.DataFrame({"factor": list(factors), **{name: np.asarray(found[name], float) for name in names}})


def sobol_indices(design: Design, results: pd.DataFrame, output: str, year: int, *, area: str = WORLD) -> pd.DataFrame:
    """First and total Sobol' indices of an output in a year, as `first_and_total`, of the mean over the agents' seeds.

    Raises AnalysisError if the design was sampled otherwise, a member is missing, or nothing varies.
    """
    refuse_other_method(design.method, "sobol")
    points = values_by_point(members(design), results, output, year, area)
    return _with_draws(first_and_total(_names(design), points.means.to_numpy()), points)


def morris_screening(
    design: Design, results: pd.DataFrame, output: str, year: int, *, area: str = WORLD
) -> pd.DataFrame:
    """Morris's measures of an output in a year, as `elementary_effects`, of the mean over the agents' seeds.

    Raises AnalysisError as `sobol_indices` does.
    """
    refuse_other_method(design.method, "morris")
    points = values_by_point(members(design), results, output, year, area)
    return _with_draws(elementary_effects(_names(design), unit(design), points.means.to_numpy()), points)


def _names(design: Design) -> list[str]:
    return [factor.name for factor in design.factors]


def _with_draws(found: pd.DataFrame, points: Points) -> pd.DataFrame:
    found.attrs["draws_share"] = points.draws_share
    return found


def refuse_other_method(method: str, wanted: str) -> None:
    """Raise AnalysisError, saying what fits instead, if a design was sampled otherwise."""
    if method != wanted:
        raise AnalysisError(
            f"{FITTING[wanted]}; this one has {method!r}, whose points are not in the order that the estimate needs; "
            "make another design, or look at correlations, tornado and discovery, which any sample allows"
        )


def values_by_point(table: pd.DataFrame, results: pd.DataFrame, output: str, year: int, area: str) -> Points:
    """The output of every point; raises AnalysisError if one is missing or all are the same."""
    points = points_of(table, values_of(results, output, year, area))
    if not varies(points.means):
        raise AnalysisError(f"{output}: it is the same at every point in {year}, so there is no spread to explain")
    return points


def _problem(factors: Sequence[str]) -> dict[str, object]:
    return {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)}
