"""Every knob of a run: a typed schema whose descriptions become help, form labels and documentation.

A scenario file is TOML and holds only what differs from the default::

    base = "reference"
    name = "carbon price 100"

    [carbon]
    scenario = "uniform_100"

This module states what a scenario may say; `steeliq.simulation.scenario_files` reads and writes the files.
A value that depends on the year is written as a number or as a table of years (``{2025 = 1.0, 2050 = 0.6}``);
years between are interpolated, years outside are held.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

FIRST_YEAR, LAST_YEAR = 2020, 2060

type Path = float | dict[int, float]


def _unit(unit: str) -> dict[str, str]:
    return {"unit": unit}


class _Group(BaseModel):
    """A group of settings: unknown names are refused, values never change after the check."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Period(_Group):
    """Which years are simulated."""

    start: Annotated[
        int, Field(ge=FIRST_YEAR, le=LAST_YEAR, description="First year", json_schema_extra=_unit("year"))
    ] = 2025
    end: Annotated[
        int, Field(ge=FIRST_YEAR, le=LAST_YEAR, description="Last year", json_schema_extra=_unit("year"))
    ] = 2050

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.end < self.start:
            raise ValueError(f"the last year {self.end} lies before the first year {self.start}; swap them")
        return self


def _check_path(path: Path) -> Path:
    values = path.values() if isinstance(path, dict) else (path,)
    if isinstance(path, dict):
        if not path:
            raise ValueError("a path needs at least one year; write a number or { 2025 = 1.0, 2050 = 0.5 }")
        wrong = [year for year in path if not 2000 <= year <= 2100]
        if wrong:
            raise ValueError(f"years of a path lie between 2000 and 2100, found {wrong}")
    if any(value < 0 for value in values):
        raise ValueError("values of a path must not be negative")
    return path


def _above_zero(path: Path, what: str) -> Path:
    path = _check_path(path)
    if any(value == 0 for value in (path.values() if isinstance(path, dict) else (path,))):
        raise ValueError(f"{what} must be greater than 0")
    return path


class Demand(_Group):
    """How much crude steel the world wants."""

    scenario: Annotated[str, Field(description="Demand scenario of the dataset")] = "bau"
    factor: Annotated[
        Path, Field(description="Multiplies the demand of every country", json_schema_extra=_unit("1"))
    ] = 1.0
    elasticity: Annotated[
        float,
        Field(
            ge=0,
            le=2,
            description="By how many percent a country uses less for each percent by which last year's steel price is "
            "above that of the first year (0: demand does not answer to prices)",
            json_schema_extra=_unit("%/%"),
        ),
    ] = 0.0
    response_limit: Annotated[
        float,
        Field(
            ge=0,
            le=0.9,
            description="Share of demand by which prices can change it at most, up or down",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.2
    premium_factor: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description="Multiplies the dataset's willingness to pay for low-carbon steel (0: nobody pays)",
            json_schema_extra=_unit("1"),
        ),
    ] = 1.0
    premiums: Annotated[
        dict[str, Path],
        Field(
            description="Willingness to pay for low-carbon steel by destination area, in place of the dataset's; "
            "a table of years is in force from its first year on",
            json_schema_extra=_unit("USD/t"),
        ),
    ] = {}
    low_carbon_threshold: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="Greatest intensity (scope 1 and 2, iron included) that earns the scenario's own premiums",
            json_schema_extra=_unit("tCO2/t"),
        ),
    ] = 0.4
    low_carbon_share: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Share of demand that pays the scenario's own premiums",
            json_schema_extra=_unit("1"),
        ),
    ] = 1.0

    _factor = field_validator("factor")(_check_path)

    @field_validator("premiums")
    @classmethod
    def _premiums(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {area: _check_path(path) for area, path in paths.items()}


class Scrap(_Group):
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
        Path, Field(description="Multiplies the scrap supply of every country", json_schema_extra=_unit("1"))
    ] = 1.0
    lifetime: Annotated[
        Path,
        Field(
            description="Stock: multiplies the lifetime of goods made from that year on", json_schema_extra=_unit("1")
        ),
    ] = 1.0
    collection: Annotated[
        Path,
        Field(
            description="Stock: multiplies the share of obsolete goods that is collected (at most all)",
            json_schema_extra=_unit("1"),
        ),
    ] = 1.0
    fabrication: Annotated[
        Path,
        Field(
            description="Stock: multiplies the share of finished steel that gets into goods (at most all)",
            json_schema_extra=_unit("1"),
        ),
    ] = 1.0

    _paths = field_validator("factor", "collection", "fabrication")(_check_path)

    @field_validator("lifetime")
    @classmethod
    def _lifetime(cls, path: Path) -> Path:
        return _above_zero(path, "a lifetime factor")


