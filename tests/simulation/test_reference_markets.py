"""The market and policy tables of the embedded dataset: totals, coverage, and rules that no row may break."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import steeliq

FOLDER = Path(steeliq.__file__).parent / "reference" / "dataset"
PATHS = {  # table: the columns that tell one series from another
    "steel_demand": ["scenario", "country"],
    "scrap_supply": ["scenario", "country"],
    "prices": ["scenario", "commodity", "area"],
    "grid_intensity": ["scenario", "area"],
    "carbon_prices": ["scenario", "area"],
    "free_allocation": ["area", "product"],
    "border_adjustments": ["bloc", "commodity"],
    "co2_storage": ["area"],
    "biomass_supply": ["area", "commodity"],
}
OTHERS = ("scrap_tiers", "mines", "ore_supply", "cost_of_capital", "tariffs", "quotas")
AREA_COLUMNS = ("area", "bloc", "importer", "exporter")


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", keep_default_na=False, na_values=[""])


@cache
def regions() -> dict[str, str]:
    known = table("countries")
    return dict(zip(known["country"], known["region"], strict=True))


@cache
def members(area: str) -> frozenset[str]:
    """Countries of an area as the dataset defines it."""
    if area.startswith("NOT "):
        return frozenset(regions()) - members(area.removeprefix("NOT "))
    if area == "WORLD":
        return frozenset(regions())
    if area in regions():
        return frozenset({area})
    blocs = table("blocs")
    inside = set(blocs.loc[blocs["bloc"] == area, "country"])
    return frozenset(inside | {c for c, region in regions().items() if region == area})


def world(name: str, value: str, scenario: str, year: int) -> float:
    rows = table(name)
    return float(rows.loc[(rows["scenario"] == scenario) & (rows["year"] == year), value].sum()) / 1e6


def value(name: str, column: str, year: int, **keys: str) -> float:
    rows = table(name)
    for key, wanted in keys.items():
        rows = rows[rows[key] == wanted]
    assert len(rows), f"{name} has no row for {keys}"
    return float(np.interp(year, rows["year"], rows[column]))


def test_demand_of_2024_is_what_the_world_made() -> None:
    for scenario in ("bau", "high_circularity"):
        assert world("steel_demand", "demand", scenario, 2024) == pytest.approx(1884.6, abs=0.1)


def test_demand_grows_with_the_regional_paths() -> None:
    assert world("steel_demand", "demand", "bau", 2030) == pytest.approx(1992, abs=3)
    assert world("steel_demand", "demand", "bau", 2050) == pytest.approx(2315, abs=5)
    assert world("steel_demand", "demand", "high_circularity", 2050) < 1500
    # the regional growth itself, from the published paths: India 156.4 to 444.6 Mt, China 993.4 to 752.0 Mt
    for country, growth in (("IND", 444.6 / 156.4), ("CHN", 752.0 / 993.4)):
        now, then = (value("steel_demand", "demand", year, scenario="bau", country=country) for year in (2024, 2050))
        assert then == pytest.approx(now * growth, rel=1e-4)


@pytest.mark.parametrize(("country", "net_export"), [("CHN", 108), ("JPN", 21), ("USA", -23), ("THA", -14)])
def test_known_net_exports_survive_the_balancing(country: str, net_export: float) -> None:
    made = value("statistics", "value", 2024, indicator="crude_steel", country=country)
    used = value("steel_demand", "demand", 2024, scenario="bau", country=country)
    assert (made - used) / 1e6 == pytest.approx(net_export, abs=0.05)


def test_every_country_has_demand_and_scrap_rows() -> None:
    for name in ("steel_demand", "scrap_supply"):
        rows = table(name)
        for scenario in ("bau", "high_circularity"):
            assert set(rows.loc[rows["scenario"] == scenario, "country"]) == set(regions())


def test_usable_scrap() -> None:
    usable = table("scrap_tiers")["share"].sum()
    assert usable == pytest.approx(0.92)
    assert 600 < usable * world("scrap_supply", "supply", "bau", 2024) < 675
    assert usable * world("scrap_supply", "supply", "bau", 2050) == pytest.approx(1226, rel=0.01)
    assert table("scrap_tiers")["cost"].is_monotonic_increasing


def test_ore_covers_the_need_of_2024_but_not_lavishly() -> None:
    mines = table("mines")
    total = mines["capacity"].sum() / 1e6
    assert 2118 < total < 2118 * 1.15
    australia = mines.loc[mines["country"] == "AUS", "capacity"].sum() / 1e6
    assert australia == pytest.approx(930 * 0.93, rel=1e-3)


def test_ore_cost_rises_by_tier_and_grade() -> None:
    supply = table("ore_supply").merge(table("mines")[["mine", "country"]], on="mine")
    plain = supply[supply["commodity"] == "iron_ore"].sort_values("mine")
    assert (plain.groupby("country")["cost"].diff().dropna() > 0).all()
    graded = supply[supply["commodity"] == "dr_ore"].merge(plain[["mine", "cost"]], on="mine", suffixes=("", "_plain"))
    assert (graded["cost"] > graded["cost_plain"]).all()
    assert (graded.groupby("mine")["share"].sum() <= 1.0).all()
    native = graded[graded["tier"] == 1].merge(table("mines")[["mine", "capacity"]], on="mine")
    assert 270 < (native["share"] * native["capacity"]).sum() / 1e6 < 330


def test_marginal_ore_landed_in_china_is_near_the_price_of_2024() -> None:
    """Merit order of all mines by cost landed in China at the world's need; the quoted price of 2024 is 109.4 USD/t."""
    ore = table("ore_supply").merge(table("mines")[["mine", "country", "capacity"]], on="mine")
    ore = ore[ore["commodity"] == "iron_ore"]
    freight = table("transport_costs").set_index("transport").loc["ore"]
    pairs = table("distances")
    to_china = pd.concat(
        [
            pairs[pairs["origin"] == "CHN"].rename(columns={"destination": "country"}),
            pairs[pairs["destination"] == "CHN"].rename(columns={"origin": "country"}),
        ]
    ).set_index("country")
    way = np.fmin(to_china["sea"] * freight["sea"], to_china["land"] * freight["land"]) + freight["handling"]
    landed = ore["cost"] + ore["country"].map(way).fillna(0.0)
    order = ore.assign(landed=landed).sort_values("landed")
    marginal = float(order.loc[order["capacity"].cumsum() >= 2118e6, "landed"].iloc[0])
    assert 95 < marginal < 125


