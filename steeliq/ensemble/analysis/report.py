"""All analyses of an ensemble at once: their tables, and what they say in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from steeliq.atomic import write_atomically, write_text_atomically
from steeliq.ensemble.analysis.bands import bands, exceedance
from steeliq.ensemble.analysis.cases import factors_of, points_of, unit_of, values_of, whole_points
from steeliq.ensemble.analysis.correlation import correlations
from steeliq.ensemble.analysis.discovery import BOX, ONE, discovery
from steeliq.ensemble.analysis.sensitivity import morris_screening, sobol_indices
from steeliq.ensemble.analysis.tornado import base_point, tornado
from steeliq.ensemble.analysis.words import number
from steeliq.ensemble.design import Design
from steeliq.errors import AnalysisError

OUTPUTS: Final = ("emissions.scope1", "emissions.cumulative", "near_zero_share", "price.steel", "investment")
"""Outputs that are analysed if none is named."""

THRESHOLDS: Final = 21
"""Thresholds of an exceedance curve, from the least to the greatest value."""

WIDE: Final = 0.1
"""Half-width of an interval of a Sobol' index from which on it is called rough."""

SAMPLED: Final = ("latin_hypercube", "sobol")
"""Methods whose points stand for the distributions; those of the others are chosen to be compared."""


@dataclass(frozen=True, slots=True)
class Target:
    """What must not be exceeded (``above``), or fallen short of (``below``); one of the two."""

    above: float | None = None
    below: float | None = None

    def __str__(self) -> str:
        return f"above {self.above:g}" if self.above is not None else f"below {self.below:g}"


