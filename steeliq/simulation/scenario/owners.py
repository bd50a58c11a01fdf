"""Settings of those who own plants: what they may build, how they pay, how they decide, and what the world allows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from steeliq.simulation.scenario.group import Group, Path, above_zero, check_path, in_unit


class TechnologyWindow(Group):
    """When a technology may be built, and at what cost."""

    allowed: Annotated[bool, Field(description="New capacity of this technology may be built")] = True
    available_from: Annotated[
        int | None,
        Field(
            ge=1900, le=2200, description="First opening year (empty: the dataset's)", json_schema_extra=in_unit("year")
        ),
    ] = None
    available_to: Annotated[
        int | None,
        Field(
            ge=1900,
            le=2200,
            description="Last year in which it is chosen (empty: no end)",
            json_schema_extra=in_unit("year"),
        ),
    ] = None
    capex_factor: Annotated[
        Path, Field(description="Multiplies CAPEX and relining cost", json_schema_extra=in_unit("1"))
    ] = 1.0

    _factor = field_validator("capex_factor")(check_path)


class Finance(Group):
    """How projects are paid."""

    capex: Annotated[
        dict[str, Path],
        Field(
            description="Multiplies CAPEX and relining cost in an area, in place of what the dataset says",
            json_schema_extra=in_unit("1"),
        ),
    ] = {}
    equity_share: Annotated[
        float, Field(gt=0, le=1, description="Equity in an investment", json_schema_extra=in_unit("1"))
    ] = 0.2
    cost_of_debt: Annotated[
        float, Field(ge=-0.05, le=0.2, description="Added to every cost of debt", json_schema_extra=in_unit("1"))
    ] = 0.0
    cost_of_equity: Annotated[
        float, Field(ge=-0.05, le=0.2, description="Added to every cost of equity", json_schema_extra=in_unit("1"))
    ] = 0.0
    construction: Annotated[
        int, Field(ge=1, le=10, description="Years from decision to opening", json_schema_extra=in_unit("years"))
    ] = 4
    life: Annotated[
        int, Field(ge=5, le=40, description="Economic life and debt term", json_schema_extra=in_unit("years"))
    ] = 20
    opening_treasury: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="Owners' treasury at the start as a share of replacement value",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.1
    treasury_cap: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="Greatest treasury as a share of replacement value; the rest is paid out",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.25

    @field_validator("capex")
    @classmethod
    def _factors(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {area: above_zero(path, "a factor on CAPEX") for area, path in paths.items()}


class Decisions(Group):
    """How owners decide on their furnace groups."""

    mode: Annotated[
        Literal["probabilistic", "deterministic"],
        Field(description="Choice by keyed draws, or always the best without any draw"),
    ] = "probabilistic"
    unit: Annotated[
        Literal["site", "furnace_group"],
        Field(description="Hot-linked iron and steel units decide together, or each alone"),
    ] = "site"
    closing: Annotated[
        Literal["avoidable_cost", "one_loss_year"],
        Field(description="Early closure: three years below avoidable cost and not needed, or one year with a loss"),
    ] = "avoidable_cost"
    choice_scale: Annotated[
        float,
        Field(
            ge=0,
            le=1000,
            description="Scale of the logit noise on NPV per tonne of capacity",
            json_schema_extra=in_unit("USD/t"),
        ),
    ] = 60.0
    midlife_window: Annotated[
        int,
        Field(
            ge=0,
            le=40,
            description="Last years of a campaign in which a switch is considered",
            json_schema_extra=in_unit("years"),
        ),
    ] = 6
    extension_years: Annotated[
        int,
        Field(
            ge=0,
            le=20,
            description="Long life extension; half of it is the short one (0: none)",
            json_schema_extra=in_unit("years"),
        ),
    ] = 8
    extension_cost: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Cost of the long extension as a share of relining; the short one costs half",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.4
    tightness: Annotated[
        float,
        Field(
            ge=0,
            le=20000,
            description="Expected price change per unit of committed utilisation off target",
            json_schema_extra=in_unit("USD/t"),
        ),
    ] = 2000.0
    target_utilisation: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Use of committed steel capacity above which more is needed",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.8
    iron_target_utilisation: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Use of committed iron capacity above which more is needed",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.85
    metallics_need: Annotated[
        float,
        Field(
            gt=0,
            le=2,
            description="Iron and scrap needed per tonne of steel in the metallics gates",
            json_schema_extra=in_unit("t/t"),
        ),
    ] = 1.1
    self_sufficiency: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="How far a country keeps its present share of own supply (0: world market only)",
            json_schema_extra=in_unit("1"),
        ),
    ] = 1.0
    announced: Annotated[bool, Field(description="Announced plants are built in their stated year")] = False


class Limits(Group):
    """What the world can build and supply in a year."""

    iron_switches: Annotated[
        float, Field(ge=0, description="Iron capacity that may switch a year", json_schema_extra=in_unit("Mt/yr"))
    ] = 60.0
    steel_switches: Annotated[
        float, Field(ge=0, description="Steel capacity that may switch a year", json_schema_extra=in_unit("Mt/yr"))
    ] = 60.0
    build_out: Annotated[
        float,
        Field(
            ge=0,
            description="Switches and expansions of steel capacity together a year",
            json_schema_extra=in_unit("Mt/yr"),
        ),
    ] = 100.0
    growth_floor: Annotated[
        float,
        Field(
            ge=0,
            description="New capacity a year of a near-zero technology, always allowed",
            json_schema_extra=in_unit("Mt/yr"),
        ),
    ] = 6.0
    growth_share: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="New capacity a year of a near-zero technology as a share of what is committed",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.4
    country_expansion: Annotated[
        float,
        Field(
            ge=0, le=1, description="Expansion a year as a share of a country's demand", json_schema_extra=in_unit("1")
        ),
    ] = 0.08
    country_expansion_floor: Annotated[
        float,
        Field(ge=0, description="Expansion a year that every country may make", json_schema_extra=in_unit("Mt/yr")),
    ] = 5.0
    co2_storage: Annotated[
        float, Field(ge=0, le=100, description="Multiplies CO2 storage", json_schema_extra=in_unit("1"))
    ] = 1.0
    biomass: Annotated[
        float, Field(ge=0, le=100, description="Multiplies biomass supply", json_schema_extra=in_unit("1"))
    ] = 1.0
    inputs: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            description="Multiplies the limits on inputs such as hydrogen or renewable power",
            json_schema_extra=in_unit("1"),
        ),
    ] = 1.0
    use: Annotated[
        dict[str, Path],
        Field(
            description="Greatest use of a bought good by an area's furnace groups, such as 'hydrogen in EU27' or "
            "'electricity in WORLD', besides the dataset's limits; a table of years is in force from its first year on",
            json_schema_extra=in_unit("Mt, TWh or PJ a year"),
        ),
    ] = {}
    storage_rule: Annotated[
        Literal["yearly", "cumulative"],
        Field(
            description="CO2 storage: a yearly rate that is lost if unused, or all that is open and not filled, "
            "with room for the whole life of what is approved"
        ),
    ] = "yearly"
    ore_gate: Annotated[
        bool,
        Field(
            description="New capacity is refused where the world's mines lack the ore grade that it cannot do without"
        ),
    ] = False

    @field_validator("use")
    @classmethod
    def _paths(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {use: check_path(path) for use, path in paths.items()}