def test_bought_commodities_have_a_world_price() -> None:
    commodities = table("commodities")
    bought = set(commodities.loc[commodities["kind"] == "bought", "commodity"])
    prices = table("prices")
    assert bought <= set(prices.loc[(prices["scenario"] == "reference") & (prices["area"] == "WORLD"), "commodity"])
    assert set(prices["commodity"]) <= bought
    assert (prices["price"] > 0).all()


def price_2024(commodity: str, area: str) -> float:
    return value("prices", "price", 2024, scenario="reference", commodity=commodity, area=area)


def test_price_levels_of_2024() -> None:
    assert price_2024("coking_coal", "AUS") == pytest.approx(242)
    assert price_2024("natural_gas", "NAFTA") < 5
    assert 10 < price_2024("natural_gas", "Europe") < 13
    assert 60 < price_2024("electricity", "USA") < 80


def test_reference_hydrogen_is_the_mean_of_both_supplies() -> None:
    rows = table("prices")
    wide = rows[rows["commodity"] == "hydrogen"].pivot(index=["area", "year"], columns="scenario", values="price")
    assert not wide.isna().to_numpy().any()
    assert (wide["dedicated"] < wide["grid"]).all()
    np.testing.assert_allclose(wide["reference"], (wide["dedicated"] + wide["grid"]) / 2, atol=0.01)


def test_grid_power_covers_every_country() -> None:
    rows = table("grid_intensity")
    wide = rows.pivot(index=["area", "year"], columns="scenario", values="intensity")
    assert {"WORLD", *regions().values()} <= set(rows["area"])
    assert set(regions()) <= set(rows["area"])
    assert (wide["decarbonised"] <= wide["reference"] + 1e-9).all()
    china = value("grid_intensity", "intensity", 2024, scenario="reference", area="CHN")
    assert china == pytest.approx(0.5575, abs=1e-3)


