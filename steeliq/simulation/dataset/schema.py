"""What tables and columns a dataset has: the contract of ``columns.csv`` as frozen objects.

Everything that reads, checks, writes or documents a dataset asks this module; no other place lists columns.
Every table but ``sources`` also has the columns ``source`` (key into ``sources``) and ``quality``
(A primary statistic, B secondary, C weak, D derived, E estimate).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

#: The first year of the model: every path must say something for it.
FIRST_YEAR = 2025
#: A path without a value for longer than this is taken for a forgotten year [yr].
LONGEST_HOLE = 10
#: The area that contains all others.
WORLD = "WORLD"

QUALITIES = ("A", "B", "C", "D", "E")

#: Tables that may have no rows, and may then be left out of a package.
MAY_BE_EMPTY = frozenset(
    {
        *("biomass_supply", "blocs", "border_adjustments", "charge_groups", "charge_limits", "co2_storage"),
        *("cost_steps", "country_factors", "distances", "free_allocation", "hot_links", "mines", "ore_supply"),
        *("own_energy", "quotas", "sites", "statistics", "tariffs", "technology_bans", "transitions"),
        *("subsidies", "carbon_contracts", "emission_caps", "input_limits", "input_limit_goods"),
        *("tariff_rate_quotas", "low_carbon_demand"),
        *("steel_end_uses", "steel_use_history", "site_hours", "site_ground"),
    }
)

#: Tables of the first release. A later one without rows does not count in the hash, so older datasets keep theirs.
FIRST_TABLES = frozenset(
    {
        *("countries", "blocs", "country_factors", "plants", "furnace_groups", "hot_links", "commodities"),
        *("technologies", "technology_costs", "recipes", "bill_of_materials", "charge_groups", "charge_limits"),
        *("routes", "route_options", "transitions", "technology_bans", "cost_steps", "steel_demand", "scrap_supply"),
        *("scrap_tiers", "mines", "ore_supply", "prices", "grid_intensity", "carbon_prices", "free_allocation"),
        *("border_adjustments", "cost_of_capital", "transport_costs", "distances", "tariffs", "quotas"),
        *("co2_storage", "biomass_supply", "boundaries", "statistics", "sources"),
    }
)

#: Tables with one value per year that are not paths which the model interpolates.
NOT_PATHS = frozenset({"statistics"})

#: Paths that are in force from their first year on, whenever that is.
MAY_BEGIN_LATER = frozenset({"emission_caps", "input_limits", "low_carbon_demand"})

#: Columns in which "NOT X" means every area but X.
NEGATABLE = frozenset(
    {
        *(("tariffs", "exporter"), ("tariffs", "importer"), ("quotas", "exporter"), ("quotas", "importer")),
        ("technology_bans", "area"),
        *(("subsidies", "area"), ("carbon_contracts", "area")),
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; ``unit`` is the canonical one ('' for text), ``rule`` as in ``columns.csv``."""

    table: str
    name: str
    type: str
    unit: str
    key: bool
    optional: bool
    rule: str
    description: str

    @property
    def reference(self) -> tuple[str, str] | None:
        """Table and column that this column's values must exist in, if any."""
        if not self.rule.startswith("->"):
            return None
        table, column = self.rule[2:].split(".")
        return table, column

    @property
    def choices(self) -> tuple[str, ...]:
        """The only values allowed, if the rule lists them."""
        return tuple(self.rule[3:].split("|")) if self.rule.startswith("in:") else ()

    @property
    def bounds(self) -> tuple[float, float, bool]:
        """Least value, greatest value, and whether the least itself is allowed."""
        if self.rule in {">0", ">=0"}:
            return 0.0, float("inf"), self.rule == ">=0"
        if ".." in self.rule:
            low, high = self.rule.split("..")
            return float(low), float(high), True
        return float("-inf"), float("inf"), True


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in the order in which they are written."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Columns in the order in which they are written."""
        return tuple(column.name for column in self.columns)

    @property
    def key(self) -> tuple[str, ...]:
        """Columns that together identify a row."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def may_be_empty(self) -> bool:
        """True if the table may have no rows."""
        return self.name in MAY_BE_EMPTY

    @property
    def is_path(self) -> bool:
        """True if rows are points in time of series that are interpolated between years."""
        return "year" in self.key and self.name not in NOT_PATHS

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def schema_text() -> str:
    """The text of ``columns.csv`` (part of the cache key: another contract, another cache)."""
    return files(__package__).joinpath("columns.csv").read_text(encoding="utf-8")


@cache
def schema() -> Mapping[str, Table]:
    """All tables by name, in the order of ``columns.csv``."""
    columns: dict[str, list[Column]] = {}
    for row in csv.DictReader(schema_text().splitlines()):
        columns.setdefault(row["table"], []).append(
            Column(
                table=row["table"],
                name=row["column"],
                type=row["type"],
                unit=row["unit"],
                key=row["key"] == "yes",
                optional=row["key"] == "optional",
                rule=row["rule"],
                description=row["description"],
            )
        )
    return MappingProxyType({name: Table(name, (*own, *_provenance(name))) for name, own in columns.items()})


def _provenance(table: str) -> list[Column]:
    """The columns that say where a row comes from; the table of sources itself has none."""
    if table == "sources":
        return []
    source = Column(table, "source", "string", "", False, False, "->sources.source", "Source of the row")
    quality = Column(
        table,
        "quality",
        "string",
        "",
        False,
        False,
        "in:" + "|".join(QUALITIES),
        "A primary statistic; B secondary; C weak; D derived; E estimate",
    )
    return [source, quality]
