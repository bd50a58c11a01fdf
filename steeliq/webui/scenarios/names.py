"""Names that a dataset offers to a scenario: its scenarios, areas, bought commodities and technologies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from steeliq.errors import Problem, ScenarioError
from steeliq.paths import data_folder
from steeliq.simulation.arrays import records
from steeliq.simulation.dataset import Dataset, load
from steeliq.simulation.market.conditions import OWN_ENERGY, check_names
from steeliq.simulation.paths import WORLD, Areas
from steeliq.simulation.scenario import Scenario
from steeliq.webui.scenarios.meanings import meanings

type Options = tuple[tuple[str, str], ...]  # name, label


@dataclass(frozen=True, slots=True)
class Technology:
    """A technology of which a scenario may set the window and the costs."""

    name: str
    label: str
    stage: str
    available_from: int


@dataclass(frozen=True, slots=True)
class Names:
    """What the editor offers for one dataset."""

    dataset: Dataset
    areas: Areas
    named: Mapping[str, Mapping[str, str]]  # setting -> names of scenarios, each with what it says
    keys: Mapping[str, tuple[tuple[str, Options], ...]]  # setting -> heading, options
    technologies: tuple[Technology, ...]

    def problems(self, scenario: Scenario) -> list[Problem]:
        """Names in the scenario that this dataset does not hold; ``table`` is the setting."""
        try:
            check_names(self.dataset.tables, self.areas, scenario)
        except ScenarioError as error:
            return [_placed(problem) for problem in error.problems]
        return []

    def carbon_path(self, scenario: str, area: str, first: int) -> dict[int, float]:
        """The dataset's carbon price of an area from ``first`` on, only the years in which its course bends."""
        rows = self.dataset["carbon_prices"]
        rows = rows[(rows["scenario"] == scenario) & (rows["area"].isin([area, WORLD]))]
        if (rows["area"] == area).any():
            rows = rows[rows["area"] == area]
        known = {int(row.year): float(row.price) for row in records(rows) if row.year >= first}
        return bends(known)


def _placed(problem: Problem) -> Problem:
    """A problem of the dataset's check, with the setting (or the technology) in the place of the table."""
    place = f"technologies.{problem.value}" if problem.column == "technologies" else problem.column
    return Problem(place, 0, "", problem.value, problem.rule)


def bends(path: dict[int, float]) -> dict[int, float]:
    """A path without the points that lie on the line between their neighbours.

    >>> bends({2025: 0.0, 2030: 50.0, 2035: 100.0, 2050: 100.0})
    {2025: 0.0, 2035: 100.0, 2050: 100.0}
    """
    kept = sorted(path.items())
    spot = 1
    while spot < len(kept) - 1:
        (a, low), (b, middle), (c, high) = kept[spot - 1 : spot + 2]
        if abs(low + (high - low) * (b - a) / (c - a) - middle) < 1e-6:
            del kept[spot]
        else:
            spot += 1
    return dict(kept)


def names_of(folder: Path | None = None) -> Names:
    """The names of the dataset in ``folder`` (None: the reference dataset). Raises DatasetError."""
    return _reference() if folder is None else _names(load(folder))


def datasets() -> dict[str, Path]:
    """The user's datasets by name."""
    folder = data_folder() / "datasets"
    found = sorted(path for path in folder.glob("*") if (path / "datapackage.json").is_file())
    return {path.name: path for path in found}


@cache
def _reference() -> Names:
    return _names(load())


def _names(dataset: Dataset) -> Names:
    areas = Areas.of(dataset["countries"], dataset["blocs"])
    label = {str(row.country): str(row.name) for row in dataset["countries"].itertuples(index=False)}
    rank = ("World", "Regions", "Blocs", "Countries")
    shown: dict[str, list[tuple[str, str]]] = {heading: [] for heading in rank}
    for name, place in areas.rank.items():
        text = "World" if name == WORLD else f"{label[name]} ({name})" if place == 3 else name
        shown[rank[place]].append((name, text))
    goods = dict(zip(dataset["commodities"]["commodity"], dataset["commodities"]["name"], strict=True))
    bought = sorted(set(dataset["prices"]["commodity"]), key=lambda good: str(goods[good]))
    places = tuple((head, tuple(sorted(rows, key=lambda row: row[1]))) for head, rows in shown.items())
    return Names(
        dataset=dataset,
        areas=areas,
        named=meanings(dataset),
        keys={
            "carbon.paths": places,
            "carbon.caps": places,
            "support.capex": places,
            "support.hydrogen": places,
            "finance.capex": places,
            "support.debt": places,
            "support.strikes": places,
            "carbon.borders": places,
            "limits.use": _uses(bought, goods, areas),
            "demand.premiums": places,
            "trade.duties": _flows(dataset, areas, "to"),
            "trade.charges": _flows(dataset, areas, "to"),
            "trade.limits": _flows(dataset, areas, "from"),
            "siting.deployment": (("Own power and hydrogen", tuple((part, part.capitalize()) for part in OWN_ENERGY)),),
            "prices.factors": (("Bought commodities", tuple((str(good), str(goods[good])) for good in bought)),),
        },
        technologies=_technologies(dataset),
    )


def _flows(dataset: Dataset, areas: Areas, side: str) -> tuple[tuple[str, Options], ...]:
    """Flows to choose from: each traded good across the border of a bloc, or of every country; others by file."""
    rows = dataset["commodities"]
    goods = rows.loc[rows["kind"] == "hub", ["commodity", "name"]].sort_values("name").itertuples(index=False)
    blocs = sorted(name for name, rank in areas.rank.items() if rank == 2)
    words = {"from": "leaving", "to": "entering"}
    return tuple(
        (
            str(label),
            (
                (f"{good} {side} {WORLD}", f"{label} {words[side]} any country"),
                *((f"{good} {side} {bloc}", f"{label} {words[side]} {bloc}") for bloc in blocs),
            ),
        )
        for good, label in goods
    )


def _uses(bought: list[str], goods: Mapping[str, str], areas: Areas) -> tuple[tuple[str, Options], ...]:
    """Limits on use to choose from: each bought good in the world or a bloc; other areas by file."""
    places = (WORLD, *sorted(name for name, rank in areas.rank.items() if rank == 2))
    return tuple(
        (str(goods[good]), tuple((f"{good} in {place}", f"{goods[good]} in {place}") for place in places))
        for good in bought
    )


def _technologies(dataset: Dataset) -> tuple[Technology, ...]:
    rows = dataset["technologies"]
    rows = rows[rows["stage"] != "auxiliary"].sort_values(["stage", "technology"])
    return tuple(
        Technology(str(name), str(label), str(stage), int(year))
        for name, label, stage, year in zip(
            rows["technology"], rows["name"], rows["stage"], rows["available_from"], strict=True
        )
    )