def test_carbon_price_scenarios() -> None:
    rows = table("carbon_prices")
    assert set(rows["scenario"]) == {"current", "none", "uniform_100", "uniform_200", "net_zero"}
    assert (rows.loc[rows["scenario"] == "none", "price"] == 0).all()
    for scenario, target in (("uniform_100", 100), ("uniform_200", 200)):
        last = rows[(rows["scenario"] == scenario) & (rows["year"] == 2050)]
        assert (last["price"] == target).all()
    assert (rows[rows["scenario"] == "net_zero"].query("year == 2050")["price"] >= 200).all()
    for scenario in set(rows["scenario"]):
        assert "WORLD" in set(rows.loc[rows["scenario"] == scenario, "area"])


def test_only_stated_years_of_the_net_zero_prices_are_better_than_estimates() -> None:
    rows = table("carbon_prices").query("scenario == 'net_zero' and source == 'iea-gec-model-2023'")
    assert set(rows.loc[rows["quality"] != "E", "year"]) == {2030, 2040, 2050}
    assert set(rows.loc[rows["quality"] == "E", "year"]) == {2035, 2045}


def test_the_net_zero_prices_give_the_world_means_that_others_took_from_the_same_table() -> None:
    """WITNESS (os-climate): GDP-weighted means of the agency's four groups; the two without pledges weigh the same."""
    rows = table("carbon_prices").query("scenario == 'net_zero'")
    prices = {area: rows[rows["area"] == area].set_index("year")["price"] for area in ("USA", "CHN")}
    unpledged = {2030: 25 + 15, 2040: 85 + 35, 2050: 180 + 55}
    table_of = np.array([[prices["USA"][year], prices["CHN"][year], unpledged[year]] for year in unpledged])
    shares = np.linalg.solve(table_of, [111.5, 175.3, 220.1])
    assert (shares > 0).all()
    assert shares @ [1, 1, 2] == pytest.approx(1, abs=2e-3)


def test_what_is_not_free_is_charged_at_the_border() -> None:
    free = table("free_allocation")
    free = free[free["product"] == "hot_metal"]
    border = table("border_adjustments")
    for bloc, years in (("EU27", range(2026, 2035)), ("GBR", range(2027, 2036))):
        for year in years:
            share = free[(free["area"] == bloc) & (free["year"] == year)]["share"].item()
            charged = border[(border["bloc"] == bloc) & (border["year"] == year)]["share"]
            assert len(charged) > 0
            np.testing.assert_allclose(charged, 1 - share, atol=1e-6)
        assert share == 0


def test_an_integrated_site_gets_what_the_law_gives_it() -> None:
    """Benchmarks 2021-2025 of hot metal, sinter and coke at 1.166 t of sinter and 0.4 t of coke per t of hot metal."""
    hot_metal = value("free_allocation", "benchmark", 2025, area="EU27", product="hot_metal")
    steel = value("free_allocation", "benchmark", 2025, area="EU27", product="crude_steel")
    assert 0.92 * hot_metal + steel == pytest.approx(0.92 * (1.288 + 1.166 * 0.157 + 0.40 * 0.217), abs=1e-3)


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2035, 2050])
def test_no_pair_pays_two_duties(year: int) -> None:
    rows = table("tariffs")
    rows = rows[(rows["start"] <= year) & (rows["end"] >= year) & ((rows["ad_valorem"] > 0) | (rows["specific"] > 0))]
    paid: set[tuple[str, str, str]] = set()
    for row in rows.itertuples(index=False):
        for importer in members(str(row.importer)):
            for exporter in members(str(row.exporter)) - {importer}:
                key = (importer, exporter, str(row.commodity))
                assert key not in paid, f"{key} pays twice in {year}"
                paid.add(key)
    assert ("FRA", "CHN", "crude_steel") in paid
    assert not any(i in members("EU27") and e in members("EU27") for i, e, _ in paid)