class Prices(_Group):
    """Prices of what plants buy outside the model, and how product prices form."""

    scenario: Annotated[
        str, Field(description="Price scenario of the dataset; goods it does not name follow 'reference'")
    ] = "reference"
    factors: Annotated[
        dict[str, Path],
        Field(description="Multiplies the price of a bought commodity, by commodity", json_schema_extra=_unit("1")),
    ] = {}
    rule: Annotated[
        Literal["nodal", "merit_order"],
        Field(description="Steel price: duals of the dispatch by country, or one world price from the cost curve"),
    ] = "nodal"
    steel_cap: Annotated[
        float,
        Field(
            gt=0, description="Greatest steel price used in accounts and decisions", json_schema_extra=_unit("USD/t")
        ),
    ] = 1000.0
    scrap_cap: Annotated[
        float,
        Field(
            gt=0, description="Greatest scrap price used in accounts and decisions", json_schema_extra=_unit("USD/t")
        ),
    ] = 560.0
    ore_cap: Annotated[
        float,
        Field(
            gt=0,
            description="Greatest ore price as a multiple of the dearest mine's landed cost",
            json_schema_extra=_unit("1"),
        ),
    ] = 1.5
    ore_reversion: Annotated[
        int,
        Field(
            ge=1,
            le=50,
            description="Years in which the expected ore price returns to cost",
            json_schema_extra=_unit("years"),
        ),
    ] = 12
    clearing_share: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Merit order: share of the cost curve beyond which scarcity is priced",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.95
    scarcity_premium: Annotated[
        float,
        Field(ge=0, description="Merit order: premium beyond the clearing share", json_schema_extra=_unit("USD/t")),
    ] = 200.0

    @field_validator("factors")
    @classmethod
    def _paths(cls, factors: dict[str, Path]) -> dict[str, Path]:
        return {commodity: _check_path(path) for commodity, path in factors.items()}


class Grid(_Group):
    """Emissions of grid power."""

    scenario: Annotated[str, Field(description="Grid scenario of the dataset")] = "reference"