@dataclass(slots=True)
class Findings:
    """Tables by name, each with the columns output and year, and sentences in reading order."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)

    def add(self, name: str, table: pd.DataFrame, **keys: str | int) -> None:
        """Append to a table, with these columns first."""
        for place, (key, value) in enumerate(keys.items()):
            table.insert(place, key, value)
        table.attrs = {}  # concat compares them
        known = [self.tables[name]] if name in self.tables else []
        self.tables[name] = pd.concat([*known, table], ignore_index=True)

    def say(self, sentence: str) -> None:
        """Append a sentence."""
        self.sentences.append(sentence)


def analyse(
    design: Design,
    members: pd.DataFrame,
    results: pd.DataFrame,
    *,
    outputs: Sequence[str] = (),
    year: int | None = None,
    target: Target | None = None,
) -> Findings:
    """Every analysis that the design allows, of the outputs (default: `OUTPUTS`) in the year (default: the last).

    ``target`` is one of the first output. What cannot be answered is said in words. Raises AnalysisError if there is no
    result, or no such output or year.
    """
    if results.empty:
        raise AnalysisError("no member is finished yet; there is nothing to analyse")
    chosen = list(outputs) or [name for name in OUTPUTS if (results["output"] == name).any()]
    chosen = chosen or [str(results["output"].iloc[0])]
    year = int(results["year"].max()) if year is None else year
    found = Findings()
    _say_of_members(found, design, members, values_of(results, chosen[0], year))
    for place, output in enumerate(chosen):
        _output(found, design, members, results, output, year)
        if target is not None and place == 0:
            _try(found, "No scenario discovery", lambda: _discovery(found, members, results, chosen[0], year, target))
    _try(found, "No correlations", lambda: _correlations(found, members, results, chosen, year))
    return found


def write_findings(folder: Path, found: Findings) -> list[Path]:
    """Write every table as CSV and Parquet, and the sentences as text; gives the files."""
    written = []
    for name, table in found.tables.items():
        text = table.to_csv(index=False, lineterminator="\n")
        write_text_atomically(folder / f"{name}.csv", text)
        write_atomically(folder / f"{name}.parquet", partial(table.to_parquet, index=False))
        written += [folder / f"{name}.csv", folder / f"{name}.parquet"]
    write_text_atomically(folder / "summary.txt", "".join(f"{sentence}\n" for sentence in found.sentences))
    return [*written, folder / "summary.txt"]


def _try(found: Findings, what: str, analysis: Callable[[], None]) -> None:
    try:
        analysis()
    except AnalysisError as error:
        found.say(f"{what}: {error}.")


def _say_of_members(found: Findings, design: Design, members: pd.DataFrame, values: pd.Series) -> None:
    seeds, missing = len(design.agent_seeds), len(members) - len(values)
    points = len(members) // max(seeds, 1)
    found.say(
        f"{design.name}: {len(members)} members, {points} points ({design.method}) with {seeds} "
        f"{'seed' if seeds == 1 else 'seeds'} of the agents each; {len(factors_of(members))} factors."
    )
    if missing:
        found.say(f"{missing} members have no result and take no part; what needs every member is left out.")
    if design.method not in SAMPLED:
        found.say("The points are chosen to be compared: quantiles show their spread, and are no probabilities.")


def _output(
    found: Findings, design: Design, members: pd.DataFrame, results: pd.DataFrame, output: str, year: int
) -> None:
    values, unit = values_of(results, output, year), unit_of(results, output)
    table = bands(results, output)
    found.add("bands", table, output=output, unit=unit)
    low, median, high = np.quantile(values, (0.05, 0.5, 0.95))
    found.say(
        f"{output} in {year}: median {number(median)} {unit}; nine of ten members lie between {number(low)} and "
        f"{number(high)}."
    )
    draws = _draws(members, values)
    if not np.isnan(draws):
        found.say(f"  The agents' draws alone cause {draws:.0%} of the variance of single members.")
    thresholds = np.linspace(values.min(), values.max(), THRESHOLDS)
    curve = exceedance(results, output, year, [float(one) for one in np.unique(thresholds)], members=members)
    found.add("exceedance", curve, output=output, unit=unit, year=year)
    what = {"sobol": (_sobol, "No Sobol' indices"), "morris": (_morris, "No Morris screening")}.get(design.method)
    if what is not None:
        _try(found, f"  {what[1]}", lambda: what[0](found, design, results, output, year))
    _try(found, "  No tornado", lambda: _tornado(found, members, results, output, year))


def _draws(members: pd.DataFrame, values: pd.Series) -> float:
    whole = members[whole_points(members, values)]
    return points_of(whole, values).draws_share if len(whole) else np.nan


def _sobol(found: Findings, design: Design, results: pd.DataFrame, output: str, year: int) -> None:
    table = sobol_indices(design, results, output, year).sort_values("total", ascending=False, kind="stable")
    parts = [
        f"{row['factor']} {_index(row['first'], row['first_conf'])} alone, {_index(row['total'], row['total_conf'])} "
        "with all that it interacts with"
        for row in _records(table.head(3))
    ]
    found.say(f"  Shares of the variance (Sobol', 95 % intervals): {'; '.join(parts)}.")
    none = [str(row["factor"]) for row in _records(table) if row["total"] <= row["total_conf"]]
    if none:
        found.say(f"  Not told apart from no effect at all, within their interval: {', '.join(none)}.")
    widest = float(table[["first_conf", "total_conf"]].to_numpy().max())
    if widest > WIDE or (table["first"] > 1).any():
        found.say(
            f"  The intervals reach ± {widest:.2f}, so these shares are rough (above 1 or below 0 is such an error): "
            "double the samples until they are as narrow as you need."
        )
    found.add("sobol", table, output=output, year=year)


def _morris(found: Findings, design: Design, results: pd.DataFrame, output: str, year: int) -> None:
    table = morris_screening(design, results, output, year).sort_values("mu_star", ascending=False, kind="stable")
    unit = unit_of(results, output)
    parts = [
        f"{row['factor']} {number(row['mu_star'])} ± {number(row['mu_star_conf'])} {unit}"
        for row in _records(table.head(3))
    ]
    found.say(f"  Mean effect of a factor's whole range (Morris' mu*): {'; '.join(parts)}.")
    uneven = [str(row["factor"]) for row in _records(table) if row["sigma"] > row["mu_star"] > 0]
    if uneven:
        found.say(f"  Their effect depends on the other factors or is bent (sigma above mu*): {', '.join(uneven)}.")
    found.add("morris", table, output=output, year=year)


def _tornado(found: Findings, members: pd.DataFrame, results: pd.DataFrame, output: str, year: int) -> None:
    table = tornado(members, results, output, year)
    alone = base_point(members) is not None
    first: Any = table.iloc[0]
    ends = "from one end to the other" if alone else "from its lowest to its highest quarter of points"
    sure = [
        str(row["factor"]) for row in _records(table) if abs(row["high_output"] - row["low_output"]) > 2 * row["error"]
    ]
    found.say(
        f"  Longest bar: {first['factor']}, {_value(first['low_value'])} to {_value(first['high_value'])}: "
        f"{number(first['low_output'])} to {number(first['high_output'])} {unit_of(results, output)} ({ends})."
    )
    if not alone:
        found.say(f"  Bars longer than twice their error: {', '.join(sure) or 'none'}.")
    texts = {name: [_value(value) for value in table[name]] for name in ("low_value", "high_value")}
    found.add("tornado", table.assign(**texts), output=output, year=year)  # numbers and texts share the column


def _discovery(
    found: Findings, members: pd.DataFrame, results: pd.DataFrame, output: str, year: int, target: Target
) -> None:
    unit = unit_of(results, output)
    sign, limit = (1, target.above) if target.above is not None else (-1, target.below)
    flipped = results.assign(value=sign * results["value"])
    chance: Any = exceedance(flipped, output, year, [sign * (limit or 0.0)], members=members).iloc[0]
    found.say(
        f"  The target is missed ({target} {unit}) by {chance['probability']:.0%} of the members "
        f"(95 % interval {chance['low']:.0%} to {chance['high']:.0%})."
    )
    table = discovery(members, results, output, year, above=target.above, below=target.below)
    best = table[table["kind"] == ONE].iloc[:1]
    box = table[table["kind"] == BOX]
    for rows, words in ((best, "Best range of one factor"), (box, "Best ranges together")):
        if len(rows) > (rows is box):  # a box of one factor is its range again
            ranges = "; ".join(_range(row) for row in _records(rows))
            row: Any = rows.iloc[0]
            found.say(
                f"  {words}: {ranges}: {row['coverage']:.0%} of all misses are there, and {row['density']:.0%} of the "
                f"{row['members']} members there miss."
            )
    sure = [str(row["factor"]) for row in _records(table[table["kind"] == ONE]) if row["p_value"] < 0.05]
    found.say(f"  Factors that differ between met and missed (5 % level): {', '.join(sure) or 'none'}.")
    found.add("discovery", table, output=output, year=year)


def _correlations(
    found: Findings, members: pd.DataFrame, results: pd.DataFrame, outputs: Sequence[str], year: int
) -> None:
    table = correlations(members, results, outputs, year)
    factors = [name for name in factors_of(members) if name in table.index]
    for output in outputs:
        column = table.loc[factors, output if output in table.columns else f"{output} (output)"].dropna()
        if len(column):
            strongest = column.abs().sort_values(ascending=False, kind="stable").index[:1]
            for name, value in column[strongest].items():
                found.say(f"{output} goes most closely with {name} (rank correlation {value:+.2f}).")
    found.add("correlations", table.rename_axis("name").reset_index(), year=year)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _range(row: dict[str, Any]) -> str:
    inside = row["levels"] or f"{number(row['low'])} to {number(row['high'])}"
    return f"{row['factor']} {inside}"


def _index(value: float, confidence: float) -> str:
    return f"{value:.2f} ± {confidence:.2f}"


def _value(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
