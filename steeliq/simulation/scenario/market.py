"""Settings of the steel market: what is wanted, what there is to make it from, and how the year's optimum values it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from steeliq.simulation.scenario.group import Group, Path, above_zero, check_path, in_unit


class Demand(Group):
    """How much crude steel the world wants."""

    scenario: Annotated[str, Field(description="Demand scenario of the dataset")] = "bau"
    factor: Annotated[
        Path, Field(description="Multiplies the demand of every country", json_schema_extra=in_unit("1"))
    ] = 1.0
    elasticity: Annotated[
        float,
        Field(
            ge=0,
            le=2,
            description="By how many percent a country uses less for each percent by which last year's steel price is "
            "above that of the first year (0: demand does not answer to prices)",
            json_schema_extra=in_unit("%/%"),
        ),
    ] = 0.0
    response_limit: Annotated[
        float,
        Field(
            ge=0,
            le=0.9,
            description="Share of demand by which prices can change it at most, up or down",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.2
    premium_factor: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description="Multiplies the dataset's willingness to pay for low-carbon steel (0: nobody pays)",
            json_schema_extra=in_unit("1"),
        ),
    ] = 1.0
    premiums: Annotated[
        dict[str, Path],
        Field(
            description="Willingness to pay for low-carbon steel by destination area, in place of the dataset's; "
            "a table of years is in force from its first year on",
            json_schema_extra=in_unit("USD/t"),
        ),
    ] = {}
    low_carbon_threshold: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="Greatest intensity (scope 1 and 2, iron included) that earns the scenario's own premiums",
            json_schema_extra=in_unit("tCO2/t"),
        ),
    ] = 0.4
    low_carbon_share: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Share of demand that pays the scenario's own premiums",
            json_schema_extra=in_unit("1"),
        ),
    ] = 1.0

    _factor = field_validator("factor")(check_path)

    @field_validator("premiums")
    @classmethod
    def _premiums(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {area: check_path(path) for area, path in paths.items()}


class Scrap(Group):
    """How much scrap can be collected."""

    source: Annotated[
        Literal["table", "stock"],
        Field(
            description="Scrap supply: the dataset's table, or a model of the steel in use and when it becomes scrap "
            "(then scenario and factor have no effect)"
        ),
    ] = "table"
    scenario: Annotated[str, Field(description="Scrap scenario of the dataset")] = "bau"
    factor: Annotated[
        Path, Field(description="Multiplies the scrap supply of every country", json_schema_extra=in_unit("1"))
    ] = 1.0
    lifetime: Annotated[
        Path,
        Field(
            description="Stock: multiplies the lifetime of goods made from that year on", json_schema_extra=in_unit("1")
        ),
    ] = 1.0
    collection: Annotated[
        Path,
        Field(
            description="Stock: multiplies the share of obsolete goods that is collected (at most all)",
            json_schema_extra=in_unit("1"),
        ),
    ] = 1.0
    fabrication: Annotated[
        Path,
        Field(
            description="Stock: multiplies the share of finished steel that gets into goods (at most all)",
            json_schema_extra=in_unit("1"),
        ),
    ] = 1.0

    _paths = field_validator("factor", "collection", "fabrication")(check_path)

    @field_validator("lifetime")
    @classmethod
    def _lifetime(cls, path: Path) -> Path:
        return above_zero(path, "a lifetime factor")


class Prices(Group):
    """Prices of what plants buy outside the model, and how product prices form."""

    scenario: Annotated[
        str, Field(description="Price scenario of the dataset; goods and countries it does not name follow 'reference'")
    ] = "reference"
    factors: Annotated[
        dict[str, Path],
        Field(description="Multiplies the price of a bought commodity, by commodity", json_schema_extra=in_unit("1")),
    ] = {}
    rule: Annotated[
        Literal["nodal", "merit_order"],
        Field(description="Steel price: duals of the dispatch by country, or one world price from the cost curve"),
    ] = "nodal"
    steel_cap: Annotated[
        float,
        Field(
            gt=0, description="Greatest steel price used in accounts and decisions", json_schema_extra=in_unit("USD/t")
        ),
    ] = 1000.0
    scrap_cap: Annotated[
        float,
        Field(
            gt=0, description="Greatest scrap price used in accounts and decisions", json_schema_extra=in_unit("USD/t")
        ),
    ] = 560.0
    ore_cap: Annotated[
        float,
        Field(
            gt=0,
            description="Greatest ore price as a multiple of the dearest mine's landed cost",
            json_schema_extra=in_unit("1"),
        ),
    ] = 1.5
    ore_reversion: Annotated[
        int,
        Field(
            ge=1,
            le=50,
            description="Years in which the expected ore price returns to cost",
            json_schema_extra=in_unit("years"),
        ),
    ] = 12
    clearing_share: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Merit order: share of the cost curve beyond which scarcity is priced",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.95
    scarcity_premium: Annotated[
        float,
        Field(ge=0, description="Merit order: premium beyond the clearing share", json_schema_extra=in_unit("USD/t")),
    ] = 200.0

    @field_validator("factors")
    @classmethod
    def _paths(cls, factors: dict[str, Path]) -> dict[str, Path]:
        return {commodity: check_path(path) for commodity, path in factors.items()}


class Grid(Group):
    """Emissions of grid power."""

    scenario: Annotated[str, Field(description="Grid scenario of the dataset")] = "reference"


class Dispatch(Group):
    """The yearly linear programme."""

    lost_load: Annotated[
        float, Field(ge=2000, description="Cost of demand that is not met", json_schema_extra=in_unit("USD/t"))
    ] = 10000.0
    minimum_load_penalty: Annotated[
        float,
        Field(ge=0, le=1000, description="Take-or-pay penalty below minimum load", json_schema_extra=in_unit("USD/t")),
    ] = 30.0
    cost_steps: Annotated[
        float,
        Field(ge=0, le=10, description="Multiplies the rising-cost steps (0: none)", json_schema_extra=in_unit("1")),
    ] = 1.0
    labour_cost: Annotated[
        float,
        Field(
            ge=0, le=500, description="Labour and services at index 1 and weight 1", json_schema_extra=in_unit("USD/t")
        ),
    ] = 30.0
    hot_link_distance: Annotated[
        float,
        Field(
            ge=0,
            le=200,
            description="Greatest distance over which hot metal moves between plants",
            json_schema_extra=in_unit("km"),
        ),
    ] = 30.0