class Carbon(_Group):
    """What emitting CO2 costs."""

    scenario: Annotated[str, Field(description="Carbon price scenario of the dataset")] = "current"
    paths: Annotated[
        dict[str, Path],
        Field(
            description="Carbon price by area (country, bloc, region or WORLD) in place of the dataset's",
            json_schema_extra=_unit("USD/tCO2"),
        ),
    ] = {}
    factor: Annotated[
        Path,
        Field(description="Multiplies every carbon price, whatever it comes from", json_schema_extra=_unit("1")),
    ] = 1.0
    priced: Annotated[
        Literal["scope1", "scope1_and_2"],
        Field(description="Emissions on which the carbon price is paid: on site, or also those of bought grid power"),
    ] = "scope1"
    free_allocation: Annotated[
        float,
        Field(ge=0, le=1, description="Multiplies the share of allowances given free", json_schema_extra=_unit("1")),
    ] = 1.0
    emission_caps: Annotated[bool, Field(description="Emission caps of the dataset are in force")] = True
    caps: Annotated[
        dict[str, Path],
        Field(
            description="Cap on scope 1 emissions by area, in place of the dataset's; "
            "a table of years is in force from its first year on",
            json_schema_extra=_unit("MtCO2/yr"),
        ),
    ] = {}
    cap_price_ceiling: Annotated[
        float,
        Field(
            gt=0,
            le=5000,
            description="Carbon price at which emissions beyond a cap are let go",
            json_schema_extra=_unit("USD/tCO2"),
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

    _factor = field_validator("factor")(_check_path)

    @field_validator("paths", "caps")
    @classmethod
    def _paths(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {area: _check_path(path) for area, path in paths.items()}


class Trade(_Group):
    """What crossing a border costs."""

    tariffs: Annotated[
        float, Field(ge=0, le=10, description="Multiplies every duty of the dataset", json_schema_extra=_unit("1"))
    ] = 1.0
    frictions: Annotated[
        float, Field(ge=0, le=10, description="Multiplies handling and border friction", json_schema_extra=_unit("1"))
    ] = 1.0
    freight: Annotated[
        float, Field(ge=0, le=10, description="Multiplies freight per km", json_schema_extra=_unit("1"))
    ] = 1.0
    bans: Annotated[bool, Field(description="Trade bans of the dataset are in force")] = True
    quotas: Annotated[bool, Field(description="Quotas of the dataset are in force")] = True
    duties: Annotated[
        dict[str, Path],
        Field(
            description="Share of the stated value that a flow pays on top of other duties, by flow such as "
            "'crude_steel to EU27' or 'scrap from CHN to NOT ASEAN'; "
            "a table of years is in force from its first year on",
            json_schema_extra=_unit("1"),
        ),
    ] = {}
    limits: Annotated[
        dict[str, Path],
        Field(
            description="Greatest amount of a flow (0: banned), by flow such as 'scrap from EU27' or "
            "'dri* to WORLD', each good by itself; a table of years is in force from its first year on",
            json_schema_extra=_unit("Mt/yr"),
        ),
    ] = {}

    @field_validator("duties", "limits")
    @classmethod
    def _paths(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {flow: _check_path(path) for flow, path in paths.items()}


class Support(_Group):
    """What the public pays towards steel, and what it taxes."""

    subsidies: Annotated[
        float,
        Field(
            ge=0,
            le=10,
            description="Multiplies every subsidy and tax of the dataset (0: none is in force)",
            json_schema_extra=_unit("1"),
        ),
    ] = 1.0
    capex: Annotated[
        dict[str, Path],
        Field(
            description="Share of the CAPEX of near-zero technologies that the public pays, by area, on top of the "
            "dataset's; a table of years is in force from its first year on",
            json_schema_extra=_unit("1"),
        ),
    ] = {}
    hydrogen: Annotated[
        dict[str, Path],
        Field(
            description="Paid per tonne of hydrogen that furnace groups use, by area, on top of the dataset's; "
            "a table of years is in force from its first year on",
            json_schema_extra=_unit("USD/t"),
        ),
    ] = {}
    risk_free_rate: Annotated[
        float,
        Field(
            ge=0,
            le=0.1,
            description="Real interest below which a subsidy cannot bring the cost of debt",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.02
    carbon_contracts: Annotated[
        bool, Field(description="Carbon contracts for difference of the dataset are in force")
    ] = True
    strike_factor: Annotated[
        float, Field(ge=0, le=10, description="Multiplies strike prices", json_schema_extra=_unit("1"))
    ] = 1.0

    @field_validator("capex", "hydrogen")
    @classmethod
    def _paths(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {area: _check_path(path) for area, path in paths.items()}


class TechnologyWindow(_Group):
    """When a technology may be built, and at what cost."""

    allowed: Annotated[bool, Field(description="New capacity of this technology may be built")] = True
    available_from: Annotated[
        int | None,
        Field(
            ge=1900, le=2200, description="First opening year (empty: the dataset's)", json_schema_extra=_unit("year")
        ),
    ] = None
    available_to: Annotated[
        int | None,
        Field(
            ge=1900,
            le=2200,
            description="Last year in which it is chosen (empty: no end)",
            json_schema_extra=_unit("year"),
        ),
    ] = None
    capex_factor: Annotated[
        Path, Field(description="Multiplies CAPEX and relining cost", json_schema_extra=_unit("1"))
    ] = 1.0

    _factor = field_validator("capex_factor")(_check_path)


class Finance(_Group):
    """How projects are paid."""

    equity_share: Annotated[
        float, Field(gt=0, le=1, description="Equity in an investment", json_schema_extra=_unit("1"))
    ] = 0.2
    cost_of_debt: Annotated[
        float, Field(ge=-0.05, le=0.2, description="Added to every cost of debt", json_schema_extra=_unit("1"))
    ] = 0.0
    cost_of_equity: Annotated[
        float, Field(ge=-0.05, le=0.2, description="Added to every cost of equity", json_schema_extra=_unit("1"))
    ] = 0.0
    construction: Annotated[
        int, Field(ge=1, le=10, description="Years from decision to opening", json_schema_extra=_unit("years"))
    ] = 4
    life: Annotated[
        int, Field(ge=5, le=40, description="Economic life and debt term", json_schema_extra=_unit("years"))
    ] = 20
    opening_treasury: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="Owners' treasury at the start as a share of replacement value",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.1
    treasury_cap: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="Greatest treasury as a share of replacement value; the rest is paid out",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.25


class Decisions(_Group):
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
            json_schema_extra=_unit("USD/t"),
        ),
    ] = 60.0
    midlife_window: Annotated[
        int,
        Field(
            ge=0,
            le=40,
            description="Last years of a campaign in which a switch is considered",
            json_schema_extra=_unit("years"),
        ),
    ] = 6
    extension_years: Annotated[
        int,
        Field(
            ge=0,
            le=20,
            description="Long life extension; half of it is the short one (0: none)",
            json_schema_extra=_unit("years"),
        ),
    ] = 8
    extension_cost: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Cost of the long extension as a share of relining; the short one costs half",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.4
    tightness: Annotated[
        float,
        Field(
            ge=0,
            le=20000,
            description="Expected price change per unit of committed utilisation off target",
            json_schema_extra=_unit("USD/t"),
        ),
    ] = 2000.0
    target_utilisation: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Use of committed steel capacity above which more is needed",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.8
    iron_target_utilisation: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Use of committed iron capacity above which more is needed",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.85
    metallics_need: Annotated[
        float,
        Field(
            gt=0,
            le=2,
            description="Iron and scrap needed per tonne of steel in the metallics gates",
            json_schema_extra=_unit("t/t"),
        ),
    ] = 1.1
    self_sufficiency: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="How far a country keeps its present share of own supply (0: world market only)",
            json_schema_extra=_unit("1"),
        ),
    ] = 1.0
    announced: Annotated[bool, Field(description="Announced plants are built in their stated year")] = False


class Limits(_Group):
    """What the world can build and supply in a year."""

    iron_switches: Annotated[
        float, Field(ge=0, description="Iron capacity that may switch a year", json_schema_extra=_unit("Mt/yr"))
    ] = 60.0
    steel_switches: Annotated[
        float, Field(ge=0, description="Steel capacity that may switch a year", json_schema_extra=_unit("Mt/yr"))
    ] = 60.0
    build_out: Annotated[
        float,
        Field(
            ge=0,
            description="Switches and expansions of steel capacity together a year",
            json_schema_extra=_unit("Mt/yr"),
        ),
    ] = 100.0
    growth_floor: Annotated[
        float,
        Field(
            ge=0,
            description="New capacity a year of a near-zero technology, always allowed",
            json_schema_extra=_unit("Mt/yr"),
        ),
    ] = 6.0
    growth_share: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="New capacity a year of a near-zero technology as a share of what is committed",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.4
    country_expansion: Annotated[
        float,
        Field(
            ge=0, le=1, description="Expansion a year as a share of a country's demand", json_schema_extra=_unit("1")
        ),
    ] = 0.08
    country_expansion_floor: Annotated[
        float, Field(ge=0, description="Expansion a year that every country may make", json_schema_extra=_unit("Mt/yr"))
    ] = 5.0
    co2_storage: Annotated[
        float, Field(ge=0, le=100, description="Multiplies CO2 storage", json_schema_extra=_unit("1"))
    ] = 1.0
    biomass: Annotated[
        float, Field(ge=0, le=100, description="Multiplies biomass supply", json_schema_extra=_unit("1"))
    ] = 1.0
    inputs: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            description="Multiplies the limits on inputs such as hydrogen or renewable power",
            json_schema_extra=_unit("1"),
        ),
    ] = 1.0
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


class Dispatch(_Group):
    """The yearly linear programme."""

    lost_load: Annotated[
        float, Field(ge=2000, description="Cost of demand that is not met", json_schema_extra=_unit("USD/t"))
    ] = 10000.0
    minimum_load_penalty: Annotated[
        float,
        Field(ge=0, le=1000, description="Take-or-pay penalty below minimum load", json_schema_extra=_unit("USD/t")),
    ] = 30.0
    cost_steps: Annotated[
        float,
        Field(ge=0, le=10, description="Multiplies the rising-cost steps (0: none)", json_schema_extra=_unit("1")),
    ] = 1.0
    labour_cost: Annotated[
        float,
        Field(
            ge=0, le=500, description="Labour and services at index 1 and weight 1", json_schema_extra=_unit("USD/t")
        ),
    ] = 30.0
    hot_link_distance: Annotated[
        float,
        Field(
            ge=0,
            le=200,
            description="Greatest distance over which hot metal moves between plants",
            json_schema_extra=_unit("km"),
        ),
    ] = 30.0


class Siting(_Group):
    """Where new plants could be founded on power and hydrogen of their own."""

    enabled: Annotated[bool, Field(description="Plants can be founded at the dataset's sites")] = False
    share: Annotated[
        float,
        Field(
            ge=0.5,
            le=0.99,
            description="Share of a plant's power that its own solar, wind and battery serve round the clock",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.85
    solar_cost: Annotated[
        Path, Field(description="Multiplies the cost of own solar power", json_schema_extra=_unit("1"))
    ] = 1.0
    wind_cost: Annotated[
        Path, Field(description="Multiplies the cost of own wind power", json_schema_extra=_unit("1"))
    ] = 1.0
    battery_cost: Annotated[
        Path, Field(description="Multiplies the cost of batteries", json_schema_extra=_unit("1"))
    ] = 1.0
    electrolyser_cost: Annotated[
        Path, Field(description="Multiplies the cost of electrolysers", json_schema_extra=_unit("1"))
    ] = 1.0
    deployment: Annotated[
        dict[str, Path],
        Field(
            description="World capacity ever built by kind of plant (solar, wind, battery in GWh, electrolyser), in "
            "place of what the dataset's costs expect: costs fall by the learning rate with every doubling beyond that",
            json_schema_extra=_unit("GW"),
        ),
    ] = {}
    solar_learning: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share by which solar power gets cheaper with every doubling of its deployment",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.23
    wind_learning: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share by which wind power gets cheaper with every doubling of its deployment",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.12
    battery_learning: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share by which batteries get cheaper with every doubling of their deployment",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.16
    electrolyser_learning: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="Share by which electrolysers get cheaper with every doubling of their deployment",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.18
    hydrogen_quantile: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Nobody in a region pays more for hydrogen than this share of its sites needs to make it",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.2
    pipeline_cost: Annotated[
        float,
        Field(ge=0, le=5, description="Hydrogen pipeline, per 1,000 km", json_schema_extra=_unit("USD/kg")),
    ] = 0.2
    pipeline_reach: Annotated[
        float,
        Field(
            ge=0,
            le=20000,
            description="Greatest length of a pipeline from a neighbouring region (0: none)",
            json_schema_extra=_unit("km"),
        ),
    ] = 4000.0
    candidates: Annotated[
        int,
        Field(
            ge=1,
            le=1000,
            description="Sites looked at a year for steel, and as many for iron",
            json_schema_extra=_unit("1"),
        ),
    ] = 20
    per_country: Annotated[
        int,
        Field(ge=1, le=1000, description="Sites of one country among those looked at", json_schema_extra=_unit("1")),
    ] = 2
    projects: Annotated[
        int,
        Field(
            ge=0,
            le=1000,
            description="Projects taken up a year for steel, and as many for iron",
            json_schema_extra=_unit("1"),
        ),
    ] = 5
    consideration: Annotated[
        int,
        Field(
            ge=1,
            le=10,
            description="Years in which a project must be worth its cost before it is announced",
            json_schema_extra=_unit("years"),
        ),
    ] = 3
    announcing: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Chance a year that a project that has proved its worth is announced (certain in "
            "deterministic mode)",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.7
    starting: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            description="Chance a year that the building of an announced project starts (certain in "
            "deterministic mode)",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.9
    build_out: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            description="Steel founded at sites a year, and as much iron, as a share of the build-out limit",
            json_schema_extra=_unit("1"),
        ),
    ] = 0.4
    only_needed: Annotated[
        bool,
        Field(
            description="Building starts only while steel (in the country or the world) or iron and scrap fall short"
        ),
    ] = True

    _factors = field_validator("solar_cost", "wind_cost", "battery_cost", "electrolyser_cost")(_check_path)

    @field_validator("deployment")
    @classmethod
    def _deployed(cls, paths: dict[str, Path]) -> dict[str, Path]:
        return {part: _above_zero(path, "a deployment") for part, path in paths.items()}


class Scenario(_Group):
    """One question put to the model."""

    name: Annotated[str, Field(min_length=1, max_length=80, description="Name")] = "reference"
    description: Annotated[str, Field(max_length=2000, description="What this scenario asks")] = ""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="Seed of all random draws")] = 1
    period: Period = Period()
    demand: Demand = Demand()
    scrap: Scrap = Scrap()
    prices: Prices = Prices()
    grid: Grid = Grid()
    carbon: Carbon = Carbon()
    trade: Trade = Trade()
    support: Support = Support()
    technologies: Annotated[dict[str, TechnologyWindow], Field(description="Windows and costs by technology")] = {}
    finance: Finance = Finance()
    decisions: Decisions = Decisions()
    limits: Limits = Limits()
    dispatch: Dispatch = Dispatch()
    siting: Siting = Siting()

    @property
    def years(self) -> range:
        """The simulated years."""
        return range(self.period.start, self.period.end + 1)
