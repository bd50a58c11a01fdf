"""Settings of new plants at sites with power and hydrogen of their own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from steeliq.simulation.scenario.group import Group, Path, above_zero, check_path, in_unit


class Siting(Group):
    """Where new plants could be founded on power and hydrogen of their own."""

    enabled: Annotated[bool, Field(description="Plants can be founded at the dataset's sites")] = False
    share: Annotated[
        float,
        Field(
            ge=0.5,
            le=0.99,
            description="Share of a plant's power that its own solar, wind and battery serve round the clock",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.85
    solar_cost: Annotated[
        Path, Field(description="Multiplies the cost of own solar power", json_schema_extra=in_unit("1"))
    ] = 1.0
    wind_cost: Annotated[
        Path, Field(description="Multiplies the cost of own wind power", json_schema_extra=in_unit("1"))
    ] = 1.0
    battery_cost: Annotated[
        Path, Field(description="Multiplies the cost of batteries", json_schema_extra=in_unit("1"))
    ] = 1.0
    electrolyser_cost: Annotated[
        Path, Field(description="Multiplies the cost of electrolysers", json_schema_extra=in_unit("1"))
    ] = 1.0
    deployment: Annotated[
        dict[str, Path],
        Field(
            description="World capacity ever built by kind of plant (solar, wind, battery in GWh, electrolyser), in "
            "place of what the dataset's costs expect: costs fall by the learning rate with every doubling beyond that",
            json_schema_extra=in_unit("GW"),
        ),
    ] = {}
    solar_learning: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share by which solar power gets cheaper with every doubling of its deployment",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.23
    wind_learning: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share by which wind power gets cheaper with every doubling of its deployment",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.12
    battery_learning: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share by which batteries get cheaper with every doubling of their deployment",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.16
    electrolyser_learning: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share by which electrolysers get cheaper with every doubling of their deployment",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.18
    hydrogen_quantile: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Nobody in a region pays more for hydrogen than this share of its sites needs to make it",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.2
    pipeline_cost: Annotated[
        float,
        Field(ge=0, le=5, description="Hydrogen pipeline, per 1,000 km", json_schema_extra=in_unit("USD/kg")),
    ] = 0.2
    pipeline_reach: Annotated[
        float,
        Field(
            ge=0,
            le=20000,
            description="Greatest length of a pipeline from a neighbouring region (0: none)",
            json_schema_extra=in_unit("km"),
        ),
    ] = 4000.0
    candidates: Annotated[
        int,
        Field(
            ge=1,
            le=1000,
            description="Sites looked at a year for steel, and as many for iron",
            json_schema_extra=in_unit("1"),
        ),
    ] = 20
    per_country: Annotated[
        int,
        Field(ge=1, le=1000, description="Sites of one country among those looked at", json_schema_extra=in_unit("1")),
    ] = 2
    projects: Annotated[
        int,
        Field(
            ge=0,
            le=1000,
            description="Projects taken up a year for steel, and as many for iron",
            json_schema_extra=in_unit("1"),
        ),
    ] = 5
    consideration: Annotated[
        int,
        Field(
            ge=1,
            le=10,
            description="Years in which a project must be worth its cost before it is announced",
            json_schema_extra=in_unit("years"),
        ),
    ] = 3
    announcing: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Chance a year that a project that has proved its worth is announced (certain in "
            "deterministic mode)",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.7
    starting: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Chance a year that the building of an announced project starts (certain in "
            "deterministic mode)",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.9
    build_out: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="Steel founded at sites a year, and as much iron, as a share of the build-out limit",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.4
    max_slope: Annotated[
        float,
        Field(
            ge=0,
            le=90,
            description="Steepest ground on which a plant is founded, where the dataset knows the slope",
            json_schema_extra=in_unit("deg"),
        ),
    ] = 2.0
    rail_cost: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            description="Line to the nearest railway, which the first plant at a site pays where the dataset knows "
            "the way",
            json_schema_extra=in_unit("million USD/km"),
        ),
    ] = 3.0
    solar_density: Annotated[
        float,
        Field(
            gt=0,
            le=200,
            description="Solar power on a square kilometre of the free land that the dataset knows",
            json_schema_extra=in_unit("MW/km2"),
        ),
    ] = 45.0
    wind_density: Annotated[
        float,
        Field(
            gt=0,
            le=50,
            description="Wind power on a square kilometre of the free land that the dataset knows",
            json_schema_extra=in_unit("MW/km2"),
        ),
    ] = 8.0
    only_needed: Annotated[
        bool,
        Field(
            description="Building starts only while steel (in the country or the world) or iron and scrap fall short"
        ),
    ] = True

    _factors = field_validator("solar_cost", "wind_cost", "battery_cost", "electrolyser_cost")(check_path)

    @field_validator("deployment")
    @classmethod
    def _deployed(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {part: above_zero(path, "a deployment") for part, path in paths.items()}
