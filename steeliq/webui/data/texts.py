"""What each table of a dataset is about, in a sentence, and the groups in which a person looks for it."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Places": {
        "countries": "Countries, their region, landmass and centre",
        "blocs": "Groups of countries that policies name",
        "country_factors": "Usable share of capacity, labour cost index and CAPEX factor by country",
        "sites": "Places where a plant could be founded, with their sun and wind",
        "site_ground": "Slope, free land and way to a railway at sites, as far as they are known",
        "site_hours": "Real hours of sun and wind at sites, in place of made-up ones",
    },
    "Plants": {
        "plants": "Works: place and owner",
        "furnace_groups": "Units of a works: technology, capacity, status and campaign",
        "hot_links": "Pairs of works between which hot metal can travel",
    },
    "Technologies and recipes": {
        "commodities": "What is made, used and traded, with its iron and carbon",
        "technologies": "Process steps with availability, campaign and learning",
        "technology_costs": "Capital, relining, fixed and conversion costs",
        "recipes": "Options of charge and reductant of each technology",
        "bill_of_materials": "What each option takes and gives per tonne of product",
        "charge_groups": "Charges that share a limit",
        "charge_limits": "Least and greatest share of a charge",
        "routes": "Whole chains that a site can choose",
        "route_options": "Options that make up a route",
        "transitions": "Which route may replace which",
        "technology_bans": "Where no new capacity may be decided",
        "cost_steps": "Rising cost of the last share of capacity",
    },
    "Demand, scrap and ore": {
        "steel_demand": "Crude steel demand by country and scenario",
        "low_carbon_demand": "Willingness to pay for low-carbon steel",
        "scrap_supply": "Scrap that can be collected",
        "steel_end_uses": "What steel is used in, for how long, and what of it comes back",
        "steel_use_history": "Crude steel used in the past by country",
        "scrap_tiers": "Rising cost of collecting scrap",
        "mines": "Iron ore mines or tiers of them",
        "ore_supply": "Grades and costs of a mine's ore",
        "biomass_supply": "Biogenic carbon for steel",
    },
    "Prices, energy and finance": {
        "prices": "Prices of bought commodities",
        "grid_intensity": "Emissions of grid power",
        "own_energy": "What solar, wind, batteries and electrolysers of one's own cost and do",
        "cost_of_capital": "Real cost of debt and equity",
    },
    "Policies": {
        "carbon_prices": "Carbon prices by area and scenario",
        "free_allocation": "Allowances given free",
        "border_adjustments": "Phase-in of carbon border charges",
        "tariffs": "Duties and bans of trade",
        "quotas": "Greatest flows of trade",
        "subsidies": "Subsidies and taxes by area and technology",
        "carbon_contracts": "Carbon contracts for difference",
        "tariff_rate_quotas": "Duties beyond a quota",
        "emission_caps": "Caps on emissions",
        "input_limits": "Limits on inputs such as hydrogen",
        "input_limit_goods": "Which inputs count towards a limit",
        "co2_storage": "CO2 that can have been stored by a year",
    },
    "Trade": {
        "transport_costs": "Freight, handling and emissions of transport",
        "distances": "Sea and land distances between countries",
    },
    "Reporting": {
        "boundaries": "Reporting boundaries of emissions",
        "statistics": "Reported production, for comparison only",
        "sources": "Where every row comes from, with licence",
    },
}


def about(table: str) -> str:
    """The table in a sentence."""
    return next((tables[table] for tables in GROUPS.values() if table in tables), "")