def test_us_duties_by_year() -> None:
    rows = table("tariffs")

    def rate(exporter: str, year: int) -> float:
        hit = rows[(rows["importer"] == "USA") & (rows["start"] <= year) & (rows["end"] >= year)]
        return sum(float(str(r.ad_valorem)) for r in hit.itertuples() if exporter in members(str(r.exporter)))

    assert rate("CHN", 2024) == 0.25
    assert rate("CAN", 2024) == 0
    assert rate("CAN", 2026) == 0.50
    assert rate("GBR", 2026) == 0.25


def test_bans_and_quotas() -> None:
    rows = table("tariffs")
    bans = rows[rows["banned"].astype(str).str.lower() == "true"]
    barred = {(i, e) for r in bans.itertuples() for i in members(str(r.importer)) for e in members(str(r.exporter))}
    assert ("DEU", "RUS") in barred
    assert {("CHN", "PRK"), ("USA", "PRK")} <= barred
    assert ("CHN", "RUS") not in barred
    assert (table("quotas")["quantity"] > 0).all()


def test_exempt_exporters_to_the_us_had_quotas_until_2024() -> None:
    """Without them one homogeneous steel would send all of Japan's surplus there, duty-free."""
    rows = table("quotas")
    rows = rows[(rows["importer"] == "USA") & (rows["end"] == 2024)].set_index("exporter")

    assert set(rows.index) == {"ARG", "BRA", "EU27", "GBR", "JPN", "KOR"}
    assert rows.loc["JPN", "quantity"] == 1.25e6
    assert rows.loc["EU27", "quantity"] == 3.3e6


def test_southeast_asia_trades_almost_freely_with_china() -> None:
    duties = table("tariffs").query("ad_valorem > 0").set_index("importer")["ad_valorem"]

    assert all(duties[country] == 0.02 for country in ("IDN", "MYS", "PHL", "THA", "VNM"))


def test_co2_storage_grows_to_the_published_total() -> None:
    rows = table("co2_storage").sort_values(["area", "year"])
    assert (rows.groupby("area")["cumulative"].diff().dropna() > 0).all()
    assert set(rows["area"]) == set(regions().values())
    assert rows.loc[rows["year"] == 2050, "cumulative"].sum() / 1e6 == pytest.approx(77740, abs=1)


def test_cost_of_capital_is_plausible() -> None:
    rows = table("cost_of_capital")
    base = rows[rows["area"] == "WORLD"]
    assert (base["cost_of_debt"].item(), base["cost_of_equity"].item()) == (0.05, 0.10)
    assert (rows["cost_of_equity"] > rows["cost_of_debt"]).all()
    assert rows["cost_of_equity"].between(0.08, 0.20).all()


@pytest.mark.parametrize("name", sorted(PATHS))
def test_series_start_in_time_and_have_no_wide_gap(name: str) -> None:
    rows = table(name)
    years = rows.sort_values("year").groupby(PATHS[name])["year"]
    assert (years.min() <= 2025).all()
    assert (years.diff().dropna() <= 10).all()
    assert not rows.duplicated([*PATHS[name], "year"]).any()


@pytest.mark.parametrize("name", sorted([*PATHS, *OTHERS]))
def test_areas_sources_and_marks_resolve(name: str) -> None:
    rows = table(name)
    assert set(rows["source"]) <= set(table("sources")["source"])
    assert set(rows["quality"]) <= set("ABCDE") - {"D"}
    assert not rows.isna().to_numpy().any()
    for column in set(AREA_COLUMNS) & set(rows.columns):
        unknown = [area for area in rows[column].unique() if not members(str(area))]
        assert not unknown, f"{name}.{column} names areas without a country: {unknown}"
    if "country" in rows.columns:
        assert set(rows["country"]) <= set(regions())


def test_named_commodities_exist() -> None:
    known = set(table("commodities")["commodity"])
    for name in ("prices", "tariffs", "quotas", "border_adjustments", "biomass_supply", "ore_supply"):
        assert set(table(name)["commodity"]) <= known, name
    assert set(table("free_allocation")["product"]) <= known
