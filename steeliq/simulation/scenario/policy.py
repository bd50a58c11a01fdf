"""Settings of what states do: carbon prices and caps, duties and bans, subsidies and taxes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from steeliq.simulation.scenario.group import Group, Path, a_share, check_path, in_unit


class Carbon(Group):
    """What emitting CO2 costs."""

    scenario: Annotated[str, Field(description="Carbon price scenario of the dataset")] = "current"
    paths: Annotated[
        dict[str, Path],
        Field(
            description="Carbon price by area (country, bloc, region or WORLD) in place of the dataset's",
            json_schema_extra=in_unit("USD/tCO2"),
        ),
    ] = {}
    factor: Annotated[
        Path,
        Field(description="Multiplies every carbon price, whatever it comes from", json_schema_extra=in_unit("1")),
    ] = 1.0
    priced: Annotated[
        Literal["scope1", "scope1_and_2"],
        Field(description="Emissions on which the carbon price is paid: on site, or also those of bought grid power"),
    ] = "scope1"
    free_allocation: Annotated[
        float,
        Field(ge=0, le=1, description="Multiplies the share of allowances given free", json_schema_extra=in_unit("1")),
    ] = 1.0
    emission_caps: Annotated[bool, Field(description="Emission caps of the dataset are in force")] = True
    caps: Annotated[
        dict[str, Path],
        Field(
            description="Cap on scope 1 emissions by area, in place of the dataset's; "
            "a table of years is in force from its first year on",
            json_schema_extra=in_unit("MtCO2/yr"),
        ),
    ] = {}
    cap_price_ceiling: Annotated[
        float,
        Field(
            gt=0,
            le=5000,
            description="Carbon price at which emissions beyond a cap are let go",
            json_schema_extra=in_unit("USD/tCO2"),
        ),
    ] = 1000.0
    border_basis: Annotated[
        Literal["country", "furnace_group"],
        Field(
            description="Emissions on which a border adjustment is charged: last year's mean of the exporting country, "
            "or each furnace group's own (clean output is then shipped first)"
        ),
    ] = "country"
    border_adjustment: Annotated[bool, Field(description="Border adjustments of the dataset are in force")] = True
    borders: Annotated[
        dict[str, Path],
        Field(
            description="Share of the carbon cost difference that an importing area charges on iron and steel, in "
            "place of the dataset's border adjustment; a table of years is in force from its first year on",
            json_schema_extra=in_unit("1"),
        ),
    ] = {}
    border_credit: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Share of the free allowances of the importing area that lowers what a border adjustment is "
            "charged on (0 where the phase-in allows for them already, as the dataset's does)",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.0

    _factor = field_validator("factor")(check_path)

    @field_validator("paths", "caps")
    @classmethod
    def _paths(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {area: check_path(path) for area, path in paths.items()}

    @field_validator("borders")
    @classmethod
    def _borders(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {area: a_share(path) for area, path in paths.items()}


class Trade(Group):
    """What crossing a border costs."""

    tariffs: Annotated[
        float, Field(ge=0, le=10, description="Multiplies every duty of the dataset", json_schema_extra=in_unit("1"))
    ] = 1.0
    frictions: Annotated[
        float, Field(ge=0, le=10, description="Multiplies handling and border friction", json_schema_extra=in_unit("1"))
    ] = 1.0
    freight: Annotated[
        float, Field(ge=0, le=10, description="Multiplies freight per km", json_schema_extra=in_unit("1"))
    ] = 1.0
    bans: Annotated[bool, Field(description="Trade bans of the dataset are in force")] = True
    quotas: Annotated[bool, Field(description="Quotas of the dataset are in force")] = True
    duties: Annotated[
        dict[str, Path],
        Field(
            description="Share of the stated value that a flow pays on top of other duties, by flow such as "
            "'crude_steel to EU27' or 'scrap from CHN to NOT ASEAN'; "
            "a table of years is in force from its first year on",
            json_schema_extra=in_unit("1"),
        ),
    ] = {}
    charges: Annotated[
        dict[str, Path],
        Field(
            description="Amount per tonne that a flow pays on top of other duties, by flow as above; "
            "a table of years is in force from its first year on",
            json_schema_extra=in_unit("USD/t"),
        ),
    ] = {}
    limits: Annotated[
        dict[str, Path],
        Field(
            description="Greatest amount of a flow (0: banned), by flow such as 'scrap from EU27' or "
            "'dri* to WORLD', each good by itself; a table of years is in force from its first year on",
            json_schema_extra=in_unit("Mt/yr"),
        ),
    ] = {}

    @field_validator("duties", "charges", "limits")
    @classmethod
    def _paths(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {flow: check_path(path) for flow, path in paths.items()}


class Support(Group):
    """What the public pays towards steel, and what it taxes."""

    subsidies: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description="Multiplies every subsidy and tax of the dataset (0: none is in force)",
            json_schema_extra=in_unit("1"),
        ),
    ] = 1.0
    capex: Annotated[
        dict[str, Path],
        Field(
            description="Share of the CAPEX of near-zero technologies that the public pays, by area, on top of the "
            "dataset's; a table of years is in force from its first year on",
            json_schema_extra=in_unit("1"),
        ),
    ] = {}
    hydrogen: Annotated[
        dict[str, Path],
        Field(
            description="Paid per tonne of hydrogen that furnace groups use, by area, on top of the dataset's; "
            "a table of years is in force from its first year on",
            json_schema_extra=in_unit("USD/t"),
        ),
    ] = {}
    debt: Annotated[
        dict[str, Path],
        Field(
            description="Share a year by which near-zero technologies borrow cheaper (0.01: one percentage point), by "
            "area, on top of the dataset's; a table of years is in force from its first year on",
            json_schema_extra=in_unit("1"),
        ),
    ] = {}
    risk_free_rate: Annotated[
        float,
        Field(
            ge=0,
            le=0.1,
            description="Real interest below which a subsidy cannot bring the cost of debt",
            json_schema_extra=in_unit("1"),
        ),
    ] = 0.02
    carbon_contracts: Annotated[
        bool, Field(description="Carbon contracts for difference of the dataset are in force")
    ] = True
    strike_factor: Annotated[
        float, Field(ge=0, le=10, description="Multiplies strike prices", json_schema_extra=in_unit("1"))
    ] = 1.0

    strikes: Annotated[
        dict[str, Path],
        Field(
            description="Carbon contracts of near-zero technologies by area, on top of the dataset's: strike price up "
            "to which the carbon price is topped up; a table of years is in force from its first year on",
            json_schema_extra=in_unit("USD/tCO2"),
        ),
    ] = {}
    benchmark: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="Emissions per tonne below which the scenario's own carbon contracts pay",
            json_schema_extra=in_unit("tCO2/t"),
        ),
    ] = 1.3

    @field_validator("capex", "hydrogen", "debt", "strikes")
    @classmethod
    def _paths(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {area: check_path(path) for area, path in paths.items()}
